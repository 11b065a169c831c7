import test from 'ava';
import fc from 'fast-check';
import type { CheckOptions } from '../../../../reference/health/check.ts';
import { removalTimes, timeBounds } from '../../../../reference/study/health/times.ts';

const PROBE = { kind: 'http', path: '/check/0', statuses: [{ first: 200, last: 299 }] } as const;

test('whatever a check is, times are within its bounds', (t) => {
  const options = fc
    .record({
      intervalMs: fc.integer({ min: 20, max: 5000 }),
      jitter: fc.double({ min: 0, max: 0.4, noNaN: true }),
      timeout: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
      fall: fc.integer({ min: 1, max: 6 }),
      rise: fc.integer({ min: 1, max: 6 }),
    })
    .map(({ intervalMs, jitter, timeout, fall, rise }): CheckOptions => {
      const jitterMs = Math.floor(jitter * intervalMs);
      const timeoutMs = Math.max(1, Math.floor(timeout * intervalMs));
      return { probe: PROBE, intervalMs, jitterMs, timeoutMs, fall, rise };
    });
  const failures = fc.constantFrom('refuses' as const, 'hangs' as const);
  fc.assert(
    fc.property(options, failures, fc.nat(), (check, failure, seed) => {
      const bounds = timeBounds(check, failure);
      for (const { removalMs, returnMs } of removalTimes(check, failure, { trials: 10, seed })) {
        t.true(removalMs >= bounds.removal[0] && removalMs <= bounds.removal[1]);
        t.true(returnMs >= bounds.return[0] && returnMs <= bounds.return[1]);
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('times are spread over the whole of an interval', (t) => {
  const check = { probe: PROBE, intervalMs: 1000, jitterMs: 0, timeoutMs: 100, fall: 2, rise: 2 };
  const times = removalTimes(check, 'refuses', { trials: 400, seed: 1 });
  const removals = times.map(({ removalMs }) => removalMs);
  t.true(Math.min(...removals) < 1050 && Math.max(...removals) > 1950);
});
