import test from 'ava';
import fc from 'fast-check';
import { createCache, type FileCache, type Replacement } from '../../../reference/study/cache.ts';
import { runs } from '../../runs.ts';

const CAPACITY = 100;
const FILES = 9;

/** A cache as a list, of which the least is looked for every time. */
function naive(replacement: Replacement, sizes: readonly number[]): FileCache {
  let entries: readonly { file: number; worth: number; tick: number }[] = [];
  let inflation = 0;
  const size = (file: number): number => sizes[file] ?? 0;
  const usedOctets = (): number => entries.reduce((sum, { file }) => sum + size(file), 0);
  const entryOf = (file: number, tick: number): (typeof entries)[number] => {
    const worth = replacement === 'lru' ? tick : inflation + 1 / Math.max(1, size(file));
    return { file, worth, tick };
  };
  const holds = (file: number): boolean => entries.some((entry) => entry.file === file);
  const without = (file: number): typeof entries => entries.filter((each) => each.file !== file);
  return {
    holds,
    usedOctets,
    use(file, tick): boolean {
      if (!holds(file)) return false;
      entries = [...without(file), entryOf(file, tick)];
      return true;
    },
    add(file, tick): void {
      if (size(file) > CAPACITY) return;
      while (usedOctets() + size(file) > CAPACITY) {
        const [gone] = entries.toSorted((a, b) => a.worth - b.worth || a.tick - b.tick);
        if (gone === undefined) break;
        inflation = gone.worth;
        entries = without(gone.file);
      }
      entries = [...entries, entryOf(file, tick)];
    },
    leastWorth: () => Math.min(...entries.map(({ worth }) => worth)),
  };
}

const sizeLists = fc.array(fc.nat({ max: 110 }), { minLength: FILES, maxLength: FILES });
const requestLists = fc.array(fc.nat({ max: FILES - 1 }), { maxLength: 150, size: 'max' });

for (const replacement of ['lru', 'gds'] as const) {
  test(`${replacement} holds what a plain list of files would hold, request by request`, (t) => {
    let evicted = 0;
    fc.assert(
      fc.property(sizeLists, requestLists, (sizes, requests) => {
        const cache = createCache(replacement, CAPACITY, Uint32Array.from(sizes));
        const oracle = naive(replacement, sizes);
        for (const [tick, file] of requests.entries()) {
          const isHit = cache.use(file, tick);
          t.is(isHit, oracle.use(file, tick));
          if (!isHit) {
            cache.add(file, tick);
            oracle.add(file, tick);
          }
          const held = sizes.map((_, each) => cache.holds(each));
          const expected = sizes.map((_, each) => oracle.holds(each));
          t.deepEqual(held, expected);
          t.is(cache.usedOctets(), oracle.usedOctets());
          t.is(cache.leastWorth(), oracle.leastWorth());
          t.true(cache.usedOctets() <= CAPACITY);
          if (!isHit && cache.usedOctets() > CAPACITY - 30) evicted += 1;
        }
      }),
      runs(300),
    );
    t.true(evicted > 0, 'caches were full, or nothing was tried');
  });
}

test('with files of one size Greedy-Dual-Size is LRU', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), requestLists, (size, requests) => {
      const sizes = new Uint32Array(FILES).fill(size);
      const lru = createCache('lru', CAPACITY, sizes);
      const greedy = createCache('gds', CAPACITY, sizes);
      for (const [tick, file] of requests.entries()) {
        const isHit = lru.use(file, tick);
        t.is(greedy.use(file, tick), isHit);
        if (isHit) continue;
        lru.add(file, tick);
        greedy.add(file, tick);
      }
    }),
    runs(300),
  );
});

test('Greedy-Dual-Size lets a large file go before small ones, and small ones that age', (t) => {
  const cache = createCache('gds', 100, Uint32Array.of(60, 10, 10, 60, 60));
  for (const file of [1, 2, 0]) cache.add(file, file);
  cache.add(3, 3);
  t.deepEqual(
    [0, 1, 2, 3].map((file) => cache.holds(file)),
    [false, true, true, true],
  );
  // Each large file that goes lifts the worth of what comes; the small ones are left behind.
  for (let tick = 4; tick < 20; tick += 1) cache.add(tick % 2 === 0 ? 4 : 3, tick);
  t.deepEqual([cache.holds(1), cache.holds(2)], [false, false]);
});

test('a file that is larger than the cache pushes nothing out', (t) => {
  for (const replacement of ['lru', 'gds'] as const) {
    const cache = createCache(replacement, 100, Uint32Array.of(100, 101));
    t.is(cache.leastWorth(), Number.POSITIVE_INFINITY);
    cache.add(0, 0);
    cache.add(1, 1);
    t.deepEqual([cache.holds(0), cache.holds(1)], [true, false]);
  }
});
