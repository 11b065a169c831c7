/** Schedules of whole Prisms: what clients ask, what goes wrong, and what must come of it. */
import fc from 'fast-check';
import type { Sighting } from '../../../reference/sim/network/link.ts';
import { at, crash, createWorld, formatRunEnd, run } from '../../../reference/sim/network/world.ts';
import type { Line, Peer } from '../../../reference/sim/peer.ts';
import { responseOf } from '../../../reference/sim/prism/origin.ts';
import { buildPrism, countRules, type Prism } from '../../../reference/sim/prism/prism.ts';
import { hashedTo, SITES, type Choosing } from './choosing.ts';

/** One request of a client. */
export interface Ask {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly backend: 'b1' | 'b2';
  /** Octets of the response's content. */
  readonly size: number;
  /** Octets of the request's content, for POST. */
  readonly content: number;
  readonly isChunked: boolean;
}

/** What one client does. */
export interface Visit {
  readonly asks: readonly Ask[];
  /** Where its octets are cut into segments of their own, in thousandths of the whole. */
  readonly splits: readonly number[];
  /** Where it waits before it writes on, in thousandths, and for how long. */
  readonly pauseAt: number;
  readonly pauseMs: number;
}

/** A process that dies, and comes back. */
export interface Crash {
  readonly name: 'controller' | 'b1' | 'b2';
  readonly atMs: number;
  readonly awayMs: number;
}

/** All that happens. */
export interface Schedule {
  readonly seed: number;
  readonly visits: readonly Visit[];
  readonly lock: 'drop' | 'hold';
  /** What says which backend has a request: its path, its cookie, or the hash of its URL. */
  readonly choosing: Choosing;
  /** Responses of at least so many octets are handed off; all, with 0. */
  readonly handOffFromOctets: number;
  /** So is what comes after so many requests for one backend that were passed on. */
  readonly handOffFromRequests: number;
  readonly thinkMs: number;
  /** Percent. */
  readonly loss: number;
  readonly duplication: number;
  readonly jitterUs: number;
  readonly crashes: readonly Crash[];
}

const askArbitrary: fc.Arbitrary<Ask> = fc.record({
  method: fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'POST'),
  backend: fc.constantFrom('b1', 'b2'),
  size: fc.oneof(fc.nat(100), fc.nat(5000), fc.nat(60_000)),
  content: fc.nat(4000),
  isChunked: fc.boolean(),
});

const visitArbitrary: fc.Arbitrary<Visit> = fc.record({
  asks: fc.array(askArbitrary, { minLength: 1, maxLength: 6 }),
  splits: fc.array(fc.nat(999), { maxLength: 6 }).map((all) => all.toSorted((a, b) => a - b)),
  pauseAt: fc.nat(1000),
  pauseMs: fc.nat(20),
});

/** Schedules without a crash. */
export const lossy: fc.Arbitrary<Schedule> = fc.record({
  seed: fc.nat(0x7fffffff),
  visits: fc.array(visitArbitrary, { minLength: 1, maxLength: 3 }),
  lock: fc.constantFrom('drop', 'hold'),
  choosing: fc.constantFrom('route', 'cookie', 'url'),
  handOffFromOctets: fc.constantFrom(0, 0, 1000, 1_000_000),
  handOffFromRequests: fc.constantFrom(1, 2, 8),
  thinkMs: fc.nat(5),
  loss: fc.nat(5),
  duplication: fc.nat(5),
  jitterUs: fc.nat(300),
  crashes: fc.constant([]),
});

const crashArbitrary: fc.Arbitrary<Crash> = fc.record({
  name: fc.constantFrom('controller', 'b1', 'b2'),
  atMs: fc.nat(100),
  awayMs: fc.nat(3000),
});

/** Schedules in which processes die at any moment. */
export const crashing: fc.Arbitrary<Schedule> = fc
  .tuple(lossy, fc.array(crashArbitrary, { minLength: 1, maxLength: 2 }))
  .map(([schedule, all]) => ({
    ...schedule,
    // Where the backend of a cookie or an URL is away, another one answers.
    choosing: 'route',
    crashes: all,
  }));

