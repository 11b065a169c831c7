/**
 * What is to come, the earliest first; what is due at the same time comes in the order it was put
 * in. A binary heap.
 *
 * Times are nanoseconds of virtual time as safe integers, which last for 104 days.
 */

/** Nanoseconds in one of each. */
export const NS = { us: 1e3, ms: 1e6, s: 1e9 } as const;

/** Something that is due. */
export interface Due<T> {
  readonly atNs: number;
  /** How many had been put in before. */
  readonly order: number;
  readonly what: T;
}

/** All that is due. */
export interface Timeline<T> {
  readonly heap: Due<T>[];
  /** How many were ever put in. */
  count: number;
}

/** A timeline with nothing on it. */
export function createTimeline<T>(): Timeline<T> {
  return { heap: [], count: 0 };
}

/** Puts in what is due at `atNs`. */
export function putDue<T>(timeline: Timeline<T>, atNs: number, what: T): void {
  const { heap } = timeline;
  const due = { atNs, order: timeline.count, what };
  timeline.count += 1;
  let hole = heap.length;
  heap.push(due);
  while (hole > 0) {
    const above = (hole - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || isBefore(parent, due)) break;
    heap[hole] = parent;
    hole = above;
  }
  heap[hole] = due;
}

/** Takes out what is due first; undefined when nothing is left. */
export function takeDue<T>({ heap }: Timeline<T>): Due<T> | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let hole = 0;
  for (;;) {
    const left = heap[2 * hole + 1];
    const right = heap[2 * hole + 2];
    const isRight = left !== undefined && right !== undefined && isBefore(right, left);
    const least = isRight ? right : left;
    if (least === undefined || isBefore(last, least)) break;
    heap[hole] = least;
    hole = 2 * hole + (isRight ? 2 : 1);
  }
  heap[hole] = last;
  return first;
}

function isBefore(a: Due<unknown>, b: Due<unknown>): boolean {
  return a.atNs < b.atNs || (a.atNs === b.atNs && a.order < b.order);
}
