/**
 * Greedy-Dual-Size with cost 1: a file is worth L + 1 / size (Cao and Irani, USITS 1997).
 *
 * L is the worth of the last file that went, so that what is not used again falls behind. Of two
 * files of the same worth the one that was not used for longer goes; with files of one size this is
 * LRU.
 */
import type { FileCache } from './cache.ts';

/** Files of a cache as a binary heap, the one that goes first at the top. */
interface WorthHeap {
  readonly files: number[];
  /** The place of each file in the heap, −1 for one that is not in it. */
  readonly places: Int32Array;
  readonly worth: Float64Array;
  readonly usedAt: Float64Array;
}

function goesBefore({ worth, usedAt }: WorthHeap, a: number, b: number): boolean {
  const difference = (worth[a] ?? 0) - (worth[b] ?? 0);
  return difference < 0 || (difference === 0 && (usedAt[a] ?? 0) < (usedAt[b] ?? 0));
}

function put({ files, places }: WorthHeap, place: number, file: number): void {
  files[place] = file;
  places[file] = place;
}

function siftUp(heap: WorthHeap, file: number, from: number): void {
  let place = from;
  while (place > 0) {
    const above = (place - 1) >> 1;
    const other = heap.files[above] ?? 0;
    if (!goesBefore(heap, file, other)) break;
    put(heap, place, other);
    place = above;
  }
  put(heap, place, file);
}

function siftDown(heap: WorthHeap, file: number, from: number): void {
  const { files } = heap;
  let place = from;
  for (let below = 2 * place + 1; below < files.length; below = 2 * place + 1) {
    const left = files[below] ?? 0;
    const right = files[below + 1];
    const isRight = right !== undefined && goesBefore(heap, right, left);
    const other = isRight ? right : left;
    if (!goesBefore(heap, other, file)) break;
    put(heap, place, other);
    place = isRight ? below + 1 : below;
  }
  put(heap, place, file);
}

function takeFirst(heap: WorthHeap): number {
  const { files, places } = heap;
  const first = files[0] ?? 0;
  const last = files.pop() ?? first;
  places[first] = -1;
  if (last !== first) siftDown(heap, last, 0);
  return first;
}

/** An empty cache; the worth of a file is its H value. */
export function createGreedyDualSize(capacityOctets: number, sizes: Uint32Array): FileCache {
  const heap: WorthHeap = {
    files: [],
    places: new Int32Array(sizes.length).fill(-1),
    worth: new Float64Array(sizes.length),
    usedAt: new Float64Array(sizes.length),
  };
  const { files, places, worth, usedAt } = heap;
  let inflation = 0;
  let used = 0;

  function value(file: number, tick: number): void {
    worth[file] = inflation + 1 / Math.max(1, sizes[file] ?? 1);
    usedAt[file] = tick;
  }

  return {
    holds: (file) => places[file] !== -1,
    use(file, tick): boolean {
      const place = places[file] ?? -1;
      if (place === -1) return false;
      value(file, tick);
      // A use makes a file worth no less than it was.
      siftDown(heap, file, place);
      return true;
    },
    add(file, tick): void {
      const size = sizes[file] ?? 0;
      if (size > capacityOctets) return;
      while (used + size > capacityOctets) {
        const gone = takeFirst(heap);
        inflation = worth[gone] ?? inflation;
        used -= sizes[gone] ?? 0;
      }
      value(file, tick);
      files.push(file);
      siftUp(heap, file, files.length - 1);
      used += size;
    },
    leastWorth(): number {
      const first = files[0];
      return first === undefined ? Number.POSITIVE_INFINITY : (worth[first] ?? 0);
    },
    usedOctets: () => used,
  };
}
