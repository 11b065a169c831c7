/** Round robin: one after the other in the pool's order; of the weights only 0 counts. */
import { isEligible, type Pool } from './pool.ts';
import type { Scheduler } from './scheduler.ts';

/** Round robin; who is not able loses its turn. */
export function createRoundRobin(pool: Pool): Scheduler {
  let next = 0;
  return {
    choose(choice): number | undefined {
      for (let step = 0; step < pool.length; step += 1) {
        const place = (next + step) % pool.length;
        if (!isEligible(pool, choice, place)) continue;
        next = place + 1;
        return place;
      }
      return undefined;
    },
  };
}
