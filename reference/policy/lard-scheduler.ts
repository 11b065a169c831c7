/** LARD and LARD/R as a policy of a pool: the key of a choice is its target. */
import { createReplicatedLard, type ReplicatedLardOptions } from './lard-replicated.ts';
import { admissionLimit, createLard, thresholdsOf, UNABLE } from './lard.ts';
import type { PoolServer, Scheduler } from './scheduler.ts';

/** What of LARD an operator may choose. */
export interface LardSchedulerOptions extends Omit<ReplicatedLardOptions, 'nodes'> {
  /** Whether a target may have several servers: LARD/R. */
  readonly replicated: boolean;
}

/** Each octet as a letter of its own, so that two keys are never one. */
const LETTERS = new TextDecoder('latin1');

/**
 * LARD over a pool; of the weights only 0 counts, which takes nothing.
 *
 * A choice is undefined, too, when the able servers have as many connections as `admissionLimit`
 * allows. A server that is found not to be able loses what it was given.
 */
export function createLardScheduler(
  servers: readonly PoolServer[],
  { replicated, ...options }: LardSchedulerOptions,
): Scheduler {
  const thresholds = thresholdsOf(options);
  const settings = { ...options, nodes: servers.length };
  const lard = replicated ? createReplicatedLard<string>(settings) : createLard<string>(settings);
  const loads = new Int32Array(servers.length).fill(UNABLE);
  return {
    choose(choice): number | undefined {
      let able = 0;
      let total = 0;
      for (const [place, { weight }] of servers.entries()) {
        const before = loads[place];
        const load = weight > 0 && choice.isAble(place) ? choice.active(place) : UNABLE;
        loads[place] = load;
        if (load !== UNABLE) {
          able += 1;
          total += load;
        } else if (before !== UNABLE) lard.unmap(place);
      }
      if (total >= admissionLimit(able, thresholds)) return undefined;
      const place = lard.choose(LETTERS.decode(choice.key), loads, choice.nowMs);
      return place === -1 ? undefined : place;
    },
  };
}
