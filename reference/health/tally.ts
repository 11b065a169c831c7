/**
 * Whether a server is up, by the results of its probes and the fate of its traffic.
 *
 *   up ── fall bad results in a row, or trafficFall failures of traffic in a row ─▶ down
 *      ◀─────────────────────── rise good results in a row ───────────────────────
 */
import type { Check } from './check.ts';

/** Where a server stands. */
export interface Tally {
  readonly isUp: boolean;
  /** Results in a row that say the opposite. */
  readonly against: number;
  /** Failures of traffic in a row. */
  readonly failures: number;
}

/** A server of which nothing is known is up, as the balancer takes it. */
export const FRESH: Tally = { isUp: true, against: 0, failures: 0 };

/** One more probe was good or bad. */
export function countResult(
  tally: Tally,
  isSuccess: boolean,
  { fall, rise }: Pick<Check, 'fall' | 'rise'>,
): Tally {
  if (isSuccess === tally.isUp) return { ...tally, against: 0 };
  const against = tally.against + 1;
  if (against < (tally.isUp ? fall : rise)) return { ...tally, against };
  return { isUp: isSuccess, against: 0, failures: 0 };
}

/**
 * A client’s connection was served or failed; good probes do not undo failures.
 *
 * A server that is down comes back by probes alone: what it still serves says nothing of the new.
 */
export function countTraffic(
  tally: Tally,
  isServed: boolean,
  { trafficFall }: Pick<Check, 'trafficFall'>,
): Tally {
  if (trafficFall === undefined || !tally.isUp) return tally;
  const failures = isServed ? 0 : tally.failures + 1;
  return failures < trafficFall ? { ...tally, failures } : { ...FRESH, isUp: false };
}
