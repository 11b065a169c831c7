/** Least connections: the server with the fewest for its weight. */
import { eligiblePlaces, weightOf, type Pool } from './pool.ts';
import type { Choice, Scheduler } from './scheduler.ts';
import { createSmoothTurns } from './smooth-turns.ts';

/**
 * Who of those that have equally few is chosen: the `first` in the pool's order, the next in `turn`
 * after the one that was chosen last, or `smooth`: by weighted turns among them, as nginx does.
 */
export type TieRule = 'first' | 'turn' | 'smooth';

/** Whether `a` has fewer connections for its weight than `b`; compared without a division. */
export function isLessLoaded(pool: Pool, choice: Choice, a: number, b: number): boolean {
  return choice.active(a) * weightOf(pool, b) < choice.active(b) * weightOf(pool, a);
}

/** Least connections; `active / weight` is least. */
export function createLeastConnections(pool: Pool, tie: TieRule): Scheduler {
  const breakTie = tieBreaker(pool, tie);
  return {
    choose(choice): number | undefined {
      let least: number[] = [];
      for (const place of eligiblePlaces(pool, choice)) {
        const [best] = least;
        if (best === undefined || isLessLoaded(pool, choice, place, best)) least = [place];
        else if (!isLessLoaded(pool, choice, best, place)) least.push(place);
      }
      return breakTie(least);
    },
  };
}

/** Chooses one of several that are as good; they are in the pool's order. */
export function tieBreaker(
  pool: Pool,
  tie: TieRule,
): (places: readonly number[]) => number | undefined {
  if (tie === 'first') return (places) => places[0];
  if (tie === 'smooth') {
    const turns = createSmoothTurns(pool);
    return (places) => turns.take(places);
  }
  let last = -1;
  return (places) => {
    const place = places.find((each) => each > last) ?? places[0];
    last = place ?? last;
    return place;
  };
}
