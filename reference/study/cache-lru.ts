/** A cache that lets go what was not used for longest. */
import {
  createRecency,
  dropRecent,
  isRecent,
  oldestRecent,
  touchRecent,
} from '../policy/lard-recency.ts';
import type { FileCache } from './cache.ts';

/** An empty cache; the worth of a file is the tick of its last use. */
export function createLru(capacityOctets: number, sizes: Uint32Array): FileCache {
  const recency = createRecency(sizes.length);
  const usedAt = new Float64Array(sizes.length);
  let used = 0;
  return {
    holds: (file) => isRecent(recency, file),
    use(file, tick): boolean {
      if (!isRecent(recency, file)) return false;
      touchRecent(recency, file);
      usedAt[file] = tick;
      return true;
    },
    add(file, tick): void {
      const size = sizes[file] ?? 0;
      if (size > capacityOctets) return;
      while (used + size > capacityOctets) {
        const oldest = oldestRecent(recency);
        dropRecent(recency, oldest);
        used -= sizes[oldest] ?? 0;
      }
      touchRecent(recency, file);
      usedAt[file] = tick;
      used += size;
    },
    leastWorth(): number {
      const oldest = oldestRecent(recency);
      return oldest === -1 ? Number.POSITIVE_INFINITY : (usedAt[oldest] ?? 0);
    },
    usedOctets: () => used,
  };
}
