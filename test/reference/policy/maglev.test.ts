/** Tables that others publish, entry by entry. Facts; where they stand is said with each. */
import test from 'ava';
import { katranWalk, maglevTable } from '../../../reference/policy/maglev.ts';
import {
  populate,
  type MaglevTurns,
  type MaglevWalk,
} from '../../../reference/policy/maglev-table.ts';
import type { Pool } from '../../../reference/policy/pool.ts';
import { countsOf, poolNamed } from './bed.ts';

/** Walks of weight 1. */
function walksOf(...pairs: readonly (readonly [number, number])[]): readonly MaglevWalk[] {
  return pairs.map(([offset, skip]) => ({ offset, skip, weight: 1 }));
}

/** Katran's table of servers with these numbers and weights; its default ring has 65537 entries. */
function katranTable(
  turns: MaglevTurns,
  servers: readonly { readonly number: number; readonly weight: number }[],
  size = 65_537,
): readonly number[] {
  const walks = servers.map(({ number, weight }) => katranWalk(BigInt(number), weight, size));
  return countsOf(populate(walks, size, turns), servers.length);
}

test('POL-12 the table 1 of the paper (Eisenbud et al., NSDI 2016)', (t) => {
  t.is(populate(walksOf([3, 4], [0, 2], [3, 1]), 7, 'equal').join(''), '1010220');
  // Without B1; B2 is the second that is left.
  const without = populate(walksOf([3, 4], [3, 1]), 7, 'equal');
  t.is(without.join('').replaceAll('1', '2'), '0000222');
});

test('POL-12 the table of go-maglev (dgryski/go-maglev, TestPopulate)', (t) => {
  t.is(populate(walksOf([2, 4], [0, 5], [1, 2]), 7, 'equal').join(''), '1202010');
  const without = populate(walksOf([2, 4], [1, 2]), 7, 'equal');
  t.is(without.join('').replaceAll('1', '2'), '0202020');
});

/** envoyproxy/envoy, maglev_lb_test.cc: Basic, BasicWithHostName, Weighted, LocalityWeighted…. */
const ENVOY: readonly (readonly [string, Pool, number, string])[] = [
  [
    'addresses',
    poolNamed(...[90, 91, 92, 93, 94, 95].map((port) => `127.0.0.1:${port}`)),
    7,
    '2401503',
  ],
  ['host names', poolNamed('90', '91', '92', '93', '94', '95'), 7, '2503410'],
  [
    'weights 1 and 2',
    [
      { name: '127.0.0.1:90', weight: 1 },
      { name: '127.0.0.1:91', weight: 2 },
    ],
    17,
    '10010110111110101',
  ],
  ['equal weights', poolNamed('127.0.0.1:90', '127.0.0.1:91'), 17, '10010110010100101'],
  [
    'localities that weigh 8, 0 and 2',
    [
      { name: '127.0.0.1:90', weight: 8 },
      { name: '127.0.0.1:91', weight: 2 },
      { name: '127.0.0.1:92', weight: 0 },
    ],
    17,
    '10000010010100000',
  ],
];

for (const [title, pool, size, table] of ENVOY) {
  test(`POL-12 the table of Envoy: ${title}`, (t) => {
    t.is(maglevTable(pool, { variant: 'envoy', size }).join(''), table);
  });
}

/** The names that Cilium hashes. */
function ciliumPool(...servers: readonly (readonly [number, number])[]): Pool {
  return servers.map(([number, weight]) => ({
    name: `[0.0.0.${number}:${number}/TCP,State:active]`,
    weight,
  }));
}

