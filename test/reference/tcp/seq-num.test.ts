import test from 'ava';
import fc from 'fast-check';
import { seqAdd, seqDistance, seqNum } from '../../../reference/tcp/seq-num.ts';
import { runs } from '../../runs.ts';

test('sequence numbers go round at 2^32', (t) => {
  t.is(seqNum(2 ** 32), seqNum(0));
  t.is(seqNum(-1), seqNum(0xffffffff));
  t.is(seqAdd(seqNum(0xffffffff), 1), seqNum(0));
  t.is(seqAdd(seqNum(0), -1), seqNum(0xffffffff));
  t.is(seqAdd(seqNum(0x80000000), 0x80000000), seqNum(0));
});

test('what is no integer is no sequence number', (t) => {
  t.throws(() => seqNum(0.5), { instanceOf: RangeError });
  t.throws(() => seqNum(Number.NaN), { instanceOf: RangeError });
  t.throws(() => seqNum(2 ** 60), { instanceOf: RangeError });
});

test('the distance is signed, and the half circle counts as behind', (t) => {
  t.is(seqDistance(seqNum(0xffffffff), seqNum(1)), 2);
  t.is(seqDistance(seqNum(1), seqNum(0xffffffff)), -2);
  t.is(seqDistance(seqNum(0), seqNum(0x7fffffff)), 0x7fffffff);
  t.is(seqDistance(seqNum(0), seqNum(0x80000000)), -0x80000000);
});

test('adding a distance leads to the other end', (t) => {
  const position = fc.integer({ min: 0, max: 0xffffffff }).map(seqNum);
  fc.assert(
    fc.property(position, position, (from, to) => {
      t.is(seqAdd(from, seqDistance(from, to)), to);
    }),
    runs(1000),
  );
});
