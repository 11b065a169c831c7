/**
 * Bucketed hashing: a key leads to one of many buckets, and a table says whose each bucket is.
 *
 * So a table of fixed size stands between any number of URLs and the servers, and one bucket at a
 * time can be moved. The buckets are dealt in smooth weighted turns; a bucket of a server that
 * cannot take it goes, for good, to the one that has the fewest for its weight.
 */
import { hashModulo, type HashName } from './hash.ts';
import { createKeyed } from './keyed.ts';
import { eligiblePlaces, isEligible, weightOf, type Pool } from './pool.ts';
import type { Scheduler } from './scheduler.ts';
import { createSmoothTurns } from './smooth-turns.ts';

/** The most buckets. */
export const BUCKETS_MAX = 65_536;

/** Bucketed hashing with its table. */
export interface BucketHash extends Scheduler {
  /** The bucket of a key. */
  bucketOf(key: Uint8Array): number;
  /** Whose each bucket is. */
  readonly table: Readonly<Uint16Array>;
  /** Gives a bucket to the server at `place`. */
  move(bucket: number, place: number): void;
}

/** Bucketed hashing with `count` buckets, 1 … 65536. */
export function createBucketHash(pool: Pool, name: HashName, count: number): BucketHash {
  const table = dealBuckets(pool, count);
  const owned = new Uint32Array(pool.length);
  for (const place of table) owned[place] = (owned[place] ?? 0) + 1;

  function move(bucket: number, place: number): void {
    const owner = table[bucket];
    if (owner === undefined || pool[place] === undefined) {
      throw new RangeError(`no bucket ${bucket} of ${count}, or no server ${place}`);
    }
    owned[owner] = (owned[owner] ?? 0) - 1;
    owned[place] = (owned[place] ?? 0) + 1;
    table[bucket] = place;
  }

  const bucketOf = (key: Uint8Array): number => hashModulo(name, key, count);
  const keyed = createKeyed(pool, (choice) => {
    const bucket = bucketOf(choice.key);
    const owner = table[bucket] ?? 0;
    if (isEligible(pool, choice, owner)) return owner;
    const load = (place: number): number => (owned[place] ?? 0) / weightOf(pool, place);
    const [first, ...others] = eligiblePlaces(pool, choice);
    if (first === undefined) return undefined;
    const heir = others.reduce((best, place) => (load(place) < load(best) ? place : best), first);
    move(bucket, heir);
    return heir;
  });
  return { ...keyed, bucketOf, table, move };
}

function dealBuckets(pool: Pool, count: number): Uint16Array {
  const turns = createSmoothTurns(pool);
  const places = [...pool.keys()].filter((place) => weightOf(pool, place) > 0);
  return Uint16Array.from({ length: count }, () => turns.take(places) ?? 0);
}
