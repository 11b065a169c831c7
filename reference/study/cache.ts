/** The memory of a node: whole files, up to a number of octets. */
import { createLru } from './cache-lru.ts';
import { createGreedyDualSize } from './cache-greedy.ts';

/** How a cache chooses what goes: the least recently used, or by Greedy-Dual-Size. */
export type Replacement = 'lru' | 'gds';

/** A cache over the files of a trace. */
export interface FileCache {
  /** Whether a file is in it; nothing changes. */
  holds(file: number): boolean;
  /** Whether a file is in it; if so, it has now been used. `tick` grows from call to call. */
  use(file: number, tick: number): boolean;
  /**
   * Puts a file in that is not in it, and takes out as many as that needs.
   *
   * A file that is larger than the cache is not put in, and nothing is taken out for it.
   */
  add(file: number, tick: number): void;
  /** The worth of the file that would go first, comparable between caches; infinite without files. */
  leastWorth(): number;
  /** Octets of the files in it. */
  usedOctets(): number;
}

/** An empty cache of `capacityOctets` for files of these sizes. */
export function createCache(
  replacement: Replacement,
  capacityOctets: number,
  sizes: Uint32Array,
): FileCache {
  return replacement === 'lru'
    ? createLru(capacityOctets, sizes)
    : createGreedyDualSize(capacityOctets, sizes);
}
