/** Any story about a server switch that does not read requests, and how it is told. */
import fc from 'fast-check';
import type { Capability } from '../../../conformance/catalogue/capability.ts';
import {
  SERVERS,
  type Mode,
  type PlainChoosing,
  type ServerName,
  type VirtualService,
} from '../../../conformance/driver/balancer.ts';
import type { Caller } from '../../../conformance/balancer/connection.ts';
import { octetsOf, readAsks } from '../../../conformance/system/request.ts';
import { fragmentsOf, segmentOf } from './packets.ts';
import { answeredOctets, type BalancerWorld, type Draft } from './world.ts';

/** A way to servers that looks at no request. */
export type PacketMode = Exclude<Mode, 'http'>;

/** The ways, by what a switch claims that can go them. */
export const PACKET_MODES: Readonly<Record<PacketMode, Capability>> = {
  nat: 'NAT',
  dsr: 'DSR',
  ipip: 'IPIP',
};

/** Ways to choose, by what a switch claims that can choose so; by turns every one can. */
const CHOOSING: readonly (readonly [PlainChoosing, Capability | undefined])[] = [
  ['round-robin', undefined],
  ['source-hash', 'SRCHASH'],
  ['random', 'RANDOM'],
  ['least-connections', 'LEAST'],
  ['maglev', 'MAGLEV'],
];

/** Requests that go out together, and how long after the ones before were answered. */
interface Round {
  readonly words: string;
  /** Where it is cut, in thousandths of its octets. */
  readonly cutAt: number;
}

/** One connection of a visitor; the next is from the same port. */
interface Connection {
  readonly rounds: readonly Round[];
  readonly end: 'close' | 'abort';
}

interface Visit {
  readonly client: number;
  readonly port: number;
  readonly afterMs: number;
  readonly connections: readonly Connection[];
}

/** Packets by hand: a SYN that comes again, or what belongs to no connection. */
interface Oddity {
  readonly kind: 'syn' | 'fragments' | 'stray';
  readonly flags: string;
  readonly times: number;
  readonly atMs: number;
  readonly apartMs: number;
}

/** All that a story is made of. */
export interface Tale {
  readonly seed: number;
  readonly mode: PacketMode;
  readonly choosing: PlainChoosing;
  /** Under NAT. */
  readonly serverPort: number;
  readonly servers: readonly ServerName[];
  readonly changes: readonly { readonly atMs: number; readonly servers: readonly ServerName[] }[];
  readonly visits: readonly Visit[];
  readonly oddities: readonly Oddity[];
}

const VIRTUAL = { address: '10.1.0.201', port: 80 } as const;
const FIRST_PORT = 40_000;
/** Few, so that several clients have the same. */
const PORTS = 3;
const CLIENTS = 4;
/** Above the ports and clients of visitors. */
const STRANGE = { client: 50, port: 50_000 } as const;
/** Between the end of a connection and the next from the same port. */
const APART_MS = 100;
const BUSY_MS = 1000;
/** Long enough for every visitor that still has a server. */
const TALE_MS = 8000;

/** So that pools change while connections are open. */
const THINK_MAX_MS = 300;
/** So that what goes out together needs no segment that is too long for a tunnel. */
const CONTENT_MAX = 500;

const pool = fc.subarray([...SERVERS], { minLength: 1 });

const ask: fc.Arbitrary<string> = fc
  .record({
    method: fc.constantFrom('GET', 'GET', 'POST'),
    size: fc.oneof(fc.nat(100), fc.nat(4000)),
    content: fc.nat(CONTENT_MAX),
    think: fc.nat(THINK_MAX_MS),
  })
  .map(({ method, size, content, think }) => {
    const target = `/a/${size}?think=${think}`;
    return method === 'POST' ? `POST ${target} with ${content} octets` : `GET ${target}`;
  });

const round: fc.Arbitrary<Round> = fc.record({
  words: fc.array(ask, { minLength: 1, maxLength: 2 }).map((all) => all.join(', ')),
  cutAt: fc.nat(999),
});

const connection: fc.Arbitrary<Connection> = fc.record({
  rounds: fc.array(round, { minLength: 1, maxLength: 3 }),
  end: fc.constantFrom('close', 'abort'),
});

const visits: fc.Arbitrary<readonly Visit[]> = fc.uniqueArray(
  fc.record({
    client: fc.integer({ min: 1, max: CLIENTS }),
    port: fc.integer({ min: FIRST_PORT, max: FIRST_PORT + PORTS - 1 }),
    afterMs: fc.nat(BUSY_MS),
    connections: fc.array(connection, { minLength: 1, maxLength: 2 }),
  }),
  { minLength: 1, maxLength: 5, selector: ({ client, port }) => `${client}:${port}` },
);

