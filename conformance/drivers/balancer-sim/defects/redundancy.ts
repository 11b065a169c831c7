/** Pairs of server switches of which one does what it must not, and pairs that are right. */
import { arp, build, ether, layer, mac, parse, type MacAddress } from 'scapy-ts';
import type { Service } from '../../../../reference/balancer/config.ts';
import type { Process, ProcessEffect } from '../../../../reference/sim/network/process.ts';
import { SERVER_HOSTS } from '../../virtual-bed/hosts.ts';
import type { BalancerAlteration } from '../balancer-sim.ts';
import type { Place } from '../reference.ts';
import type { SwitchAlteration } from '../switches.ts';
import { VIRTUAL } from './around.ts';
import type { BalancerDefect } from './defect.ts';

const NS_PER_S = 1e9;
/** Two intervals more than there may be without a word. */
const DEAF_NS = 6 * NS_PER_S;
const ADVERT_FIRST_OCTET = 0x01;
const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const OWN_MACS: Readonly<Record<Place, MacAddress>> = {
  1: mac('02:00:00:00:00:01'),
  2: mac('02:00:00:00:00:02'),
};

type Wrapped = NonNullable<SwitchAlteration['wrap']>;

/** Only what is at `place` is another. */
function at(wanted: Place, wrap: (process: Process) => Process): Wrapped {
  return (place) => (place === wanted ? wrap : (process): Process => process);
}

/** What the second one is told of services. */
function secondAs(edit: (service: Service) => Service): NonNullable<SwitchAlteration['options']> {
  return (options, place) =>
    place === 1 ? options : { ...options, services: options.services.map(edit) };
}

function isAdvert(frame: Uint8Array): boolean {
  return frame[0] === ADVERT_FIRST_OCTET;
}

function isAnnouncement(frame: Uint8Array): boolean {
  const message = layer(parse(frame).layers, 'arp');
  return message !== undefined && message.senderIp === message.targetIp;
}

/** Says to all that it has the virtual address. */
function announcement(from: MacAddress): ProcessEffect {
  const message = arp({ operation: 1, senderMac: from, senderIp: VIRTUAL, targetIp: VIRTUAL });
  return { kind: 'frame', port: 0, octets: build([ether({ src: from, dst: BROADCAST }), message]) };
}

/** Answers who asks for the virtual address, active or not. */
function answering(process: Process): Process {
  return {
    nextAtNs: process.nextAtNs,
    step(event, nowNs) {
      const effects = process.step(event, nowNs);
      const frame = event.kind === 'frame' ? event.octets : undefined;
      const asked = frame === undefined ? undefined : layer(parse(frame).layers, 'arp');
      if (asked?.operation !== 1 || asked.targetIp !== VIRTUAL || asked.senderIp === VIRTUAL) {
        return effects;
      }
      const { senderMac: targetMac, senderIp: targetIp } = asked;
      const own = { senderMac: OWN_MACS[2], senderIp: VIRTUAL };
      const octets = build([
        ether({ src: OWN_MACS[2], dst: targetMac }),
        arp({ operation: 2, ...own, targetMac, targetIp }),
      ]);
      return [{ kind: 'frame', port: 0, octets }];
    },
  };
}

function withoutAnnouncements(process: Process): Process {
  return {
    nextAtNs: process.nextAtNs,
    step: (event, nowNs) =>
      process.step(event, nowNs).filter((each) => {
        return each.kind !== 'frame' || !isAnnouncement(each.octets);
      }),
  };
}

/** Hears nothing of the other. */
function deafToAdverts(process: Process): Process {
  return {
    nextAtNs: process.nextAtNs,
    step: (event, nowNs) => {
      const isHeard = event.kind !== 'frame' || !isAdvert(event.octets);
      return process.step(isHeard ? event : { kind: 'tick' }, nowNs);
    },
  };
}

/** Sleeps for a while after each word of the other. */
function sleepy(process: Process): Process {
  let heardNs = -DEAF_NS;
  return {
    nextAtNs(): number | undefined {
      const nextNs = process.nextAtNs();
      return nextNs === undefined ? undefined : Math.max(nextNs, heardNs + DEAF_NS);
    },
    step(event, nowNs): readonly ProcessEffect[] {
      const isWord = event.kind === 'frame' && isAdvert(event.octets);
      if (isWord) heardNs = nowNs;
      return isWord || nowNs >= heardNs + DEAF_NS ? process.step(event, nowNs) : [];
    },
  };
}

