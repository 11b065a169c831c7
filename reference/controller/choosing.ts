/**
 * Which backend has a request: its route, its pool, and what the pool's policy says.
 *
 * What was decided for a request is kept until it has been answered or is somewhere else, so that a
 * policy is asked once, whatever becomes of the way there; a backend that has failed meanwhile is
 * not chosen again.
 */
import { encodeKey } from '../control/wire.ts';
import { valuesOf, type Field } from '../http/fields.ts';
import { setCookieOf } from '../policy/cookie.ts';
import { keyOf } from '../policy/key.ts';
import { octetsOf } from '../policy/octets.ts';
import type { PoolAtWork } from '../policy/site-at-work.ts';
import type { UrlSubject } from '../policy/url-request.ts';
import { addressOctets } from '../rules/plan.ts';
import { absentFrom, isDown, type Backend, type Turn } from './state.ts';

/** What was decided for the request at the front. */
export interface Decision {
  readonly pool: string;
  readonly backend: string;
  /** The question of an owner that it answers; undefined where the controller has the request. */
  readonly ask: number | undefined;
  /** What the answer has to say in a Set-Cookie field. */
  readonly setCookie: string | undefined;
  /** Whether the answer has to pass the controller: it says a cookie here, or may do so. */
  readonly isPassedOn: boolean;
}

/** A request without a backend: the profile refuses it, or nobody is there. */
export type NoBackend = 400 | 503;

/**
 * Decides who has the request at the front, and remembers it; `present` has the connection now or
 * had it last, `ask` is the number of an owner's question.
 */
export function decideFor(
  turn: Turn,
  request: UrlSubject,
  present: string | undefined,
  ask?: number,
): Decision | NoBackend {
  const { connection } = turn;
  const known = connection.decision;
  const isSame = known !== undefined && (ask === undefined || known.ask === ask);
  if (isSame && isThere(turn, known)) return known;
  const decision = choose(turn, request, present, ask);
  connection.decision = typeof decision === 'number' ? undefined : decision;
  if (typeof decision !== 'number') connection.pool = decision.pool;
  return decision;
}

/** The backend of a name; undefined when there is none. */
export function backendAt({ state }: Turn, name: string): Backend | undefined {
  return state.config.backends.find((each) => each.name === name);
}

/** The server has answered: if its pool learns sessions, this may begin one. */
export function learnSession({ state }: Turn, decision: Decision, fields: readonly Field[]): void {
  const pool = state.site.pools.get(decision.pool);
  const place = pool?.places.get(decision.backend);
  if (pool?.declaration.policy !== 'cookie-learn' || place === undefined) return;
  const { cookie } = pool.declaration;
  for (const field of valuesOf(fields, 'set-cookie')) {
    const value = setCookieOf(field, cookie) ?? '';
    if (value !== '') pool.scheduler.learn?.(octetsOf(value), place, state.nowMs);
  }
}

function isThere(turn: Turn, { pool, backend }: Decision): boolean {
  const known = turn.state.site.pools.get(pool);
  return known?.places.has(backend) === true && !isOut(turn, backend, pool);
}

function isOut(turn: Turn, name: string, pool: string): boolean {
  return isDown(turn.state, name, pool) || absentFrom(turn).has(name);
}

function choose(
  turn: Turn,
  request: UrlSubject,
  present: string | undefined,
  ask: number | undefined,
): Decision | NoBackend {
  const { site, choosePool, pools } = turn.state.site;
  const { pool: first } = turn.connection;
  const chosen = choosePool(first !== undefined && pools.has(first) ? first : undefined)(request);
  if (!chosen.ok) return 400;
  const pool = pools.get(chosen.value ?? site.otherwise ?? '');
  if (pool === undefined) return 503;
  const key = keyFor(turn, request, pool);
  const place = placeFor(turn, pool, key, present);
  const server = place === undefined ? undefined : pool.servers[place];
  if (place === undefined || server === undefined) return 503;
  const setCookie = pool.scheduler.setCookie?.(key, place);
  const isAwaited = pool.scheduler.awaitsAnswer?.(key, turn.state.nowMs) ?? false;
  return {
    pool: pool.pool.name,
    backend: server.name,
    ask,
    setCookie,
    isPassedOn: setCookie !== undefined || isAwaited,
  };
}

function keyFor({ connection }: Turn, { path, fields }: UrlSubject, pool: PoolAtWork): Uint8Array {
  const { key } = connection;
  return keyOf(pool.declaration, {
    source: addressOctets(key.client.address),
    connection: Uint8Array.from(encodeKey(key)),
    request: { path, cookie: valuesOf(fields, 'cookie').join('; ') },
  });
}

function placeFor(
  turn: Turn,
  { pool: { name: pool }, scheduler, servers, places }: PoolAtWork,
  key: Uint8Array,
  presentName: string | undefined,
): number | undefined {
  const { state, connection } = turn;
  const isHere = presentName !== undefined && !isOut(turn, presentName, pool);
  const present = isHere ? places.get(presentName) : undefined;
  if (present !== undefined && state.site.site.urls.locality === 'connection') return present;
  const absent = absentFrom(turn);
  const nameAt = (place: number): string => servers[place]?.name ?? '';
  return scheduler.choose({
    nowMs: state.nowMs,
    key,
    present,
    isAble: (place) => !absent.has(nameAt(place)) && !isDown(state, nameAt(place), pool),
    active(place): number {
      const name = nameAt(place);
      return (state.active.get(name) ?? 0) - (connection.countedAt === name ? 1 : 0);
    },
  });
}
