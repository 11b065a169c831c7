/**
 * Places in the order in which they were last used: a ring of links in two arrays.
 *
 *     [sentinel] -> oldest -> … -> newest -> [sentinel]
 *
 * Every operation takes the same short time, however many places there are.
 */

/** An order of some of the places 0 … n − 1. */
export interface Recency {
  /** What was used next after a place; the last element is that of the sentinel. */
  readonly newer: Int32Array;
  /** What was used last before a place. */
  readonly older: Int32Array;
}

const ABSENT = -1;

/** An empty order over `places` places, 0 … 2^31 − 2. */
export function createRecency(places: number): Recency {
  const newer = new Int32Array(places + 1).fill(ABSENT);
  const older = new Int32Array(places + 1).fill(ABSENT);
  newer[places] = places;
  older[places] = places;
  return { newer, older };
}

/** Whether a place is in the order. */
export function isRecent({ newer }: Recency, place: number): boolean {
  return newer[place] !== ABSENT;
}

/** Takes a place, which has to be in the order, out of it. */
export function dropRecent({ newer, older }: Recency, place: number): void {
  const after = newer[place] ?? ABSENT;
  const before = older[place] ?? ABSENT;
  newer[before] = after;
  older[after] = before;
  newer[place] = ABSENT;
}

/** Makes a place the newest, whether or not it was in the order. */
export function touchRecent(recency: Recency, place: number): void {
  const { newer, older } = recency;
  if (newer[place] !== ABSENT) dropRecent(recency, place);
  const sentinel = newer.length - 1;
  const newest = older[sentinel] ?? ABSENT;
  newer[newest] = place;
  older[place] = newest;
  newer[place] = sentinel;
  older[sentinel] = place;
}

/** The place that was not used for longest, or −1 when the order is empty. */
export function oldestRecent({ newer }: Recency): number {
  const sentinel = newer.length - 1;
  const oldest = newer[sentinel] ?? ABSENT;
  return oldest === sentinel ? ABSENT : oldest;
}

/** The place that was used next after a place that is in the order, or −1 after the newest. */
export function nextRecent({ newer }: Recency, place: number): number {
  const next = newer[place] ?? ABSENT;
  return next === newer.length - 1 ? ABSENT : next;
}
