/** LARD and LARD/R as a policy of a pool: the key of a choice is its target. */
import { createReplicatedLard, type ReplicatedLardOptions } from './lard-replicated.ts';
import { admissionLimit, createLard, thresholdsOf, UNABLE, type Lard } from './lard.ts';
import type { PoolServer, Scheduler } from './scheduler.ts';
import { placesByName } from './session.ts';

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
 * allows. A target whose server is not able has another from then on.
 */
export function createLardScheduler(
  servers: readonly PoolServer[],
  options: LardSchedulerOptions,
): Scheduler {
  return schedulerBy(createLardOf(servers, options), servers, options);
}

function createLardOf(
  { length: nodes }: readonly PoolServer[],
  options: LardSchedulerOptions,
): Lard<string> {
  const settings = { ...options, nodes };
  return options.replicated ? createReplicatedLard(settings) : createLard(settings);
}

function schedulerBy(
  lard: Lard<string>,
  servers: readonly PoolServer[],
  options: LardSchedulerOptions,
): Scheduler {
  const thresholds = thresholdsOf(options);
  const loads = new Int32Array(servers.length).fill(UNABLE);
  return {
    choose(choice): number | undefined {
      let able = 0;
      let total = 0;
      for (const [place, { weight }] of servers.entries()) {
        const load = weight > 0 && choice.isAble(place) ? choice.active(place) : UNABLE;
        loads[place] = load;
        if (load === UNABLE) continue;
        able += 1;
        total += load;
      }
      if (total >= admissionLimit(able, thresholds)) return undefined;
      const place = lard.choose(LETTERS.decode(choice.key), loads, choice.nowMs);
      return place === -1 ? undefined : place;
    },
    lost: (place) => lard.unmap(place),
    succeed(pool): Scheduler {
      const next = createLardOf(pool, options);
      inherit(next, pool, lard, servers);
      return schedulerBy(next, pool, options);
    },
  };
}

/** Remembers what `lard` does of the servers that `pool` has too, and gives something to. */
function inherit(
  next: Lard<string>,
  pool: readonly PoolServer[],
  lard: Lard<string>,
  servers: readonly PoolServer[],
): void {
  const places = placesByName(pool);
  const isThere = (place: number): boolean => (pool[place]?.weight ?? 0) > 0;
  for (const { nodes, ...entry } of lard.entries()) {
    const left = nodes
      .flatMap((node) => places.get(servers[node]?.name ?? '') ?? [])
      .filter(isThere);
    if (left.length > 0) next.remember({ ...entry, nodes: left });
  }
}