test('POL-12 the table of Cilium (cilium/cilium, maglev_test.go, TestReproducible)', (t) => {
  const expected =
    '2(5),3(1),2(3),1(1),2(2),0(1),2(1),3(1),2(1),3(1),2(1),1(1),2(7),1(1),2(14),3(1),2(1),' +
    '1(2),2(12),3(1),2(3),1(1),2(4),3(1),2(8),3(1),2(2),1(1),2(16),1(2),2(3),3(1),2(11),1(2),' +
    '2(4),3(1),2(3),1(1),2(4),3(1),2(1),0(1),1(1),2(8),1(1),2(7),1(1),2(4),3(1),2(1),3(1),2(9),' +
    '1(2),2(5),1(1),2(7),3(1),2(1),3(1),1(1),2(8),1(1),2(4),0(1),2(1),1(1),2(5),3(1),2(3),1(1),' +
    '2(4),3(1),2(3),1(1),2(12),0(1),3(1),2(3),3(1),2(4),3(1),2(2),1(1),2(7)';
  const entries = expected.split(',').flatMap((run) => {
    const [, server, count] = /^(\d)\((\d+)\)$/u.exec(run) ?? [];
    return Array.from({ length: Number(count) }, () => Number(server));
  });
  const pool = ciliumPool([1, 2], [3, 13], [4, 111], [5, 10]);
  t.is(entries.length, 251);
  t.deepEqual([...maglevTable(pool, { variant: 'cilium', size: 251 })], entries);
});

test('POL-12 the counts of Cilium (maglev_test.go, TestWeightedBackendWithRemoval)', (t) => {
  const pool = ciliumPool([1, 2], [2, 13], [3, 111], [4, 10]);
  const table = maglevTable(pool, { variant: 'cilium', size: 1021 });
  t.deepEqual(countsOf(table, 4), [16, 98, 832, 75]);
  const [removed, ...others] = pool;
  const after = maglevTable(others, { variant: 'cilium', size: 1021 });
  const moved = table.filter((owner, entry) => owner > 0 && after[entry] !== owner - 1);
  t.true(removed !== undefined && moved.length < 10.21, `${moved.length}`);
});

test('POL-12 the counts of Katran, equal weights (its CHHelpersTest.cpp)', (t) => {
  const servers = Array.from({ length: 400 }, (_, number) => ({ number, weight: 1 }));
  for (const turns of ['katran-v1', 'katran-v2'] as const) {
    const counts = katranTable(turns, servers);
    t.is(Math.max(...counts) - Math.min(...counts), 1);
  }
});

test('POL-12 the counts of Katran, weights 2, 1, 1 (CHHelpersTest)', (t) => {
  const servers = [2, 1, 1].map((weight, number) => ({ number, weight }));
  const spread = (turns: MaglevTurns): number => {
    const counts = katranTable(turns, servers);
    return Math.max(...counts) - Math.min(...counts);
  };
  t.is(spread('katran-v1'), 2);
  t.is(spread('katran-v2'), 16_385);
});

test('POL-12 the counts of Katran, weights beyond the ring (CHHelpersTest)', (t) => {
  const weight = Math.floor((65_537 * 2) / 400);
  const counts = katranTable(
    'katran-v1',
    Array.from({ length: 400 }, (_, number) => ({ number, weight })),
  );
  t.true(counts.slice(0, 200).every((count) => count === weight));
  t.true((counts[200] ?? 0) > 0);
  t.true(counts.slice(201).every((count) => count === 0));
});

test('POL-12 the counts of Katran, weights 2 and 1 in 7 entries (MaglevHashTest)', (t) => {
  const servers = [
    { number: 1000, weight: 2 },
    { number: 2000, weight: 1 },
  ];
  t.deepEqual(katranTable('katran-v1', servers, 7), [4, 3]);
  t.deepEqual(katranTable('katran-v2', servers, 7), [5, 2]);
});

test('POL-12 the rings of Katran, weights 3, 1, 2 in 31 entries (run at 19f08fec)', (t) => {
  const servers: readonly (readonly [bigint, number])[] = [
    [1000n, 3],
    [2000n, 1],
    [2n ** 64n - 1n, 2],
  ];
  const walks = servers.map(([number, weight]) => katranWalk(number, weight, 31));
  t.is(populate(walks, 31, 'katran-v1').join(''), '1222000122020110012200011021210');
  t.is(populate(walks, 31, 'katran-v2').join(''), '0022000122020110022200011020020');
});
