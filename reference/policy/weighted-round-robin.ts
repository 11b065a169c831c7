/**
 * Weighted round robin in one of three orders, which agree in the counts and not in the sequence.
 *
 *   weights          5, 1, 1           3, 2, 1
 *   smooth           a a b a c a a     a b a c b a
 *   haproxy-static   a a a b a a c     a a b a b c
 *   ipvs             a a a a a b c     a a b a b c
 */
import {
  commonDivisor,
  eligiblePlaces,
  isEligible,
  rememberEligible,
  weightOf,
  type Pool,
} from './pool.ts';
import type { Scheduler } from './scheduler.ts';
import { createSmoothTurns } from './smooth-turns.ts';
import { staticCycle } from './static-cycle.ts';

/** In which order the turns of a cycle come. */
export type TurnOrder = 'smooth' | 'haproxy-static' | 'ipvs';

/** Weighted round robin in a declared order. */
export function createWeightedRoundRobin(pool: Pool, order: TurnOrder): Scheduler {
  switch (order) {
    case 'smooth':
      return createSmooth(pool);
    case 'haproxy-static':
      return createStatic(pool);
    case 'ipvs':
      return createDescending(pool);
    default:
      return order satisfies never;
  }
}

function createSmooth(pool: Pool): Scheduler {
  const turns = createSmoothTurns(pool);
  return { choose: (choice) => turns.take(eligiblePlaces(pool, choice)) };
}

function createStatic(pool: Pool): Scheduler {
  const cycleFor = rememberEligible(pool, (places) =>
    staticCycle(places.map((place) => weightOf(pool, place))).map((index) => places[index] ?? 0),
  );
  let turn = 0;
  return {
    choose(choice): number | undefined {
      const cycle = cycleFor(choice);
      if (cycle === undefined) return undefined;
      if (turn >= cycle.length) turn = 0;
      const place = cycle[turn];
      turn += 1;
      return place;
    },
  };
}

/** Rounds through the pool: in the first only the heaviest has a turn, in the last everyone. */
function createDescending(pool: Pool): Scheduler {
  const divisor = commonDivisor(pool.map(({ weight }) => weight));
  const shares = pool.map(({ weight }) => weight / divisor);
  const heaviest = Math.max(1, ...shares);
  let last = -1;
  let least = heaviest;
  return {
    choose(choice): number | undefined {
      // Every server is looked at with `least` at 1, so that one that is eligible is found.
      for (let step = 0; step < (heaviest + 1) * pool.length; step += 1) {
        last += 1;
        if (last === pool.length) {
          last = 0;
          least = least === 1 ? heaviest : least - 1;
        }
        if ((shares[last] ?? 0) >= least && isEligible(pool, choice, last)) return last;
      }
      return undefined;
    },
  };
}
