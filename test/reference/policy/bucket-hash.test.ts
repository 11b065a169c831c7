import test from 'ava';
import fc from 'fast-check';
import { createBucketHash } from '../../../reference/policy/bucket-hash.ts';
import { hashModulo } from '../../../reference/policy/hash.ts';
import { octetsOf } from '../../../reference/policy/octets.ts';
import { runs } from '../../runs.ts';
import { choiceOf, countsOf, poolOf, turnsOf } from './bed.ts';

const keys = Array.from({ length: 400 }, (_, number) => octetsOf(`/page/${number}`));

test('URL-13 moving one bucket moves its URLs and no other', (t) => {
  fc.assert(
    fc.property(fc.nat(63), fc.nat(4), (bucket, place) => {
      const scheduler = createBucketHash(poolOf(1, 2, 1, 3, 1), 'crc32', 64);
      const before = keys.map((key) => scheduler.choose(choiceOf({ key })));
      scheduler.move(bucket, place);
      for (const [index, key] of keys.entries()) {
        const isMoved = hashModulo('crc32', key, 64) === bucket;
        t.is(scheduler.choose(choiceOf({ key })), isMoved ? place : before[index]);
      }
    }),
    runs(50),
  );
});

test('URL-13 the buckets are dealt by weight, in smooth turns', (t) => {
  const { table } = createBucketHash(poolOf(5, 0, 1, 1), 'sdbm', 14);
  t.deepEqual([...table].map((place) => 'axbc'.charAt(place)).join(''), 'aabacaaaabacaa');
});

test('URL-13 buckets of a server that fails go to those that have fewest, the others stay', (t) => {
  const scheduler = createBucketHash(poolOf(1, 1, 2), 'sdbm', 400);
  const before = [...scheduler.table];
  for (const key of keys) scheduler.choose(choiceOf({ key, out: [1] }));
  const after = [...scheduler.table];
  const used = new Set(keys.map((key) => scheduler.bucketOf(key)));
  for (const [bucket, owner] of before.entries()) {
    if (owner !== 1 || !used.has(bucket)) t.is(after[bucket], owner);
    else t.not(after[bucket], 1);
  }
  const [first = 0, , third = 0] = countsOf(after, 3);
  t.true(Math.abs(third / 2 - first) <= 1, `${first}, ${third}`);
});

test('URL-13 who gave buckets away has fewer', (t) => {
  const scheduler = createBucketHash(poolOf(1, 1, 1), 'sdbm', 12);
  for (const [bucket, owner] of [...scheduler.table].entries()) {
    if (owner === 0) scheduler.move(bucket, 2);
  }
  for (const key of keys) scheduler.choose(choiceOf({ key, out: [2] }));
  t.deepEqual(countsOf(scheduler.table, 3), [6, 6, 0]);
});

test('URL-13 a bucket that has moved stays where it is', (t) => {
  const scheduler = createBucketHash(poolOf(1, 1, 1), 'sdbm', 8);
  const key = octetsOf('/a');
  const owner = scheduler.choose(choiceOf({ key })) ?? 0;
  const heir = scheduler.choose(choiceOf({ key, out: [owner] }));
  t.not(heir, owner);
  t.is(scheduler.choose(choiceOf({ key })), heir);
});

test('what is no bucket or no server cannot be moved', (t) => {
  const scheduler = createBucketHash(poolOf(1, 1), 'sdbm', 8);
  t.throws(() => scheduler.move(8, 0), { instanceOf: RangeError });
  t.throws(() => scheduler.move(1.5, 0), { instanceOf: RangeError });
  t.throws(() => scheduler.move(-1, 0), { instanceOf: RangeError });
  t.throws(() => scheduler.move(0, 2), { instanceOf: RangeError });
});

test('what has no key takes its turn', (t) => {
  t.is(turnsOf(createBucketHash(poolOf(1, 1), 'sdbm', 8), 4), 'abab');
});