/** Says that it has the address when it starts. */
function forward(process: Process): Process {
  let isNew = true;
  return {
    nextAtNs: process.nextAtNs,
    step(event, nowNs) {
      const effects = process.step(event, nowNs);
      const said = isNew ? [announcement(OWN_MACS[2])] : [];
      isNew = false;
      return [...effects, ...said];
    },
  };
}

const [FIRST_SERVER] = SERVER_HOSTS;

function keepingFirst(service: Service): Service {
  const [like] = service.servers;
  const isThere = service.servers.some(({ name }) => name === FIRST_SERVER?.name);
  const isAlone = service.servers.length === 1;
  if (like === undefined || FIRST_SERVER === undefined || isThere || isAlone) return service;
  const { name, address, mac: own } = FIRST_SERVER;
  return { ...service, servers: [{ ...like, name, address, mac: own }, ...service.servers] };
}

const withOwnMacs: NonNullable<SwitchAlteration['options']> = (options, place) => ({
  ...options,
  mac: options.redundancy === undefined ? options.mac : OWN_MACS[place],
});

const staying: NonNullable<SwitchAlteration['options']> = (options) => {
  const { redundancy } = options;
  return redundancy === undefined
    ? options
    : { ...options, redundancy: { ...redundancy, preempts: false } };
};

/** What is wrong with one of two. */
export const REDUNDANCY_DEFECTS: readonly BalancerDefect[] = [
  {
    name: 'chooses-for-itself',
    sentence: 'The second has the servers in another order than the first.',
    breaks: 'PRISM-HA-02',
    options: secondAs((each) => ({ ...each, servers: each.servers.toReversed() })),
  },
  {
    name: 'loses-what-it-keeps',
    sentence: 'Open connections are lost at a takeover, and declared to be kept.',
    breaks: 'PRISM-HA-02',
    choices: { takeover: 'keep' },
  },
  {
    name: 'answers-on-standby',
    sentence: 'The second answers for the virtual address all the time.',
    breaks: 'PRISM-HA-03',
    wrap: at(2, answering),
  },
  {
    name: 'takes-over-in-silence',
    sentence: 'Nobody says that he has taken over.',
    breaks: 'PRISM-HA-03',
    wrap: () => withoutAnnouncements,
  },
  {
    name: 'takes-over-late',
    sentence: 'The second needs six intervals to find out that the first is lost.',
    breaks: 'PRISM-HA-03',
    wrap: at(2, sleepy),
  },
  {
    name: 'takes-over-from-the-living',
    sentence: 'The second does not hear that the first is there.',
    breaks: 'PRISM-HA-03',
    wrap: at(2, deafToAdverts),
  },
  {
    name: 'forgets-an-address',
    sentence: 'The second has the first virtual address alone.',
    breaks: 'PRISM-HA-03',
    options: (options, place) =>
      place === 1 ? options : { ...options, services: options.services.slice(0, 1) },
  },
  {
    name: 'begins-with-a-lie',
    sentence: 'The second says when it starts that it has the virtual address.',
    breaks: 'PRISM-HA-03',
    wrap: at(2, forward),
  },
  {
    name: 'stays-away',
    sentence: 'The first does not preempt, and declares that it does.',
    breaks: 'PRISM-HA-03',
    options: staying,
  },
  {
    name: 'comes-back',
    sentence: 'The first preempts, and declares that it does not.',
    breaks: 'PRISM-HA-03',
    options: withOwnMacs,
    choices: { preempts: false },
  },
  {
    name: 'keeps-the-first-server',
    sentence: 'The second has a server that was taken away.',
    breaks: 'PRISM-HA-05',
    options: secondAs(keepingFirst),
  },
  {
    name: 'misses-a-server',
    sentence: 'The second never hears of the fourth server.',
    breaks: 'PRISM-HA-05',
    options: secondAs((each) => {
      const others = each.servers.filter(({ name }) => name !== 's4');
      return others.length === 0 ? each : { ...each, servers: others };
    }),
  },
];

/** Pairs that are right in another way than the reference. */
export const REDUNDANCY_VARIATIONS: readonly (BalancerAlteration & { readonly name: string })[] = [
  { name: 'with-own-addresses', options: withOwnMacs },
  {
    name: 'stays-with-the-second',
    options: (options, place) => staying(withOwnMacs(options, place), place),
    choices: { preempts: false },
  },
  {
    name: 'stays-unseen',
    options: staying,
    choices: { preempts: false },
  },
  {
    name: 'goes-on-by-hash',
    options(options) {
      const isHash = options.services.every(({ policy }) => policy.policy.endsWith('-hash'));
      return isHash ? { ...options, strays: 'hash' } : options;
    },
    choices: { takeover: 'keep' },
  },
];
