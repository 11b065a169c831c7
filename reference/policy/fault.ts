/** Why a pool or a declared policy cannot be used, said before anything is built of it. */
import { BUCKETS_MAX } from './bucket-hash.ts';
import { isCookieName, isCookieValue } from './cookie.ts';
import type {
  KeylessDeclaration,
  LardDeclaration,
  Placement,
  PolicyDeclaration,
} from './declaration.ts';
import { LARD_THRESHOLDS } from './lard.ts';
import { isKatran, KATRAN_SIZE_MAX, MAGLEV_SIZE_MAX } from './maglev.ts';
import { SERVERS_MAX, WEIGHT_MAX, type Pool } from './pool.ts';
import { DRAWS_MAX } from './random.ts';
import { POINTS_PER_WEIGHT, RING_MAXIMUM, RING_MINIMUM } from './ring.ts';

/** The most sessions or targets that are remembered. */
const ENTRIES_MAX = 2 ** 24;

/** What is wrong, where it can be found in the declaration, and what would be right. */
export type PolicyFault =
  | {
      readonly kind: 'range';
      readonly field: string;
      readonly least: number;
      readonly most: number;
    }
  | { readonly kind: 'not-prime'; readonly field: string; readonly size: number }
  | { readonly kind: 'too-few-entries'; readonly field: string; readonly servers: number }
  | { readonly kind: 'wrong-key'; readonly field: string; readonly policy: string }
  | { readonly kind: 'cookie'; readonly field: string; readonly text: string }
  | { readonly kind: 'same-name'; readonly field: string; readonly name: string };

/** The first fault of a pool: its size, a weight, or a name that two servers have. */
export function poolFault(pool: Pool): PolicyFault | undefined {
  const names = new Set<string>();
  for (const [place, { name, weight }] of pool.entries()) {
    const fault = rangeFault(`[${place}].weight`, weight, 0, WEIGHT_MAX);
    if (fault !== undefined) return fault;
    if (names.has(name)) return { kind: 'same-name', field: `[${place}].name`, name };
    names.add(name);
  }
  return rangeFault('length', pool.length, 0, SERVERS_MAX);
}

/** The first fault of a declaration for a pool. */
export function declarationFault(
  declaration: PolicyDeclaration,
  pool: Pool,
): PolicyFault | undefined {
  return (
    ('placement' in declaration ? placementFault(declaration, pool) : undefined) ??
    ('otherwise' in declaration ? keylessFault(declaration.otherwise, 'otherwise.') : undefined) ??
    ('entriesMax' in declaration
      ? (rangeFault('entriesMax', declaration.entriesMax, 1, ENTRIES_MAX) ??
        rangeFault('expireMs', declaration.expireMs, 1, 2 ** 53))
      : undefined) ??
    (declaration.policy === 'lard' ? lardFault(declaration) : undefined) ??
    cookieFault(declaration, pool) ??
    keylessFault(declaration, '')
  );
}

function keylessFault(
  declaration: KeylessDeclaration | PolicyDeclaration,
  before: string,
): PolicyFault | undefined {
  if (declaration.policy === 'random') {
    return rangeFault(`${before}draws`, declaration.draws ?? 1, 1, DRAWS_MAX);
  }
  if (declaration.policy === 'lightest-load') {
    return rangeFault(`${before}maxAgeMs`, declaration.maxAgeMs, 1, 2 ** 53);
  }
  return undefined;
}

function lardFault({ targets, low, high, keepMs }: LardDeclaration): PolicyFault | undefined {
  const most = high ?? LARD_THRESHOLDS.high;
  return (
    rangeFault('targets', targets, 1, ENTRIES_MAX) ??
    rangeFault('high', most, 1, 2 ** 30) ??
    rangeFault('low', low ?? LARD_THRESHOLDS.low, 1, most) ??
    rangeFault('keepMs', keepMs ?? 1, 0, 2 ** 53)
  );
}

function cookieFault(declaration: PolicyDeclaration, pool: Pool): PolicyFault | undefined {
  if (!('cookie' in declaration)) return undefined;
  const { cookie, policy } = declaration;
  if (!isCookieName(cookie)) return { kind: 'cookie', field: 'cookie', text: cookie };
  if (policy !== 'cookie-insert') return undefined;
  const place = pool.findIndex(({ name }) => name === '' || !isCookieValue(name));
  const text = pool[place]?.name;
  return text === undefined ? undefined : { kind: 'cookie', field: `[${place}].name`, text };
}

function placementFault(
  { policy, placement }: { readonly policy: string; readonly placement: Placement },
  pool: Pool,
): PolicyFault | undefined {
  switch (placement.kind) {
    case 'buckets':
      return rangeFault('placement.count', placement.count, 1, BUCKETS_MAX);
    case 'nginx-address':
      return policy === 'source-hash'
        ? undefined
        : { kind: 'wrong-key', field: 'placement.kind', policy };
    case 'maglev':
      return maglevFault(placement, pool);
    case 'ring':
      return ringFault(placement, pool);
    default:
      return undefined;
  }
}

function maglevFault(
  { variant, size }: Extract<Placement, { readonly kind: 'maglev' }>,
  pool: Pool,
): PolicyFault | undefined {
  const field = 'placement.size';
  const most = isKatran(variant) ? KATRAN_SIZE_MAX : MAGLEV_SIZE_MAX;
  const outside = rangeFault(field, size, 2, most);
  if (outside !== undefined) return outside;
  if (!isPrime(size)) return { kind: 'not-prime', field, size };
  return size < pool.length ? { kind: 'too-few-entries', field, servers: pool.length } : undefined;
}

function ringFault(
  placement: Extract<Placement, { readonly kind: 'ring' }>,
  pool: Pool,
): PolicyFault | undefined {
  const bound = rangeFault('placement.boundPercent', placement.boundPercent ?? 101, 101, 65_535);
  if (bound !== undefined) return bound;
  if (placement.variant === 'nginx') {
    const total = pool.reduce((sum, { weight }) => sum + weight, 0);
    return rangeFault('the sum of the weights', total, 0, RING_MAXIMUM / POINTS_PER_WEIGHT);
  }
  const { minimumSize = RING_MINIMUM, maximumSize = RING_MAXIMUM } = placement;
  return (
    rangeFault('placement.maximumSize', maximumSize, 1, RING_MAXIMUM) ??
    rangeFault('placement.minimumSize', minimumSize, 1, maximumSize)
  );
}

function rangeFault(
  field: string,
  number: number,
  least: number,
  most: number,
): PolicyFault | undefined {
  const isInside = Number.isInteger(number) && number >= least && number <= most;
  return isInside ? undefined : { kind: 'range', field, least, most };
}

/** Whether a number from 2 on is prime; by division, for tables of some millions of entries. */
function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor += 1) {
    if (number % divisor === 0) return false;
  }
  return true;
}
