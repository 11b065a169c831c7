/**
 * What a story of a server switch may be in a bundle, checked before anything is made of it.
 *
 * Every word that `conformance/driver/balancer.ts` has stands here too, and no other: a story with a
 * word that this suite does not know is refused, and not told in another way.
 */
import { z } from 'zod';
import { address, listOf, octetsUpTo, port } from '../document/wire.ts';
import {
  SERVERS,
  type AccessRule,
  type BalancerStory,
  type Choosing,
  type Happening,
  type HealthCheck,
  type HostName,
  type Pair,
  type Pool,
  type Route,
  type Session,
  type Setup,
  type VirtualService,
  type Visitor,
  type VisitorLine,
} from '../driver/balancer.ts';
import type { Act, SynOffer } from '../driver/system.ts';

/** A schema for each of the words of `T`; one that is forgotten does not compile. */
type Words<T> = Readonly<Record<keyof T, z.ZodType>>;

/** Far longer than any story. */
const MAX_MS = 1e9;
const MAX_LABEL = 200;
const MAX_SERVICES = 64;
const MAX_ROUTES = 1000;
const MAX_RULES = 1000;
/** As many as there are ports on all clients that anybody would look at. */
const MAX_VISITORS = 20_000;
const MAX_LINES = 10_000;
const MAX_HAPPENINGS = 100_000;
const MAX_PACKET_OCTETS = 65_535;
const MAX_WRITTEN_OCTETS = 1 << 20;
const MAX_COUNT = 1e9;
const CLIENTS = { min: 1, max: 100 } as const;
const WEIGHT_MAX = 256;

const ms = z.number().min(0).max(MAX_MS);
const count = z.int().min(0).max(MAX_COUNT);
const label = z.string().max(MAX_LABEL);
const server = z.enum(SERVERS);
const servers = listOf(server, SERVERS.length);
const signed = z.int().min(-0xffffffff).max(0xffffffff);

/** `client 7`, or the name of a server. */
const host = z.string().transform((name, context): HostName => {
  const known = SERVERS.find((each) => each === name);
  if (known !== undefined) return known;
  const number = Number(/^client (?<number>[1-9]\d{0,2})$/u.exec(name)?.groups?.['number']);
  if (number >= CLIENTS.min && number <= CLIENTS.max) return `client ${number}`;
  context.addIssue(`expected a server, or client ${CLIENTS.min} to ${CLIENTS.max}`);
  return z.NEVER;
});

const thresholds = { low: count, high: count };
const choosing: z.ZodType<Choosing> = z.union([
  z.enum(['round-robin', 'random', 'least-connections', 'source-hash', 'url-hash', 'maglev']),
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('cookie-hash'), cookie: label }),
    z.strictObject({ kind: z.literal('lard'), ...thresholds }),
    z.strictObject({ kind: z.literal('lard-r'), ...thresholds, replicaMs: ms }),
  ]),
]);

const session: z.ZodType<Session> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('source'), expireMs: ms }),
  z.strictObject({ kind: z.literal('cookie'), name: label }),
]);

const check = z.strictObject({
  probe: z.enum(['connect', 'http']),
  intervalMs: ms,
  timeoutMs: ms,
  fall: count,
  rise: count,
} satisfies Words<HealthCheck>);

const poolWords = {
  servers,
  choosing,
  weights: z.partialRecord(server, z.number().min(0).max(WEIGHT_MAX)).exactOptional(),
  session: session.exactOptional(),
  check: check.exactOptional(),
} satisfies Words<Pool>;

const route = z.strictObject({
  host: label.exactOptional(),
  prefix: label.exactOptional(),
  suffix: label.exactOptional(),
  substring: label.exactOptional(),
  pool: z.strictObject(poolWords),
} satisfies Words<Route>);

const service = z.strictObject({
  ...poolWords,
  name: label,
  address,
  port,
  mode: z.enum(['nat', 'dsr', 'ipip', 'http']),
  serverPort: port.exactOptional(),
  routes: listOf(route, MAX_ROUTES).exactOptional(),
  locality: z.enum(['request', 'connection']).exactOptional(),
  cache: z.strictObject({ octets: count }).exactOptional(),
} satisfies Words<VirtualService>);

const accessRule = z.strictObject({
  action: z.enum(['permit', 'deny']),
  source: label,
} satisfies Words<AccessRule>);

const pair = z.strictObject({ intervalMs: ms } satisfies Words<Pair>);

const setup = z.strictObject({
  services: listOf(service, MAX_SERVICES),
  access: listOf(accessRule, MAX_RULES),
  pair: pair.exactOptional(),
} satisfies Words<Setup>);

const offer = z.strictObject({
  mss: count.exactOptional(),
  windowScale: z.literal(false).exactOptional(),
  sack: z.boolean().exactOptional(),
  timestamps: z.boolean().exactOptional(),
  signing: z.enum(['TCP-MD5', 'TCP-AO']).exactOptional(),
  receiveOctets: count.exactOptional(),
} satisfies Words<SynOffer>);

const cue: z.ZodType<VisitorLine['cue']> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['at-once', 'opened', 'peer-finished']) }),
  z.strictObject({ kind: z.literal('after'), ms }),
  z.strictObject({ kind: z.literal('received'), octets: count }),
  z.strictObject({ kind: z.literal('answers'), count }),
]);

const written = octetsUpTo(MAX_WRITTEN_OCTETS);
const act: z.ZodType<Act> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('connect'), offer }),
  z.strictObject({ kind: z.literal('write'), octets: written, cuts: listOf(count, MAX_LINES) }),
  z.strictObject({ kind: z.enum(['finish', 'close', 'abort', 'pause', 'resume']) }),
  z.strictObject({ kind: z.literal('withhold'), acks: z.boolean() }),
  z.strictObject({
    kind: z.literal('segment'),
    flags: z.int().min(0).max(0xfff),
    seq: signed.exactOptional(),
    ack: signed.exactOptional(),
    payload: written.exactOptional(),
  }),
]);

const line = z.strictObject({ cue, act } satisfies Words<VisitorLine>);

const visitor = z.strictObject({
  client: z.int().min(CLIENTS.min).max(CLIENTS.max),
  port,
  service: z.strictObject({ address, port } satisfies Words<Visitor['service']>),
  lines: listOf(line, MAX_LINES),
} satisfies Words<Visitor>);

const atMs = ms;
const happening: z.ZodType<Happening> = z.discriminatedUnion('kind', [
  z.strictObject({ atMs, kind: z.literal('configure'), setup }),
  z.strictObject({
    atMs,
    kind: z.literal('packet'),
    from: host,
    octets: octetsUpTo(MAX_PACKET_OCTETS),
  }),
  z.strictObject({ atMs, kind: z.literal('ask'), from: host, address }),
  z.strictObject({
    atMs,
    kind: z.literal('server'),
    server,
    state: z.enum(['up', 'sick', 'hung', 'dead']),
  }),
  z.strictObject({
    atMs,
    kind: z.literal('switch'),
    place: z.union([z.literal(1), z.literal(2)]),
    state: z.enum(['up', 'dead']),
  }),
]);

/** The story in `story.json`; octets are base64. */
export const balancerStorySchema: z.ZodType<BalancerStory> = z.strictObject({
  seed: z.int().min(0),
  setup,
  visitors: listOf(visitor, MAX_VISITORS),
  happenings: listOf(happening, MAX_HAPPENINGS),
  patienceMs: ms,
} satisfies Words<BalancerStory>);
