/** The servers of a pool that may be chosen: they are able, and have a weight. */
import type { Choice, PoolServer } from './scheduler.ts';

/** Servers by their places. */
export type Pool = readonly PoolServer[];

/** The most servers of a pool, so that a place fits into 16 bits. */
export const SERVERS_MAX = 65_535;
/** The greatest weight, that of HAProxy. */
export const WEIGHT_MAX = 256;

/** Whether the server at `place` may be chosen. */
export function isEligible(pool: Pool, choice: Choice, place: number): boolean {
  return weightOf(pool, place) > 0 && choice.isAble(place);
}

/** The weight of the server at `place`; 0 where there is none. */
export function weightOf(pool: Pool, place: number): number {
  return pool[place]?.weight ?? 0;
}

/** The places of all servers that may be chosen, in the pool's order. */
export function eligiblePlaces(pool: Pool, choice: Choice): readonly number[] {
  return [...pool.keys()].filter((place) => isEligible(pool, choice, place));
}

/** The greatest number that divides all weights but 0; 1 when there is none. */
export function commonDivisor(weights: readonly number[]): number {
  const divisor = weights.reduce((a, b) => {
    let [larger, smaller] = [a, b];
    while (smaller > 0) [larger, smaller] = [smaller, larger % smaller];
    return larger;
  }, 0);
  return divisor === 0 ? 1 : divisor;
}

/**
 * Keeps what `build` makes of the places that may be chosen, as long as they are the same.
 *
 * So a server that is not able is as one that is not in the pool. Undefined when none may be
 * chosen.
 */
export function rememberEligible<T>(
  pool: Pool,
  build: (places: readonly number[]) => T,
): (choice: Choice) => T | undefined {
  const known = new Uint8Array(pool.length);
  let built: T | undefined;
  return (choice) => {
    let changed = false;
    for (let place = 0; place < known.length; place += 1) {
      const eligible = isEligible(pool, choice, place) ? 1 : 0;
      if (known[place] === eligible) continue;
      known[place] = eligible;
      changed = true;
    }
    if (changed) {
      const places = [...pool.keys()].filter((place) => known[place] === 1);
      built = places.length === 0 ? undefined : build(places);
    }
    return built;
  };
}
