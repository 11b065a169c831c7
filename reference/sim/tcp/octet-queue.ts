/** A queue of octets: appended at one end, dropped from the other, read anywhere. */

/** The octets are `store[from]` … `store[to - 1]`. */
export interface OctetQueue {
  store: Uint8Array;
  from: number;
  to: number;
}

/** Most octets in one queue; a model that comes here is used wrongly. */
export const QUEUE_OCTETS_MAX: number = 64 * 1024 * 1024;

/** A queue of these octets. */
export function createQueue(octets: Uint8Array = new Uint8Array(0)): OctetQueue {
  return { store: octets.slice(), from: 0, to: octets.length };
}

/** How many octets are in it. */
export function queueLength({ from, to }: OctetQueue): number {
  return to - from;
}

/** Puts octets at the end; throws RangeError beyond QUEUE_OCTETS_MAX. */
export function append(queue: OctetQueue, octets: Uint8Array): void {
  const need = queueLength(queue) + octets.length;
  if (need > QUEUE_OCTETS_MAX) throw new RangeError(`${need} octets are too many for a queue`);
  if (queue.to + octets.length > queue.store.length) {
    // Twice what is needed, so that each octet is moved a constant number of times on average.
    const store = need * 2 <= queue.store.length ? queue.store : new Uint8Array(need * 2);
    store.set(queue.store.subarray(queue.from, queue.to));
    queue.to = queueLength(queue);
    queue.from = 0;
    queue.store = store;
  }
  queue.store.set(octets, queue.to);
  queue.to += octets.length;
}

/** Drops octets from the front, at most all. */
export function dropFront(queue: OctetQueue, count: number): void {
  queue.from += Math.min(count, queueLength(queue));
}

/** A view of `count` octets from `at` on, as long as nothing is appended; as many as there are. */
export function peek(queue: OctetQueue, at: number, count: number): Uint8Array {
  const from = queue.from + at;
  return queue.store.subarray(from, Math.max(from, Math.min(from + count, queue.to)));
}
