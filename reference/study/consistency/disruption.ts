/** What the loss of servers does to the keys of others, and how evenly keys are shared out. */
import { createRandom, drawUint32 } from '../../sim/network/random.ts';

/**
 * The share, 0 … 1, of what belonged to servers that remain and has another server now.
 *
 * `before` and `after` have the server of each key, or of each entry of a table; `weights` are
 * those afterwards, 0 for who is gone.
 */
export function needlessShare(
  before: Uint16Array,
  after: Uint16Array,
  weights: readonly number[],
): number {
  const remains = Uint8Array.from(weights, (weight) => Number(weight > 0));
  let kept = 0;
  let moved = 0;
  for (let key = 0; key < before.length; key += 1) {
    const owner = before[key] ?? 0;
    if (remains[owner] !== 1) continue;
    if (after[key] === owner) kept += 1;
    else moved += 1;
  }
  return moved === 0 ? 0 : moved / (kept + moved);
}

/** How many times the mean of `servers` servers, above 0, the one with most keys has. */
export function peakOverMean(owners: Uint16Array, servers: number): number {
  const counts = new Uint32Array(2 ** 16);
  for (const owner of owners) counts[owner] = (counts[owner] ?? 0) + 1;
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  return (most * servers) / owners.length;
}

/**
 * `count` servers of weight 1 without `gone` of them, which are drawn; with one seed who is among few
 * that are gone is among more.
 */
export function survivors(count: number, gone: number, seed: number): readonly number[] {
  const random = createRandom(seed, 'failures');
  const lots = Array.from({ length: count }, () => drawUint32(random));
  const order = [...lots.keys()].toSorted((a, b) => (lots[a] ?? 0) - (lots[b] ?? 0));
  const lost = new Set(order.slice(0, gone));
  return lots.map((_, place) => (lost.has(place) ? 0 : 1));
}
