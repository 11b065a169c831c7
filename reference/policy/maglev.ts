/** Maglev hashing over a pool, with the walks and turns of those who publish theirs. */
import { murmur3, remainder, xxHash64 } from './hash.ts';
import { createKeyed } from './keyed.ts';
import { populate, type MaglevTurns, type MaglevWalk } from './maglev-table.ts';
import { compareOctets, nameOctets } from './octets.ts';
import { rememberEligible, type Pool } from './pool.ts';
import type { PoolServer, Scheduler } from './scheduler.ts';

/**
 * Whose table it is.
 *
 * - `paper`: Envoy's walks, everyone has as many turns.
 * - `envoy`: xxHash64 of the name with seeds 0 and 1; servers in the order of their names.
 * - `cilium`: both halves of MurmurHash3 of the name, such as `[10.0.0.1:80/TCP,State:active]`.
 * - `katran-v1`, `katran-v2`: MurmurHash3 of a server's number; servers in the order of their
 *   numbers.
 */
export type MaglevVariant = 'paper' | 'envoy' | 'cilium' | 'katran-v1' | 'katran-v2';

/** What of a Maglev table an operator may choose. */
export interface MaglevOptions {
  readonly variant: MaglevVariant;
  /**
   * Entries, a prime number; at least 100 for each server, so that shares differ by 1 % at most.
   */
  readonly size: number;
}

/** The most entries, those of Envoy. */
export const MAGLEV_SIZE_MAX = 5_000_011;
/** The most entries in Katran, which walks in 32 bits. */
export const KATRAN_SIZE_MAX = 65_537;

/** The first 32 bits of Cilium's default seed, JLfvgnHc2kaSUFaI in base64. */
const CILIUM_SEED = 0x24b7_ef82;

/** What Katran hashes after a server's number, and with which seed, for its offset and its skip. */
const KATRAN_OFFSET = { second: 42n, seed: 0 };
const KATRAN_SKIP = { second: 2_718_281_828n, seed: 2307 };

/** A server and what its walk is made of. */
interface Walker {
  readonly index: number;
  readonly weight: number;
  readonly name: Uint8Array;
  readonly number: bigint;
}

/**
 * The table: of each entry the index of the server that has it. Servers of weight 0 have none, and
 * without others the table is empty.
 */
export function maglevTable(
  servers: readonly PoolServer[],
  { variant, size }: MaglevOptions,
): Uint16Array {
  const walkers = servers.flatMap(({ name, weight }, index): readonly Walker[] => {
    const octets = nameOctets(name);
    return weight === 0 ? [] : [{ index, weight, name: octets, number: xxHash64(octets) }];
  });
  const ordered = walkers.toSorted(isKatran(variant) ? byNumber : byName);
  const walks = ordered.map((walker) => walkOf(walker, variant, size));
  const indices = ordered.map(({ index }) => index);
  return populate(walks, size, turnsOf(variant)).map((owner) => indices[owner] ?? 0);
}

/** Katran's walk of a server with this number, 0 … 2^64 − 1, in a table of `size` entries. */
export function katranWalk(number: bigint, weight: number, size: number): MaglevWalk {
  return {
    offset: remainder(katranHash(number, KATRAN_OFFSET), size),
    skip: remainder(katranHash(number, KATRAN_SKIP), size - 1) + 1,
    weight,
  };
}

/** Maglev hashing; the entry of a key is its xxHash64 modulo the table's size. */
export function createMaglev(pool: Pool, options: MaglevOptions): Scheduler {
  const tableFor = rememberEligible(pool, (places) => {
    const table = maglevTable(
      places.flatMap((place) => pool[place] ?? []),
      options,
    );
    return table.map((index) => places[index] ?? 0);
  });
  return createKeyed(pool, (choice) => {
    const table = tableFor(choice);
    return table?.[remainder(xxHash64(choice.key), table.length)];
  });
}

/** Whether a variant is one of Katran's. */
export function isKatran(variant: MaglevVariant): boolean {
  return variant === 'katran-v1' || variant === 'katran-v2';
}

function turnsOf(variant: MaglevVariant): MaglevTurns {
  return variant === 'paper' ? 'equal' : variant;
}

function walkOf(
  { name, number, weight }: Walker,
  variant: MaglevVariant,
  size: number,
): MaglevWalk {
  if (isKatran(variant)) return katranWalk(number, weight, size);
  const [first, second] =
    variant === 'cilium' ? murmur3(name, CILIUM_SEED) : [xxHash64(name, 0), xxHash64(name, 1)];
  return { offset: remainder(first, size), skip: remainder(second, size - 1) + 1, weight };
}

function katranHash(number: bigint, { second, seed }: typeof KATRAN_OFFSET): bigint {
  const octets = new Uint8Array(16);
  const view = new DataView(octets.buffer);
  view.setBigUint64(0, number, true);
  view.setBigUint64(8, second, true);
  return murmur3(octets, seed)[0];
}

function byName(a: Walker, b: Walker): number {
  return compareOctets(a.name, b.name);
}

function byNumber(a: Walker, b: Walker): number {
  if (a.number === b.number) return byName(a, b);
  return a.number < b.number ? -1 : 1;
}
