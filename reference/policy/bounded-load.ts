/**
 * Consistent hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam, SODA 2018), with weights
 * as HAProxy's `hash-balance-factor` has them.
 */

/**
 * How many connections each server may have, of all that the pool may have with one more than now.
 *
 * All together that is ⌈percent / 100 · (active + 1)⌉, `percent` 100 or more, laid out by weight:
 * the same whole number for each unit, and of what is left to each server its share of a running
 * sum; but one at least. With equal weights nobody may have more than ⌈percent / 100 · (active + 1)
 * / n⌉.
 */
export function boundedSlots(
  weights: readonly number[],
  active: number,
  percent: number,
): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const slots = Math.ceil(((active + 1) * percent) / 100);
  const each = Math.floor(slots / total);
  const rest = slots % total;
  let before = 0;
  return weights.map((weight) => {
    const from = Math.floor((before * rest) / total);
    before += weight;
    return Math.max(1, weight * each + Math.floor((before * rest) / total) - from);
  });
}
