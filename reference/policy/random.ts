/** Random: each server in proportion to its weight; or the less loaded of several drawn ones. */
import { isLessLoaded } from './least-connections.ts';
import { eligiblePlaces, weightOf, type Pool } from './pool.ts';
import type { DrawBelow, Scheduler } from './scheduler.ts';

/** The most servers that are drawn for one choice. */
export const DRAWS_MAX = 256;

/**
 * Draws `draws` times (1 … 256, with replacement), and takes the one with the fewest connections
 * for its weight: 2 is what HAProxy calls random(2), Mitzenmacher the power of two choices.
 */
export function createRandomChoice(pool: Pool, draw: DrawBelow, draws = 1): Scheduler {
  function drawOne(places: readonly number[], total: number): number | undefined {
    let left = draw(total);
    return places.find((place) => {
      left -= weightOf(pool, place);
      return left < 0;
    });
  }

  return {
    choose(choice): number | undefined {
      const places = eligiblePlaces(pool, choice);
      const total = places.reduce((sum, place) => sum + weightOf(pool, place), 0);
      if (total === 0) return undefined;
      let best = drawOne(places, total);
      for (let count = 1; count < draws && best !== undefined; count += 1) {
        const other = drawOne(places, total);
        if (other !== undefined && isLessLoaded(pool, choice, other, best)) best = other;
      }
      return best;
    },
  };
}
