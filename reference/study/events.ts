/** What happens next: a heap of connections by the time of their next event. */

/** The time and the connection of each event, the earliest first. */
export interface EventHeap {
  readonly times: Float64Array;
  readonly slots: Int32Array;
  size: number;
}

/** A heap with room for `most` events. */
export function createEventHeap(most: number): EventHeap {
  return { times: new Float64Array(most), slots: new Int32Array(most), size: 0 };
}

/** Adds an event. */
export function pushEvent(heap: EventHeap, time: number, slot: number): void {
  const { times, slots } = heap;
  let place = heap.size;
  heap.size += 1;
  while (place > 0) {
    const above = (place - 1) >> 1;
    const other = times[above] ?? 0;
    if (other <= time) break;
    times[place] = other;
    slots[place] = slots[above] ?? 0;
    place = above;
  }
  times[place] = time;
  slots[place] = slot;
}

/** Puts an event in the place of the earliest one, which is over. */
export function replaceEvent({ times, slots, size }: EventHeap, time: number, slot: number): void {
  let place = 0;
  for (let below = 1; below < size; below = 2 * place + 1) {
    const right = below + 1;
    if (right < size && (times[right] ?? 0) < (times[below] ?? 0)) below = right;
    const other = times[below] ?? 0;
    if (time <= other) break;
    times[place] = other;
    slots[place] = slots[below] ?? 0;
    place = below;
  }
  times[place] = time;
  slots[place] = slot;
}

/** Takes the earliest event out. */
export function dropEvent(heap: EventHeap): void {
  const { times, slots } = heap;
  heap.size -= 1;
  const last = heap.size;
  if (last > 0) replaceEvent(heap, times[last] ?? 0, slots[last] ?? 0);
}
