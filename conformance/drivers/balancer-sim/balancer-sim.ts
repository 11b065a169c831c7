/**
 * The reference server switch in virtual time as a target: its clients, its servers, and the
 * Ethernet between them. Together with its parts in this folder it is the judge's door to it.
 */
import { arp, build, ether, ETHER_TYPE, ipv4Address, raw } from 'scapy-ts';
import type { BalancerOptions } from '../../../reference/balancer/config.ts';
import type { Sighting } from '../../../reference/sim/network/link.ts';
import type { Process } from '../../../reference/sim/network/process.ts';
import { createRandom, drawBelow, drawUint32 } from '../../../reference/sim/network/random.ts';
import {
  act,
  at,
  createWorld,
  lay,
  run,
  start,
  type World,
} from '../../../reference/sim/network/world.ts';
import type { Capability } from '../../catalogue/capability.ts';
import { SERVERS } from '../../driver/balancer.ts';
import type {
  Balancer,
  BalancerHello,
  BalancerObservation,
  BalancerProfile,
  BalancerStory,
  CapturedFrame,
  Happening,
  HostName,
  Served,
  Setup,
} from '../../driver/balancer.ts';
import { DriverFault, NotSupported } from '../../driver/device.ts';
import {
  BALANCER_MAC,
  BALANCER_PORT,
  clientHost,
  createEthernet,
  SERVER_HOSTS,
  type BedHost,
} from './bed.ts';
import { createClient, createClientProcess, type Client } from './clients.ts';
import { createReference, optionsOf, type ReferenceProcess } from './reference.ts';
import { createServerProcess } from './server.ts';

const NS_PER_MS = 1e6;
/** All must have been still for so long. */
const CALM_MS = 2000;
const BALANCER = 'switch';
const ETHERNET = 'ethernet';
const HALF_OPEN_MAX = 64;
/** A connection may be silent for hours. */
const LIMITS = { events: 1_000_000, virtualNs: 86_400e9 };

const CLAIMS: readonly Capability[] = ['NAT', 'DSR', 'IPIP', 'ACL'];

const CHOICES: BalancerProfile = {
  hops: 1,
  tunnelHops: 0,
  strays: 'reset',
  refusal: 'reset',
  departed: 'reset',
  fragments: 'follow',
  ipOptions: 'drop',
  establishedSeconds: 7440,
  halfOpenMax: HALF_OPEN_MAX,
};

/** What makes of the reference another server switch. */
export interface BalancerAlteration {
  /** Called for each story, so that what it remembers is of that story alone. */
  readonly wrap?: () => (process: Process) => Process;
  /** What is done to its configuration. */
  readonly options?: (options: BalancerOptions) => BalancerOptions;
  /** What it declares in another way than the reference. */
  readonly choices?: Partial<BalancerProfile>;
  /** What it declares that it can do; all when left out. */
  readonly claims?: readonly Capability[];
}

function helloWith({ choices, claims = CLAIMS }: BalancerAlteration): BalancerHello {
  return {
    protocol: 'prism-dut/1',
    name: 'balancer-sim',
    vendor: 'prismspec',
    version: '1',
    ports: {},
    mtu: 1500,
    capabilities: claims,
    profile: {
      lock: 'drop',
      ttl: 'decrement',
      capacity: 0,
      holdFrames: 0,
      idleSeconds: 0,
      leaseMs: 0,
    },
    barrier: 'none',
    clock: 'virtual',
    choices: { ...CHOICES, ...choices },
  };
}

interface Stage {
  readonly world: World;
  readonly hosts: readonly BedHost[];
  readonly clients: readonly Client[];
  readonly reference: ReferenceProcess;
  readonly options: (setup: Setup) => BalancerOptions;
  readonly setups: (string | undefined)[];
  readonly served: Served[];
}

/** The frame as the capture at a host has it; undefined if it is at none. */
function captured(
  { what, from, to, octets, atNs }: Sighting,
  names: ReadonlyMap<string, HostName>,
): CapturedFrame | undefined {
  const place = { sent: from, arrived: to, lost: '' }[what];
  const host = names.get(place);
  if (host === undefined) return undefined;
  const direction = what === 'sent' ? 'sent' : 'received';
  return { host, direction, atMs: atNs / NS_PER_MS, octets: octets.slice() };
}

/** The servers, and every client that a story speaks of. */
function hostsOf({ visitors, happenings }: BalancerStory): readonly BedHost[] {
  const speaking = happenings.flatMap((each) =>
    each.kind === 'packet' || each.kind === 'ask'
      ? (/^client (?<number>\d+)$/u.exec(each.from)?.[1] ?? [])
      : [],
  );
  const numbers = new Set([...visitors.map(({ client }) => client), ...speaking.map(Number)]);
  return [...SERVER_HOSTS, ...[...numbers].map(clientHost)];
}

