/** Lightest load: the server that says that it has least to do. */
import { tieBreaker } from './least-connections.ts';
import { eligiblePlaces, type Pool } from './pool.ts';
import type { LoadReport, Scheduler } from './scheduler.ts';

/**
 * Lightest load by reports that are `maxAgeMs` old at most.
 *
 * Between two reports all that is new goes to the same server, and those that are equal take turns.
 * A server without a report young enough is chosen only when nobody has one; then all take turns.
 */
export function createLightestLoad(
  pool: Pool,
  maxAgeMs: number,
): Scheduler & { report(report: LoadReport): void } {
  const latest: (LoadReport | undefined)[] = pool.map(() => undefined);
  const breakTie = tieBreaker(pool, 'turn');
  return {
    choose(choice): number | undefined {
      let least = Number.POSITIVE_INFINITY;
      let lightest: number[] = [];
      const eligible = eligiblePlaces(pool, choice);
      for (const place of eligible) {
        const report = latest[place];
        if (report === undefined || choice.nowMs - report.atMs > maxAgeMs) continue;
        if (report.load < least) lightest = [];
        if (report.load > least) continue;
        least = report.load;
        lightest.push(place);
      }
      return breakTie(lightest.length > 0 ? lightest : eligible);
    },
    report(report): void {
      if (!(report.load >= 0 && report.load < Number.POSITIVE_INFINITY)) {
        throw new RangeError(`a load is a finite number from 0 on: ${report.load}`);
      }
      const known = latest[report.place];
      // Reports may overtake each other.
      if (known === undefined || known.atMs <= report.atMs) latest[report.place] = report;
    },
  };
}
