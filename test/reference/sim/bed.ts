/** Two model hosts on a network, and what they tell. */
import fc from 'fast-check';
import type { MacAddress } from 'scapy-ts';
import { ipv4Address, ipv6Address, mac } from 'scapy-ts';
import type { HostProcess } from '../../../reference/sim/host-process.ts';
import { createHostProcess } from '../../../reference/sim/host-process.ts';
import type { Odds } from '../../../reference/sim/network/fate.ts';
import { createRandom, drawUint32 } from '../../../reference/sim/network/random.ts';
import type { Sighting } from '../../../reference/sim/network/link.ts';
import type { Limits, RunEnd, World } from '../../../reference/sim/network/world.ts';
import {
  act,
  createWorld,
  formatRunEnd,
  lay,
  run,
  start,
} from '../../../reference/sim/network/world.ts';
import type { TcpSettings } from '../../../reference/sim/tcp/connection.ts';
import type {
  HostEvent,
  HostNotice,
  HostOptions,
  HostState,
} from '../../../reference/sim/tcp/host.ts';
import { connectionId, createHost } from '../../../reference/sim/tcp/host.ts';
import type { Ends } from '../../../reference/sim/tcp/segment.ts';

/** Where the two hosts are, seen from the client. */
export const ENDS: Ends = {
  local: { address: ipv4Address('192.0.2.10'), port: 40000 },
  remote: { address: ipv4Address('198.51.100.1'), port: 80 },
};
/** The same two over IPv6. */
export const ENDS_V6: Ends = {
  local: { address: ipv6Address('2001:db8::10'), port: 40000 },
  remote: { address: ipv6Address('2001:db8:1::1'), port: 80 },
};
/** The client's. */
export const CLIENT_MAC: MacAddress = mac('02:00:00:00:00:01');
/** The server's. */
export const SERVER_MAC: MacAddress = mac('02:00:00:00:00:02');

/** The ends as the other host sees them. */
export function turned({ local, remote }: Ends): Ends {
  return { local: remote, remote: local };
}

/** A host, what it has been told, and what it has received. */
export interface Station {
  readonly name: string;
  readonly process: HostProcess;
  readonly id: string;
  /** Without octets: those are in `chunks`. */
  readonly notices: HostNotice[];
  readonly chunks: Uint8Array[];
  /** Set by a test: what the application does about a notice. */
  react: (notice: HostNotice) => readonly HostEvent[];
}

export function hostWith(
  options: Partial<HostOptions> & Pick<HostOptions, 'mac'>,
  seed = 1,
): HostState {
  const random = createRandom(seed, String(options.mac));
  return createHost({ addresses: [], random: () => drawUint32(random), ...options });
}

/** A host's process that notes what it is told. */
export function stationOf(name: string, host: HostState, ends: Ends): Station {
  const notices: HostNotice[] = [];
  const chunks: Uint8Array[] = [];
  const station: Station = {
    name,
    id: connectionId(ends),
    notices,
    chunks,
    react: () => [],
    process: createHostProcess(host, (notice) => {
      if (notice.kind === 'received') chunks.push(notice.octets);
      else notices.push(notice);
      return station.react(notice);
    }),
  };
  return station;
}

export interface Pair {
  readonly world: World;
  readonly client: Station;
  readonly server: Station;
}

export interface PairOptions {
  readonly seed?: number;
  readonly ends?: Ends;
  readonly odds?: Odds;
  readonly client?: Partial<TcpSettings>;
  readonly server?: Partial<TcpSettings>;
  readonly limits?: Limits;
  readonly observe?: (sighting: Sighting) => void;
}

/** A client and a server that listens, joined by a cable. */
export function createPair(options: PairOptions = {}): Pair {
  const { seed = 1, ends = ENDS, odds, limits, observe } = options;
  const world = createWorld({
    seed,
    ...(limits === undefined ? {} : { limits }),
    ...(observe === undefined ? {} : { observe }),
  });
  const here = hostWith(
    {
      mac: CLIENT_MAC,
      addresses: [ends.local.address],
      gateway: SERVER_MAC,
      settings: options.client ?? {},
    },
    seed,
  );
  const there = hostWith(
    {
      mac: SERVER_MAC,
      addresses: [ends.remote.address],
      gateway: CLIENT_MAC,
      settings: options.server ?? {},
    },
    seed,
  );
  const client = stationOf('client', here, ends);
  const server = stationOf('server', there, turned(ends));
  start(world, 'client', client.process);
  start(world, 'server', server.process);
  lay(
    world,
    { name: 'client', port: 0 },
    { name: 'server', port: 0 },
    odds === undefined ? {} : { odds },
  );
  does(world, server, { kind: 'listen', local: ends.remote });
  return { world, client, server };
}

/** Lets a station's host perform events now. */
export function does(
  world: World,
  { name, process }: Station,
  ...events: readonly HostEvent[]
): void {
  act(world, name, (nowNs) => process.perform(events, nowNs));
}

/** Connects the client, and runs until both ends are open. */
export function connected(options: PairOptions = {}): Pair {
  const pair = createPair(options);
  const { world, client, server } = pair;
  does(world, client, { kind: 'connect', ...(options.ends ?? ENDS) });
  must(run(world, () => has(client, 'opened') && has(server, 'opened')));
  return pair;
}

/** Throws unless the run ended as wanted, or with nothing left to happen. */
export function must(end: RunEnd): RunEnd {
  if (end.kind === 'exhausted') throw new Error(formatRunEnd(end));
  return end;
}

export function has({ notices }: Station, kind: HostNotice['kind']): boolean {
  return notices.some((notice) => notice.kind === kind);
}

/** The kinds of what a station was told, octets left out. */
export function told({ notices }: Station): readonly string[] {
  return notices.map(({ kind }) => kind);
}

/** All octets that a station has received. */
export function receivedBy({ chunks }: Station): Uint8Array {
  return Uint8Array.from(Buffer.concat(chunks));
}

/** Octets that tell where they belong: a shift of the stream does not go unnoticed. */
export function octetsOf(count: number, salt = 0): Uint8Array {
  return Uint8Array.from(
    { length: count },
    (_, at) => (Math.imul(at + salt, 0x9e3779b1) >>> 13) & 255,
  );
}

/** Any of the faults of a network, up to 20 % of each. */
export const arbitraryOdds: fc.Arbitrary<Odds> = fc.record({
  loss: fc.double({ min: 0, max: 0.2, noNaN: true }),
  duplication: fc.double({ min: 0, max: 0.2, noNaN: true }),
  jitterNs: fc.integer({ min: 0, max: 2_000_000 }),
});

/** Any settings of a TCP, tiny windows and numbers that wrap included. */
export const arbitrarySettings: fc.Arbitrary<Partial<TcpSettings>> = fc
  .record({
    mss: fc.constantFrom(undefined, 536, 1460, 100),
    windowScale: fc.constantFrom(undefined, 0, 3, 7, 14),
    sack: fc.boolean(),
    timestamps: fc.boolean(),
    receiveOctets: fc.constantFrom(1, 7, 1000, 5000, 65535, 256 * 1024),
    iss: fc.constantFrom(undefined, 0xffff_ffff, 0xffff_f000, 0x7fff_fff0, 0),
  })
  .filter(({ windowScale, receiveOctets }) => receiveOctets >= 2 ** (windowScale ?? 0));
