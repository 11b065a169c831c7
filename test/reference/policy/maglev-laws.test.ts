import test from 'ava';
import fc from 'fast-check';
import { hashModulo, xxHash64 } from '../../../reference/policy/hash.ts';
import {
  createMaglev,
  katranWalk,
  maglevTable,
  type MaglevVariant,
} from '../../../reference/policy/maglev.ts';
import { populate } from '../../../reference/policy/maglev-table.ts';
import { octetsOf } from '../../../reference/policy/octets.ts';
import { runs } from '../../runs.ts';
import { arbitraryPool, choiceOf, countsOf, poolFrom, poolOf, turnsOf } from './bed.ts';

const VARIANTS: readonly MaglevVariant[] = ['paper', 'envoy', 'cilium', 'katran-v1', 'katran-v2'];
const size = fc.constantFrom(17, 251, 1021, 2039);

for (const variant of VARIANTS) {
  test(`POL-10 ${variant}: every entry has an owner; equal weights differ by one entry`, (t) => {
    fc.assert(
      fc.property(arbitraryPool(15, { lightest: 1, heaviest: 1 }), size, (pool, entries) => {
        const table = maglevTable(pool, { variant, size: entries });
        const counts = countsOf(table, pool.length);
        t.is(
          counts.reduce((sum, count) => sum + count, 0),
          entries,
        );
        t.true(Math.max(...counts) - Math.min(...counts) <= 1);
      }),
      runs(100),
    );
  });

  test(`POL-11 ${variant}: the table depends on the set of servers, not on their order`, (t) => {
    const shuffled = arbitraryPool(9).chain((pool) =>
      fc.tuple(fc.constant(pool), fc.shuffledSubarray([...pool], { minLength: pool.length })),
    );
    fc.assert(
      fc.property(shuffled, ([pool, other]) => {
        const owners = (servers: typeof pool): readonly (string | undefined)[] =>
          [...maglevTable(servers, { variant, size: 251 })].map((index) => servers[index]?.name);
        t.deepEqual(owners(other), owners(pool));
      }),
      runs(100),
    );
  });
}

for (const variant of ['envoy', 'cilium', 'katran-v2'] as const) {
  test(`POL-13 ${variant}: losing a server moves 1 % of the others' entries at most`, (t) => {
    for (const servers of [3, 10, 100]) {
      const pool = poolFrom('10.0.0', servers);
      const before = maglevTable(pool, { variant, size: 65_537 });
      for (const lost of [0, servers - 1]) {
        const after = maglevTable(
          pool.map((server, place) => (place === lost ? { ...server, weight: 0 } : server)),
          { variant, size: 65_537 },
        );
        const others = before.filter((owner) => owner !== lost).length;
        const moved = before.filter((owner, entry) => owner !== lost && after[entry] !== owner);
        t.true(moved.length <= others / 100, `${servers} servers: ${moved.length} of ${others}`);
        t.false(after.includes(lost));
      }
    }
  });
}

/**
 * How far the entries of one of `servers` servers, of `mean` times the mean weight, may be from their
 * share. Light servers have their next turn early (Envoy, Cilium) or late (Katran), by less than one,
 * and the others pay for that or gain by it: in proportion to their weights, or in Cilium anyhow.
 */
const BOUNDS: readonly (readonly [
  MaglevVariant,
  (servers: number, mean: number) => readonly [number, number],
])[] = [
  ['envoy', (_, mean) => [-2 - mean, 2]],
  ['cilium', (servers) => [-servers, 2]],
  ['katran-v2', (_, mean) => [-2, 2 + mean]],
];

for (const [variant, bounds] of BOUNDS) {
  test(`POL-14 ${variant}: entries follow the weights but for the turns of one round`, (t) => {
    fc.assert(
      fc.property(arbitraryPool(12, { lightest: 1, heaviest: 30 }), (pool) => {
        const counts = countsOf(maglevTable(pool, { variant, size: 2039 }), pool.length);
        const total = pool.reduce((sum, { weight }) => sum + weight, 0);
        fc.pre(variant !== 'cilium' || total >= 2 * pool.length);
        for (const [place, { weight }] of pool.entries()) {
          const over = (counts[place] ?? 0) - (2039 * weight) / total;
          const [least, most] = bounds(pool.length, (pool.length * weight) / total);
          t.true(over >= least && over <= most, `${over}`);
        }
      }),
      runs(300),
    );
  });
}

test('POL-14 one heavy among many light ones has half an entry less for each of them', (t) => {
  const pool = poolOf(100, ...Array.from({ length: 99 }, () => 1));
  const table = maglevTable(pool, { variant: 'envoy', size: 499 });
  const [heavy = 0, ...light] = countsOf(table, 100);
  t.is(heavy, 202);
  t.deepEqual(new Set(light), new Set([3]));
});

test('POL-14 cilium: weights whose mean is below 2 do not count', (t) => {
  const table = maglevTable(poolOf(4, 1, 1, 1), { variant: 'cilium', size: 251 });
  t.deepEqual(
    countsOf(table, 4).toSorted((a, b) => a - b),
    [62, 63, 63, 63],
  );
  const [heavy = 0] = countsOf(
    maglevTable(poolOf(5, 1, 1, 1), { variant: 'cilium', size: 251 }),
    4,
  );
  t.true(Math.abs(heavy - (251 * 5) / 8) < 3, `${heavy}`);
});

test('katran: servers are in the order of their numbers, the hashes of their names', (t) => {
  const pool = poolFrom('10.0.0', 9);
  const numbers = pool.map(({ name }) => xxHash64(octetsOf(name)));
  const sorted = numbers.toSorted((a, b) => (a < b ? -1 : 1));
  const walks = sorted.map((number) => katranWalk(number, 1, 251));
  const owners = [...populate(walks, 251, 'katran-v2')].map((index) => sorted[index]);
  const table = maglevTable(pool, { variant: 'katran-v2', size: 251 });
  t.deepEqual(
    [...table].map((index) => numbers[index]),
    owners,
  );
});

test('POL-10 katran-v1: weights are not in proportion', (t) => {
  const table = maglevTable(poolOf(5, 1), { variant: 'katran-v1', size: 251 });
  t.deepEqual(countsOf(table, 2), [127, 124]);
});

test('the entry of a key is its xxHash64 modulo the size; without a key it is a turn', (t) => {
  const pool = poolOf(1, 1, 1);
  const scheduler = createMaglev(pool, { variant: 'envoy', size: 251 });
  const table = maglevTable(pool, { variant: 'envoy', size: 251 });
  for (const key of ['/', '/a', '/b', '/c'].map(octetsOf)) {
    t.is(scheduler.choose(choiceOf({ key })), table[hashModulo('xxhash64', key, 251)]);
  }
  t.is(turnsOf(scheduler, 3), 'abc');
});
