/** Who has least to do: what a server switch may choose that looks at active connections. */
import type { ServerName, TieRule } from '../driver/balancer.ts';
import type { Fault } from './unchanged.ts';

/** A request, and for how long it is with its server. */
export interface Job {
  readonly fromMs: number;
  readonly toMs: number;
  readonly server: ServerName;
}

/** The servers of a pool in its order, those of weight 0 left out. */
export type WeightedServers = readonly (readonly [name: ServerName, weight: number])[];

/** What a server has to do for its weight: what it has, or what it would have with one more. */
type Measure = (active: number, weight: number) => number;

/** With equal weights both say the same. HAProxy has the second, and 0 where nothing is active. */
const MEASURES: readonly Measure[] = [
  (active, weight) => active / weight,
  (active, weight) => (active === 0 ? 0 : (active + 1) / weight),
];
/** Less than between any two quotients that differ. */
const EQUAL = 1e-9;

/** Who comes so shortly before or after another's answer has ended may count it, or not. */
const UNSURE_MS = 30;
/** More than are unsure at a time in any story; 2^n possibilities are looked at. */
const UNSURE_MAX = 6;

/** What may be active at a time: one list for each way in which what is unsure may have gone. */
function activeAt(jobs: readonly Job[], atMs: number): readonly (readonly Job[])[] {
  const unsure = jobs.filter(({ toMs }) => Math.abs(toMs - atMs) <= UNSURE_MS).slice(-UNSURE_MAX);
  const sure = jobs.filter((each) => each.toMs > atMs && !unsure.includes(each));
  return Array.from({ length: 2 ** unsure.length }, (_, way) => [
    ...sure,
    ...unsure.filter((_each, nth) => (way >> nth) % 2 === 1),
  ]);
}

function leastBusy(
  active: readonly Job[],
  pool: WeightedServers,
  measure: Measure,
): readonly ServerName[] {
  const loads = pool.map(([name, weight]): readonly [ServerName, number] => {
    const own = active.filter(({ server }) => server === name);
    return [name, measure(own.length, weight)];
  });
  const least = Math.min(...loads.map(([, load]) => load));
  return loads.flatMap(([name, load]) => (load <= least + EQUAL ? [name] : []));
}

/** Which of several that are as good a rule permits; `last` is who was chosen before. */
function permitted(
  names: readonly ServerName[],
  rule: TieRule | undefined,
  pool: WeightedServers,
  last: ServerName | undefined,
): readonly ServerName[] {
  if (rule === undefined) return names;
  const from = rule === 'first' ? 0 : pool.findIndex(([name]) => name === last) + 1;
  const order = [...pool.slice(from), ...pool.slice(0, from)].map(([name]) => name);
  const found = order.find((name) => names.includes(name));
  return found === undefined ? [] : [found];
}

/** Each of some jobs, in the order in which they came, went to who had least to do for its weight. */
export function leastFault(
  jobs: readonly Job[],
  pool: WeightedServers,
  rule: TieRule | undefined,
): Fault {
  let last: ServerName | undefined;
  for (const [nth, { fromMs, server }] of jobs.entries()) {
    const names = activeAt(jobs.slice(0, nth), fromMs).flatMap((active) =>
      MEASURES.flatMap((measure) => permitted(leastBusy(active, pool, measure), rule, pool, last)),
    );
    if (!names.includes(server)) {
      const expected = `${[...new Set(names)].join(' or ')} for the client that came after ${fromMs} ms`;
      return { expected, observed: server };
    }
    last = server;
  }
  return undefined;
}