/** After this time nobody waits any more: TCP itself has given up long before. */
const END_NS = 3000e9;
const CLOSED_NS = 700e9;
/** Longer than any retransmission waits: a client that has lost its backend waits for ever. */
const QUIET_NS = 130e9;
const LINGER_MS = 300;
/** One segment that is lost five times in a row takes half a minute. */
const PATIENCE_MS = 300_000;

interface Expected {
  readonly target: string;
  readonly method: string;
  readonly backend: string;
  readonly response: Uint8Array;
}

function expectedOf(client: number, { asks }: Visit, choosing: Choosing): readonly Expected[] {
  return asks.map(({ method, backend, size }, index) => {
    const path = `/${backend === 'b1' ? 'a' : 'b'}/${size}/${client}.${index}`;
    const target = choosing === 'url' ? hashedTo(backend, path) : path;
    return { target, method, backend, response: responseOf(backend, method, target) };
  });
}

/** The octets of a client's requests. */
function requestsOf(client: number, visit: Visit, choosing: Choosing): Uint8Array {
  const targets = expectedOf(client, visit, choosing);
  const text = visit.asks.map(({ method, content, isChunked }, index) => {
    const { target, backend } = targets[index] ?? {};
    const cookie = choosing === 'cookie' ? `Cookie: a=b; SRV=${backend}\r\n` : '';
    const head = `${method} ${target} HTTP/1.1\r\nHost: example.net\r\n${cookie}`;
    if (method !== 'POST') return `${head}\r\n`;
    const body = 'x'.repeat(content);
    if (!isChunked) return `${head}Content-Length: ${content}\r\n\r\n${body}`;
    const half = body.slice(0, content >> 1);
    const rest = body.slice(content >> 1);
    const chunks = [half, rest].filter((each) => each !== '');
    const framed = chunks.map((each) => `${each.length.toString(16)}\r\n${each}\r\n`).join('');
    return `${head}Transfer-Encoding: chunked\r\n\r\n${framed}0\r\n\r\n`;
  });
  return new TextEncoder().encode(text.join(''));
}

function scriptOf(client: number, visit: Visit, choosing: Choosing): readonly Line[] {
  const octets = requestsOf(client, visit, choosing);
  const expected = expectedOf(client, visit, choosing);
  const wanted = expected.reduce((sum, { response }) => sum + response.length, 0);
  const cut = Math.floor((octets.length * visit.pauseAt) / 1000);
  const parts = [octets.subarray(0, cut), octets.subarray(cut)].filter(({ length }) => length > 0);
  return [
    { cue: { kind: 'at-once' }, play: { kind: 'connect' } },
    ...parts.map((part, index): Line => {
      const splits = visit.splits
        .map((each) => Math.floor((part.length * each) / 1000))
        .filter((each, place, all) => each > 0 && each !== all[place - 1]);
      const cue: Line['cue'] =
        index === 0 ? { kind: 'opened' } : { kind: 'after', ns: visit.pauseMs * 1e6 };
      return { cue, play: { kind: 'write', octets: part, splits } };
    }),
    { cue: { kind: 'received', octets: wanted }, play: { kind: 'close' } },
  ];
}

