/**
 * How often a property runs, and from which seed.
 *
 * `PRISMSPEC_RUNS` multiplies every count (default 1); `PRISMSPEC_SEED` replays one seed.
 */
import fc from 'fast-check';

/**
 * Parameters of `fc.assert` for a property that normally runs `count` times.
 *
 * A failure prints the seed, and the variable that replays it.
 */
export function runs<T>(count: number): fc.Parameters<T> {
  const factor = Number(process.env['PRISMSPEC_RUNS'] ?? '1');
  const seed = process.env['PRISMSPEC_SEED'];
  return {
    numRuns: Math.max(1, Math.round(count * factor)),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    reporter(result): void {
      if (!result.failed) return;
      const report = fc.defaultReportMessage(result) ?? 'property failed';
      const { errorInstance: cause } = result;
      const reason = cause instanceof Error ? `\n${cause.message}` : '';
      throw new Error(`${report}${reason}\nreplay: PRISMSPEC_SEED=${result.seed} npx ava`, {
        cause,
      });
    },
  };
}