const oddity: fc.Arbitrary<Oddity> = fc.record({
  kind: fc.constantFrom('syn', 'fragments', 'stray'),
  flags: fc.constantFrom('A', 'PA', 'FA', 'SA'),
  times: fc.integer({ min: 1, max: 3 }),
  atMs: fc.nat(BUSY_MS),
  apartMs: fc.integer({ min: 1, max: 500 }),
});

/** Any tale for a switch with these claims, in one of `modes`. */
export function talesFor(
  claims: readonly Capability[],
  modes: readonly PacketMode[],
): fc.Arbitrary<Tale> {
  const choosing = CHOOSING.flatMap(([word, claim]) =>
    claim === undefined || claims.includes(claim) ? [word] : [],
  );
  return fc.record({
    seed: fc.nat(0x7fffffff),
    mode: fc.constantFrom(...modes),
    choosing: fc.constantFrom(...choosing),
    serverPort: fc.constantFrom(80, 8080),
    servers: pool,
    changes: fc.array(fc.record({ atMs: fc.nat(BUSY_MS), servers: pool }), { maxLength: 2 }),
    visits,
    oddities: fc.array(oddity, { maxLength: 3 }),
  });
}

function serviceOf({ mode, choosing, serverPort, servers }: Tale): VirtualService {
  const { address, port } = VIRTUAL;
  const inner = mode === 'nat' ? { serverPort } : {};
  return { name: `${address}:${port}`, address, port, mode, servers, choosing, ...inner };
}

/** The visitor has its answers, ends its connection, and comes again from the same port. */
function comeAgain(world: BalancerWorld, draft: Draft, end: Connection['end']): void {
  const octets = answeredOctets(draft.asked.flat());
  draft.lines.push(
    { cue: { kind: 'received', octets }, act: { kind: end } },
    // The port may not be free otherwise.
    { cue: { kind: 'after', ms: APART_MS }, act: { kind: 'abort' } },
    { cue: { kind: 'at-once' }, act: { kind: 'connect', offer: world.offer } },
  );
  draft.asked.push([]);
}

function tellVisit(
  world: BalancerWorld,
  service: VirtualService,
  { connections, ...visit }: Visit,
): void {
  const draft = world.begin({ ...visit, service });
  for (const [nth, { rounds, end }] of connections.entries()) {
    for (const [place, { words, cutAt }] of rounds.entries()) {
      const asks = readAsks(words);
      const { length } = octetsOf(asks);
      const cut = Math.floor((length * cutAt) / 1000);
      const octets = answeredOctets(draft.asked.flat());
      const cue =
        place === 0 ? ({ kind: 'opened' } as const) : ({ kind: 'received', octets } as const);
      world.write(draft, asks, cue, cut === 0 ? [] : [cut]);
    }
    if (nth < connections.length - 1) comeAgain(world, draft, end);
  }
}

function packetsOf(caller: Caller, { kind, flags, times }: Oddity): readonly Uint8Array[] {
  const syn = segmentOf(caller, { tcp: { flags: 'S' } });
  if (kind === 'fragments')
    return [syn, ...fragmentsOf(caller, { flags: 'PA', seq: 1001, ack: 1 })];
  return Array.from({ length: times }, (_, time) =>
    kind === 'syn'
      ? syn
      : segmentOf(caller, { tcp: { flags, seq: 1000 + 10 * time, ack: 7000 }, payloadOctets: 10 }),
  );
}

/** Tells a tale in the place of whatever the world has told before. */
export function tell(world: BalancerWorld, tale: Tale): void {
  world.restart();
  world.seed = tale.seed;
  world.patienceMs = TALE_MS;
  const service = serviceOf(tale);
  world.services = [service];
  for (const visit of tale.visits) tellVisit(world, service, visit);
  for (const [nth, odd] of tale.oddities.entries()) {
    const client = STRANGE.client + nth;
    const caller = { client, port: STRANGE.port + nth, service };
    world.callers.push(caller);
    for (const [time, octets] of packetsOf(caller, odd).entries()) {
      world.send(`client ${client}`, octets, odd.atMs + time * odd.apartMs);
    }
  }
  for (const { atMs, servers } of tale.changes.toSorted((a, b) => a.atMs - b.atMs)) {
    world.change(atMs, (told) => {
      told.services = [{ ...service, servers }];
    });
  }
}