function stage(
  story: BalancerStory,
  { wrap, options = (told) => told }: BalancerAlteration,
  frames: CapturedFrame[],
): Stage {
  const { seed, visitors, setup, happenings } = story;
  const hosts = hostsOf(story);
  const names = new Map<string, HostName>(hosts.map(({ name }) => [name, name]));
  const world = createWorld({
    seed,
    limits: LIMITS,
    observe(sighting): void {
      const frame = captured(sighting, names);
      if (frame !== undefined) frames.push(frame);
    },
  });
  const random = createRandom(seed, 'hosts');
  const draw = createRandom(seed, BALANCER);
  const reference = createReference((limit) => drawBelow(draw, limit));
  start(world, BALANCER, wrap?.()(reference) ?? reference);
  start(world, ETHERNET, createEthernet(hosts));
  lay(world, { name: BALANCER, port: 0 }, { name: ETHERNET, port: BALANCER_PORT });
  const setupsOfAll = happenings.flatMap((each) => (each.kind === 'configure' ? each.setup : []));
  const services = [setup, ...setupsOfAll].flatMap((each) => each.services);
  const served: Served[] = [];
  const people = hosts.filter(({ name }) => name.startsWith('client'));
  const clients = visitors.map((visitor) => createClient(visitor, () => drawUint32(random)));
  for (const host of hosts) {
    const { name, port } = host;
    const server = SERVERS.find((each) => each === name);
    const process =
      server === undefined
        ? createClientProcess(
            clients.filter((_, nth) => `client ${visitors[nth]?.client}` === name),
          )
        : createServerProcess({
            self: host,
            server,
            onServed: (each) => served.push(each),
            clients: people,
            services,
            random: () => drawUint32(random),
          });
    lay(world, { name, port: 0 }, { name: ETHERNET, port });
    // The switch is set up before anybody comes.
    at(world, NS_PER_MS, () => start(world, name, process));
  }
  const told = (each: Setup): BalancerOptions => options(optionsOf(each, HALF_OPEN_MAX));
  return { world, hosts, clients, reference, options: told, setups: [], served };
}

function configure({ world, reference, options, setups }: Stage, setup: Setup): void {
  act(world, BALANCER, (nowNs) => {
    const { fault, effects } = reference.configure(options(setup), nowNs);
    setups.push(fault);
    return effects;
  });
}

function happen(set: Stage, happening: Happening): void {
  if (happening.kind === 'configure') return configure(set, happening.setup);
  if (happening.kind === 'server') throw new NotSupported('servers that fail');
  const self = set.hosts.find(({ name }) => name === happening.from);
  if (self === undefined) throw new Error(`there is no ${happening.from}`);
  const frame =
    happening.kind === 'packet'
      ? build([
          ether({ src: self.mac, dst: BALANCER_MAC, etherType: ETHER_TYPE.ipv4 }),
          raw(happening.octets),
        ])
      : build([
          ether({ src: self.mac, dst: 'ff:ff:ff:ff:ff:ff' }),
          arp({
            operation: 1,
            senderMac: self.mac,
            senderIp: self.address,
            targetIp: ipv4Address(happening.address),
          }),
        ]);
  act(set.world, self.name, () => [{ kind: 'frame', port: 0, octets: frame }]);
}

/** Until all has been still for a while, or the story's patience has run out. */
function perform(set: Stage, { setup, happenings, patienceMs }: BalancerStory): void {
  const { world, clients } = set;
  at(world, 0, () => configure(set, setup));
  for (const happening of happenings) {
    at(world, (1 + happening.atMs) * NS_PER_MS, () => happen(set, happening));
  }
  const lastMs = Math.max(1, ...happenings.map(({ atMs }) => 1 + atMs));
  let stillMs: number | undefined;
  const end = run(world, () => {
    const nowMs = world.nowNs / NS_PER_MS;
    const isStill = nowMs > lastMs && clients.every((each) => each.isDone());
    stillMs = isStill ? (stillMs ?? nowMs) : undefined;
    return nowMs > patienceMs || (stillMs !== undefined && nowMs > stillMs + CALM_MS);
  });
  if (end.kind === 'exhausted') {
    throw new DriverFault('endless', `the sim came to its limit of ${end.limit}`);
  }
}

/** Opens the reference server switch in virtual time, or one that is altered. */
export function openBalancerSim(alteration: BalancerAlteration = {}): Balancer {
  const hello = helloWith(alteration);
  return {
    hello: async () => hello,
    async play(story): Promise<BalancerObservation> {
      const frames: CapturedFrame[] = [];
      const set = stage(story, alteration, frames);
      perform(set, story);
      const endMs = set.world.nowNs / NS_PER_MS;
      const visitors = set.clients.map((each) => each.outcomes(endMs));
      const { setups, served } = set;
      return { visitors, frames, served, setups, endMs };
    },
    close: async () => undefined,
  };
}
