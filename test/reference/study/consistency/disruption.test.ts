import test from 'ava';
import fc from 'fast-check';
import {
  needlessShare,
  peakOverMean,
  survivors,
} from '../../../../reference/study/consistency/disruption.ts';
import {
  drawHashes,
  ownersInTable,
  ownersOnRing,
  ringOf,
  spreadByMaglev,
  spreadByModulo,
} from '../../../../reference/study/consistency/spread.ts';
import { disruption } from '../../../../reference/study/sections/disruption.ts';
import { runs } from '../../../runs.ts';

test('of what remaining servers had, the share that has moved is what a list counts', (t) => {
  const server = fc.nat({ max: 3 });
  const pairs = fc.array(fc.tuple(server, server), { maxLength: 30 });
  const weightLists = fc.array(fc.nat({ max: 1 }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(pairs, weightLists, (keys, weights) => {
      const kept = keys.filter(([before]) => weights[before] !== 0);
      const moved = kept.filter(([before, after]) => before !== after);
      const share = needlessShare(
        Uint16Array.from(keys, ([before]) => before),
        Uint16Array.from(keys, ([, after]) => after),
        weights,
      );
      t.is(share, kept.length === 0 ? 0 : moved.length / kept.length);
    }),
    runs(300),
  );
});

test('a ring moves nothing of those that remain', (t) => {
  const hashes = drawHashes(500, 1);
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 12 }), fc.nat(), (servers, seed) => {
      const gone = seed % servers;
      const weights = survivors(servers, gone, seed);
      const before = ownersOnRing(ringOf(survivors(servers, 0, seed)), hashes);
      t.is(needlessShare(before, ownersOnRing(ringOf(weights), hashes), weights), 0);
      t.is(weights.filter((weight) => weight === 0).length, gone);
    }),
    runs(30),
  );
});

test('who is gone among few is gone among more', (t) => {
  const few = survivors(100, 10, 3);
  const more = survivors(100, 50, 3);
  t.true(few.every((weight, server) => weight === 1 || more[server] === 0));
  t.notDeepEqual(survivors(100, 10, 4), few);
});

test('the peak of even shares is the mean, and one server with all has everything', (t) => {
  t.is(peakOverMean(Uint16Array.of(0, 1, 2, 0, 1, 2), 3), 1);
  t.is(peakOverMean(Uint16Array.of(7, 7, 7), 3), 3);
  t.is(peakOverMean(Uint16Array.of(0, 0, 0, 1), 2), 1.5);
});

test('mod N numbers those that are there, as often as they weigh', (t) => {
  t.deepEqual([...spreadByModulo([1, 0, 1, 1])], [0, 2, 3]);
  t.deepEqual(
    [...spreadByModulo([0, 2, 4])].toSorted((a, b) => a - b),
    [1, 2, 2],
  );
  t.deepEqual(
    [...ownersInTable(Uint16Array.of(4, 5, 6), Uint32Array.of(0, 4, 2 ** 32 - 1))],
    [4, 5, 4],
  );
});

test('Maglev moves little that need not, and something: the servers walk on', (t) => {
  const spread = spreadByMaglev(65_537);
  const weights = survivors(100, 1, 1);
  const share = needlessShare(spread(survivors(100, 0, 1)), spread(weights), weights);
  t.true(share > 0 && share <= 0.01, `${share}`);
});

test('the section draws its conclusions from what it has counted, the same every time', (t) => {
  const section = disruption(200_000, 1);
  const told = section.tell(() => t.fail());
  t.deepEqual(
    told.findings.map(({ holds }) => holds),
    [true, true, true],
  );
  t.deepEqual(
    section.tell(() => t.fail()),
    told,
  );
});
