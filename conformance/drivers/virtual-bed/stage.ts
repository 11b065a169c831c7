/**
 * What a story about a server switch is played on in virtual time: the hosts that it speaks of, its
 * clients, and what is captured. The switch, the servers and the cables are their door's.
 */
import { arp, build, ether, ETHER_TYPE, ipv4Address, raw } from 'scapy-ts';
import type { Sighting } from '../../../reference/sim/network/link.ts';
import type { Process } from '../../../reference/sim/network/process.ts';
import { createRandom, drawUint32 } from '../../../reference/sim/network/random.ts';
import {
  act,
  at,
  createWorld,
  run,
  start,
  type World,
} from '../../../reference/sim/network/world.ts';
import type {
  BalancerObservation,
  BalancerStory,
  CapturedFrame,
  Happening,
  Served,
  ServerName,
  ServerState,
  Setup,
} from '../../driver/balancer.ts';
import { DriverFault, NotSupported } from '../../driver/device.ts';
import { createClient, createClientProcess, type Client } from './clients.ts';
import { BALANCER_MAC, clientHost, SERVER_HOSTS, type BedHost } from './hosts.ts';
import { seekingSwitch } from './neighbours.ts';

const NS_PER_MS = 1e6;
/** The switch is set up before anybody comes. */
const START_MS = 1;
/** All must have been still for so long. */
const CALM_MS = 2000;
/** A connection may be silent for hours. */
const LIMITS = { events: 1_000_000, virtualNs: 86_400e9 };

/** A story's stage. */
export interface Stage {
  readonly story: BalancerStory;
  readonly world: World;
  readonly hosts: readonly BedHost[];
  readonly clients: readonly Client[];
  /** What the hosts' numbers come of. */
  readonly random: () => number;
  readonly frames: readonly CapturedFrame[];
  readonly served: Served[];
  readonly setups: (string | undefined)[];
}

/** What a door does when the story asks for it. */
export interface Deeds {
  /** Answers what was wrong with the setup; undefined where nothing was. */
  readonly configure: (setup: Setup) => string | undefined;
  readonly serverState: (server: ServerName, state: ServerState) => void;
  /** Left out, there are no pairs. */
  readonly switchState?: (place: 1 | 2, state: 'up' | 'dead') => void;
}

/** Whether a host's network interface takes a frame: it is for it, or for a group. */
function isHeard({ mac }: BedHost, frame: Uint8Array): boolean {
  const destination = frame.subarray(0, 6);
  const isGroup = ((destination[0] ?? 0) & 1) === 1;
  return isGroup || destination.reduce((address, octet) => address * 256 + octet, 0) === mac;
}

/** The frame as the capture at a host has it; undefined if it is at none. */
function captured(
  { what, from, to, port, octets, atNs }: Sighting,
  hosts: ReadonlyMap<string, BedHost>,
): CapturedFrame | undefined {
  const self = hosts.get({ sent: from, arrived: to, lost: '' }[what]);
  // What has no port is a message, and no frame.
  if (self === undefined || port === undefined) return undefined;
  if (what === 'arrived' && !isHeard(self, octets)) return undefined;
  const direction = what === 'sent' ? 'sent' : 'received';
  return { host: self.name, direction, atMs: atNs / NS_PER_MS, octets: octets.slice() };
}

/** The servers, and every client that a story speaks of. */
export function hostsOf({ visitors, happenings }: BalancerStory): readonly BedHost[] {
  const speaking = happenings.flatMap((each) =>
    each.kind === 'packet' || each.kind === 'ask'
      ? (/^client (?<number>\d+)$/u.exec(each.from)?.[1] ?? [])
      : [],
  );
  const numbers = new Set([...visitors.map(({ client }) => client), ...speaking.map(Number)]);
  return [...SERVER_HOSTS, ...[...numbers].map(clientHost)];
}

