/**
 * Whether counts are what chance makes of them.
 *
 * Pearson's statistic of counts whose expectations are known is distributed nearly as chi squared; its
 * tail is an incomplete gamma function, found by its series. (Abramowitz and Stegun, 26.4 and 6.5.)
 */
import type { Fault } from './unchanged.ts';

/** A right device is blamed this often at most. */
export const BLAME_PROBABILITY = 1e-4;
/** Fewer than so many are expected somewhere, and the statistic says nothing. (Cochran, 1954.) */
const EXPECTED_MIN = 5;
const TERMS_MAX = 1000;

/** ln Γ(half / 2) for a whole number from 1 on. */
function logGammaOfHalf(half: number): number {
  let log = half % 2 === 0 ? 0 : Math.log(Math.PI) / 2;
  for (let at = half - 2; at > 0; at -= 2) log += Math.log(at / 2);
  return log;
}

/** How probable a value of at least `value` is, with so many degrees of freedom, 1 or more. */
export function chiSquaredTail(value: number, degrees: number): number {
  if (value <= 0) return 1;
  const [a, x] = [degrees / 2, value / 2];
  let term = Math.exp(a * Math.log(x) - x - logGammaOfHalf(degrees + 2));
  let below = term;
  for (let n = 1; n < TERMS_MAX && term > below * 1e-15; n += 1) {
    term *= x / (a + n);
    below += term;
  }
  return Math.max(0, 1 - below);
}

/** Counts of what may be seen, as chance would have them; `probabilities` are those of each. */
export function chanceFault(
  counts: readonly number[],
  probabilities: readonly number[],
  blame: number = BLAME_PROBABILITY,
): Fault {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const expectations = probabilities.map((probability) => probability * total);
  if (Math.min(...expectations) < EXPECTED_MIN) throw new Error('there is too little to judge');
  const value = expectations.reduce(
    (sum, expected, at) => sum + ((counts[at] ?? 0) - expected) ** 2 / expected,
    0,
  );
  const tail = chiSquaredTail(value, counts.length - 1);
  if (tail >= blame) return undefined;
  const expected = `about ${expectations.map(Math.round).join(', ')} of ${total}`;
  return { expected, observed: `${counts.join(', ')}, of probability ${tail.toExponential(1)}` };
}