/** Runs a schedule; undefined, or what is wrong in one sentence. */
export function findViolation(
  schedule: Schedule,
  observe?: (sighting: Sighting) => void,
): string | undefined {
  const odds = {
    loss: schedule.loss / 100,
    duplication: schedule.duplication / 100,
    jitterNs: schedule.jitterUs * 1000,
  };
  let frameNs = 0;
  const world = createWorld({
    seed: schedule.seed,
    observe: (sighting) => {
      if (sighting.port !== undefined) frameNs = sighting.atNs;
      observe?.(sighting);
    },
  });
  const prism = buildPrism(world, {
    clients: schedule.visits.length,
    lock: schedule.lock,
    cables: odds,
    channels: odds,
    thinkNs: schedule.thinkMs * 1e6,
    site: SITES[schedule.choosing],
    controller: {
      handOffFromOctets: schedule.handOffFromOctets,
      handOffFromRequests: schedule.handOffFromRequests,
      unknownOctets: 100_000,
      lingerMs: LINGER_MS,
      headMs: PATIENCE_MS,
      connectMs: PATIENCE_MS,
      responseMs: PATIENCE_MS,
    },
  });
  for (const { name, atMs, awayMs } of schedule.crashes) {
    at(world, atMs * 1e6, () => crash(world, name));
    at(world, (atMs + awayMs) * 1e6, () =>
      name === 'controller' ? prism.startController() : prism.startBackend(name),
    );
  }
  const peers = schedule.visits.map((each, client) =>
    prism.connect(client, scriptOf(client, each, schedule.choosing)),
  );
  let overNs: number | undefined;
  const isEnd = (): boolean => {
    if (world.nowNs > END_NS) return true;
    const isQuiet = world.nowNs > frameNs + QUIET_NS;
    if (!isQuiet && !peers.every((peer) => peer.isOver() || isGone(peer))) return false;
    overNs ??= world.nowNs;
    const isForgotten = prism.controller.connections.size === 0 && countRules(prism) === 0;
    return isForgotten || world.nowNs > overNs + CLOSED_NS;
  };
  const end = run(world, isEnd);
  if (end.kind !== 'done') return formatRunEnd(end);
  return findFault(schedule, prism, peers);
}

function isGone({ notices }: Peer): boolean {
  return notices.some(
    ({ kind }) => kind === 'reset' || kind === 'closed' || kind === 'peer-finished',
  );
}

function findFault(schedule: Schedule, prism: Prism, peers: readonly Peer[]): string | undefined {
  for (const [client, visit] of schedule.visits.entries()) {
    const peer = peers[client];
    const fault = peer && findClientFault(client, visit, peer, prism, schedule);
    if (fault !== undefined) return `client ${client}: ${fault}`;
  }
  const rules = countRules(prism);
  if (rules > 0) return `${rules} rules are left behind`;
  const { size } = prism.controller.connections;
  if (size > 0) return `the controller still knows ${size} connections`;
  const [bound] = prism.controller.active;
  return bound === undefined ? undefined : `${bound[0]} still has ${bound[1]} connections`;
}

function findClientFault(
  client: number,
  visit: Visit,
  peer: Peer,
  prism: Prism,
  { choosing, crashes }: Schedule,
): string | undefined {
  const isCrashing = crashes.length > 0;
  const received = peer.received();
  let from = 0;
  let answered = 0;
  for (const { target, method, backend, response } of expectedOf(client, visit, choosing)) {
    const runs = prism.executions.filter((each) => each.target === target);
    if (runs.length > 1) return `${method} ${target} was executed ${runs.length} times`;
    const [wrong] = runs.filter((each) => each.backend !== backend);
    if (wrong !== undefined) return `${target} was executed by ${wrong.backend}`;
    const part = received.subarray(from, from + response.length);
    if (!isPrefix(part, response)) {
      const rest = new TextDecoder().decode(received.subarray(from, from + 60));
      return isCrashing && /^HTTP\/1\.1 50[234] /.test(rest)
        ? undefined
        : `octet ${from} on, in the answer to ${target}, is ${JSON.stringify(rest)}`;
    }
    from += part.length;
    if (part.length < response.length) break;
    if (runs.length === 0) return `${target} was answered and never executed`;
    answered += 1;
  }
  if (answered === visit.asks.length) {
    return received.length > from ? `${received.length - from} octets too many` : undefined;
  }
  return isCrashing ? undefined : `${answered} of ${visit.asks.length} requests were answered`;
}

function isPrefix(part: Uint8Array, whole: Uint8Array): boolean {
  return part.every((octet, index) => octet === whole[index]);
}

/** Throws unless all is well after a schedule. */
export function assertNoViolation(schedule: Schedule): void {
  const violation = findViolation(schedule);
  if (violation !== undefined) throw new Error(violation);
}
