/**
 * The cycle of HAProxy's static-rr, and the map of its `hash-type map-based`.
 *
 * At each turn every server gains its weight; who has gained the whole sum once more often than
 * others has the turn, the first of equals. Weights 5, 1, 1: a a a b a a c. (HAProxy 2.6.12.)
 */
import { commonDivisor } from './pool.ts';

/** Whose turn each of the Σw / gcd turns is, as indices of `weights`, which are above 0. */
export function staticCycle(weights: readonly number[]): Uint16Array {
  const divisor = commonDivisor(weights);
  const shares = weights.map((weight) => weight / divisor);
  const total = shares.reduce((sum, share) => sum + share, 0);
  const gained = shares.map(() => 0);
  const cycle = new Uint16Array(total);
  for (let turn = 0; turn < total; turn += 1) {
    let best = 0;
    let most = -1;
    for (const [index, share] of shares.entries()) {
      const gain = (gained[index] ?? 0) + share;
      gained[index] = gain;
      const times = Math.trunc((gain + total) / total);
      if (times <= most) continue;
      most = times;
      best = index;
    }
    cycle[turn] = best;
    gained[best] = (gained[best] ?? 0) - total;
  }
  return cycle;
}
