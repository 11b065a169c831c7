/** What all policies share that hash a key: what has no key takes its turn. */
import { createWeightedRoundRobin } from './weighted-round-robin.ts';
import { createStaying } from './staying.ts';
import type { Pool } from './pool.ts';
import type { Choice, Scheduler } from './scheduler.ts';

/**
 * Chooses by `byKey` where there is a key, and in smooth weighted turns where the key is empty, as
 * HAProxy (`balance hdr`) and nginx (`hash`) do without the field that they were told to hash.
 */
export function createKeyed(pool: Pool, byKey: (choice: Choice) => number | undefined): Scheduler {
  const turns = createStaying(createWeightedRoundRobin(pool, 'smooth'));
  return {
    choose: (choice) => (choice.key.length === 0 ? turns.choose(choice) : byKey(choice)),
  };
}
