/**
 * A queue that anything in it can leave: each thing knows its neighbours.
 *
 *   first ⇄ … ⇄ last        join at the end, leave anywhere, both in constant time
 *
 * A Set would do the same, but what has left it stands in the way of its first element until the Set
 * is rebuilt: under a flood, finding that took most of the time.
 */

/** What can be in one queue at a time. */
export interface Queued<T> {
  earlier: T | undefined;
  later: T | undefined;
}

/** A queue, the one that joined first at its head. */
export interface Queue<T> {
  first: T | undefined;
  last: T | undefined;
  size: number;
}

/** An empty queue. */
export function createQueue<T>(): Queue<T> {
  return { first: undefined, last: undefined, size: 0 };
}

/** Puts `item`, which is in no queue, at the end. */
export function join<T extends Queued<T>>(queue: Queue<T>, item: T): void {
  item.earlier = queue.last;
  if (queue.last === undefined) queue.first = item;
  else queue.last.later = item;
  queue.last = item;
  queue.size += 1;
}

/** Takes `item`, which is in `queue`, out of it. */
export function leave<T extends Queued<T>>(queue: Queue<T>, item: T): void {
  const { earlier, later } = item;
  if (earlier === undefined) queue.first = later;
  else earlier.later = later;
  if (later === undefined) queue.last = earlier;
  else later.earlier = earlier;
  item.earlier = undefined;
  item.later = undefined;
  queue.size -= 1;
}

/** What is in a queue, from its head on; it must not change meanwhile. */
export function* membersOf<T extends Queued<T>>(queue: Queue<T>): Iterable<T> {
  for (let item = queue.first; item !== undefined; item = item.later) yield item;
}