/** A world with a capture at each host, and nobody in it. */
export function createStage(story: BalancerStory): Stage {
  const { seed, visitors } = story;
  const hosts = hostsOf(story);
  const byName = new Map<string, BedHost>(hosts.map((each) => [each.name, each]));
  const frames: CapturedFrame[] = [];
  const world = createWorld({
    seed,
    limits: LIMITS,
    observe(sighting): void {
      const frame = captured(sighting, byName);
      if (frame !== undefined) frames.push(frame);
    },
  });
  const source = createRandom(seed, 'hosts');
  const random = (): number => drawUint32(source);
  const clients = visitors.map((visitor) => createClient(visitor, random));
  return { story, world, hosts, clients, random, frames, served: [], setups: [] };
}

/** All setups of a story, the first included. */
export function setupsOf({ setup, happenings }: BalancerStory): readonly Setup[] {
  return [setup, ...happenings.flatMap((each) => (each.kind === 'configure' ? each.setup : []))];
}

/** The process of a host at which clients are. */
export function clientsAt({ clients, story }: Stage, { name }: BedHost): Process {
  return createClientProcess(
    clients.filter((_, nth) => `client ${story.visitors[nth]?.client}` === name),
  );
}

/** Starts the process of a host when the switch has been set up. */
export function startHost({ world, story }: Stage, { name }: BedHost, process: Process): void {
  const seeking = seekingSwitch(process, story.setup);
  at(world, START_MS * NS_PER_MS, () => start(world, name, seeking));
}

/** What is seen on the Ethernet when a host says something of which its stack knows nothing. */
export function frameOf(
  self: BedHost,
  happening: Extract<Happening, { readonly kind: 'packet' | 'ask' }>,
): Uint8Array {
  if (happening.kind === 'packet') {
    return build([
      ether({ src: self.mac, dst: BALANCER_MAC, etherType: ETHER_TYPE.ipv4 }),
      raw(happening.octets),
    ]);
  }
  return build([
    ether({ src: self.mac, dst: 'ff:ff:ff:ff:ff:ff' }),
    arp({
      operation: 1,
      senderMac: self.mac,
      senderIp: self.address,
      targetIp: ipv4Address(happening.address),
    }),
  ]);
}

function happen(stage: Stage, happening: Happening, deeds: Deeds): void {
  if (happening.kind === 'configure') {
    stage.setups.push(deeds.configure(happening.setup));
    return;
  }
  if (happening.kind === 'server') {
    deeds.serverState(happening.server, happening.state);
    return;
  }
  if (happening.kind === 'switch') {
    if (deeds.switchState === undefined) throw new NotSupported('PAIR');
    deeds.switchState(happening.place, happening.state);
    return;
  }
  const self = stage.hosts.find(({ name }) => name === happening.from);
  if (self === undefined) throw new Error(`there is no ${happening.from}`);
  const frame = frameOf(self, happening);
  act(stage.world, self.name, () => [{ kind: 'frame', port: 0, octets: frame }]);
}

/** Until all has been still for a while, or the story's patience has run out. */
function perform(stage: Stage, deeds: Deeds): void {
  const { world, clients, story } = stage;
  const { setup, happenings, patienceMs } = story;
  at(world, 0, () => stage.setups.push(deeds.configure(setup)));
  for (const happening of happenings) {
    const atMs = START_MS + happening.atMs;
    at(world, atMs * NS_PER_MS, () => happen(stage, happening, deeds));
  }
  const lastMs = Math.max(START_MS, ...happenings.map(({ atMs }) => START_MS + atMs));
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

/** Plays the story whose hosts have been started, and tells what came of it. */
export function playOn(stage: Stage, deeds: Deeds): BalancerObservation {
  perform(stage, deeds);
  const { world, clients, frames, served, setups } = stage;
  const endMs = world.nowNs / NS_PER_MS;
  const visitors = clients.map((each) => each.outcomes(endMs));
  return { visitors, frames, served, setups, endMs };
}
