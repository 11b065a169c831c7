/**
 * What of a setup a product can do at all.
 *
 * What it cannot do it says; nothing is done in a way that only comes near it.
 */
import type {
  Choosing,
  Mode,
  Pool,
  Session,
  Setup,
  VirtualService,
} from '../../conformance/driver/balancer.ts';

/** Why a product is not set up as it was told: a fault in the setup, or nothing that it can do. */
export type Lack = { readonly refused: string } | { readonly unsupported: string };

/** The name of a way to choose. */
export type ChoosingName = Exclude<Choosing, object> | Extract<Choosing, object>['kind'];

/** Ways to choose for which proxies have words. */
export const PROXY_CHOOSING: readonly ChoosingName[] = [
  'round-robin',
  'random',
  'least-connections',
  'source-hash',
  'url-hash',
  'cookie-hash',
];

/** The words of a setup that a product has. */
export interface Ability {
  readonly modes: readonly Mode[];
  readonly choosing: readonly ChoosingName[];
  readonly sessions: readonly Session['kind'][];
  readonly checks: boolean;
  readonly locality: readonly NonNullable<VirtualService['locality']>[];
  /** The least octets that a store of answers can have; left out, it has none. */
  readonly cacheOctetsMin?: number;
}

/** Whether somebody else sees to it that one of two has the addresses. */
export type Sharing = 'alone' | 'in-pairs';

/** The name of a way to choose, whatever else belongs to it. */
export function choosingName(choosing: Choosing): ChoosingName {
  return typeof choosing === 'string' ? choosing : choosing.kind;
}

/** The pools of a service: its own, and those of its routes. */
export function poolsOf(service: VirtualService): readonly Pool[] {
  return [service, ...(service.routes ?? []).map(({ pool }) => pool)];
}

const WEIGHT_MAX = 256;
/** RFC 9110 section 5.6.2: what the name of a cookie may be made of. */
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/u;

function cookiesOf({ choosing, session }: Pool): readonly string[] {
  const hashed = typeof choosing === 'object' && choosing.kind === 'cookie-hash';
  return [
    ...(hashed ? [choosing.cookie] : []),
    ...(session?.kind === 'cookie' ? [session.name] : []),
  ];
}

function faultOf(pool: Pool): string | undefined {
  if (pool.servers.length === 0) return 'a pool has no server';
  const weight = Object.values(pool.weights ?? {}).find(
    (each) => !(Number.isInteger(each) && each >= 0 && each <= WEIGHT_MAX),
  );
  if (weight !== undefined) return `weight ${weight} is not in 0 to ${WEIGHT_MAX}`;
  const cookie = cookiesOf(pool).find((each) => !TOKEN.test(each));
  return cookie === undefined ? undefined : `${cookie} names no cookie`;
}

function lackOfPool(ability: Ability, pool: Pool): Lack | undefined {
  const { choosing, session, check } = pool;
  const name = choosingName(choosing);
  if (!ability.choosing.includes(name)) return { unsupported: `choosing by ${name}` };
  if (session !== undefined && !ability.sessions.includes(session.kind)) {
    return { unsupported: `sessions by ${session.kind}` };
  }
  if (check !== undefined && !ability.checks) return { unsupported: 'checks' };
  const fault = faultOf(pool);
  return fault === undefined ? undefined : { refused: fault };
}

function lackOfService(ability: Ability, service: VirtualService): Lack | undefined {
  const { mode, locality, cache } = service;
  const { cacheOctetsMin = Infinity } = ability;
  if (!ability.modes.includes(mode)) return { unsupported: `mode ${mode}` };
  if (locality !== undefined && !ability.locality.includes(locality)) {
    return { unsupported: `locality by ${locality}` };
  }
  if (cache !== undefined && cache.octets < cacheOctetsMin) {
    return { unsupported: `a store of ${cache.octets} octets` };
  }
  return poolsOf(service)
    .map((pool) => lackOfPool(ability, pool))
    .find((each) => each !== undefined);
}

/** Why a product with `ability` is not what `setup` says; undefined where it is. */
export function lackOf(
  ability: Ability,
  { services, pair }: Setup,
  sharing: Sharing = 'alone',
): Lack | undefined {
  if (pair !== undefined && sharing === 'alone') return { unsupported: 'two switches for one' };
  return services
    .map((service) => lackOfService(ability, service))
    .find((each) => each !== undefined);
}
