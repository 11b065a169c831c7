/** The hash of a key modulo the number of turns of a cycle: HAProxy's `hash-type map-based`. */
import { hashModulo, type HashName } from './hash.ts';
import { createKeyed } from './keyed.ts';
import { rememberEligible, weightOf, type Pool } from './pool.ts';
import type { Scheduler } from './scheduler.ts';
import { staticCycle } from './static-cycle.ts';

/** Modulo hashing; when a server goes or comes nearly all keys move. */
export function createModuloHash(pool: Pool, name: HashName): Scheduler {
  const cycleFor = rememberEligible(pool, (places) =>
    staticCycle(places.map((place) => weightOf(pool, place))).map((index) => places[index] ?? 0),
  );
  return createKeyed(pool, (choice) => {
    const cycle = cycleFor(choice);
    return cycle?.[hashModulo(name, choice.key, cycle.length)];
  });
}
