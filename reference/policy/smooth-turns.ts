/**
 * Smooth weighted turns, as nginx takes them.
 *
 * At each turn every candidate gains its weight; the one that has most, the first of equals, has
 * the turn and pays what all have gained. Weights 5, 1, 1: a a b a c a a. (nginx 1.22.1, round
 * robin.)
 */
import { weightOf, type Pool } from './pool.ts';

/** What each server has gained and not yet paid. */
export interface SmoothTurns {
  /** The candidate whose turn it is; undefined when there are none. */
  take(candidates: readonly number[]): number | undefined;
}

/** Turns of which none has been taken. */
export function createSmoothTurns(pool: Pool): SmoothTurns {
  const gained = new Float64Array(pool.length);
  return {
    take(candidates): number | undefined {
      let total = 0;
      let best: number | undefined;
      for (const place of candidates) {
        const weight = weightOf(pool, place);
        const gain = (gained[place] ?? 0) + weight;
        gained[place] = gain;
        total += weight;
        if (best === undefined || gain > (gained[best] ?? 0)) best = place;
      }
      if (best !== undefined) gained[best] = (gained[best] ?? 0) - total;
      return best;
    },
  };
}
