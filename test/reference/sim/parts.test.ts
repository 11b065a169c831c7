/** Queue, reassembly and scoreboard against naive models: arrays, and sets of octets. */
import test from 'ava';
import fc from 'fast-check';
import {
  append,
  createQueue,
  dropFront,
  peek,
  queueLength,
} from '../../../reference/sim/tcp/octet-queue.ts';
import type { Piece } from '../../../reference/sim/tcp/reassembly.ts';
import { addPiece, blocksOf, PIECES_MAX } from '../../../reference/sim/tcp/reassembly.ts';
import {
  addBlocks,
  coveredOctets,
  findHole,
  skipCovered,
} from '../../../reference/sim/tcp/scoreboard.ts';
import type { SeqNum } from '../../../reference/tcp/seq-num.ts';
import { seqNum } from '../../../reference/tcp/seq-num.ts';
import { runs } from '../../runs.ts';
import { octetsOf } from './bed.ts';

/** Where the numbers begin: before they wrap, or not. */
const start = fc.constantFrom(0xffff_ffe0, 0x7fff_ffe0, 0, 1000);

/** Ranges within 64 octets from `start` on. */
const ranges = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: 1, max: 20 })),
  { maxLength: 12 },
);

test('a queue gives back what was put in, wherever it is read', (t) => {
  const operation = fc.oneof(
    fc.record({ add: fc.nat({ max: 300 }) }),
    fc.record({ drop: fc.nat({ max: 400 }) }),
  );
  fc.assert(
    fc.property(
      fc.array(operation),
      fc.nat({ max: 300 }),
      fc.nat({ max: 300 }),
      (list, at, count) => {
        const queue = createQueue();
        let model: number[] = [];
        for (const [index, each] of list.entries()) {
          if ('add' in each) {
            const octets = octetsOf(each.add, index);
            append(queue, octets);
            model = [...model, ...octets];
          } else {
            dropFront(queue, each.drop);
            model = model.slice(each.drop);
          }
          t.is(queueLength(queue), model.length);
        }
        t.deepEqual([...peek(queue, at, count)], model.slice(at, at + count));
      },
    ),
    runs(300),
  );
});

test('a queue has a most', (t) => {
  const queue = createQueue();
  const block = new Uint8Array(32 * 1024 * 1024);
  append(queue, block);
  append(queue, block);
  t.throws(() => append(queue, Uint8Array.of(1)), { instanceOf: RangeError });
});

test('pieces hold each octet once, the first that came, in order', (t) => {
  fc.assert(
    fc.property(start, ranges, (base, list) => {
      const model = new Map<number, number>();
      let pieces: readonly Piece[] = [];
      for (const [index, [at, length]] of list.entries()) {
        const octets = octetsOf(length, index * 100);
        pieces = addPiece(pieces, seqNum(base + at), octets);
        octets.forEach((octet, place) => {
          if (!model.has(at + place)) model.set(at + place, octet);
        });
      }
      const held = pieces.flatMap(({ seq, octets }) =>
        [...octets].map((octet, place) => [((seq - base) >>> 0) + place, octet] as const),
      );
      t.deepEqual(
        held,
        [...model].toSorted(([a], [b]) => a - b),
      );
    }),
    runs(500),
  );
});

test('the block of the newest piece comes first, and adjoining pieces are one block', (t) => {
  const at = (seq: number) => seqNum(0xffff_fffe + seq);
  let pieces = addPiece([], at(0), octetsOf(2));
  pieces = addPiece(pieces, at(8), octetsOf(2));
  pieces = addPiece(pieces, at(2), octetsOf(2));
  t.deepEqual(blocksOf(pieces), [
    { left: at(0), right: at(4) },
    { left: at(8), right: at(10) },
  ]);
});

test('one piece more than the most is forgotten', (t) => {
  let pieces: readonly Piece[] = [];
  for (let count = 0; count < PIECES_MAX; count += 1) {
    pieces = [...pieces, { seq: seqNum(count * 2), octets: Uint8Array.of(1), age: count }];
  }
  t.is(addPiece(pieces, seqNum(1_000_000), Uint8Array.of(1)), pieces);
  t.is(addPiece(pieces.slice(1), seqNum(1_000_000), Uint8Array.of(1)).length, PIECES_MAX);
});

test('a scoreboard knows what is covered, where the holes are, and what is nonsense', (t) => {
  fc.assert(
    fc.property(start, ranges, fc.nat({ max: 64 }), (base, list, from) => {
      const at = (place: number): SeqNum => seqNum(base + place);
      const covered = new Set<number>();
      let blocks: ReturnType<typeof addBlocks> = [];
      for (const [left, length] of list) {
        const right = left + length;
        blocks = addBlocks(blocks, [{ left: at(left), right: at(right) }], at(0), at(64));
        if (left === 0 || right > 64) continue;
        for (let place = left; place < right; place += 1) covered.add(place);
      }
      t.is(coveredOctets(blocks), covered.size);
      let clear = from;
      while (covered.has(clear)) clear += 1;
      t.is(skipCovered(blocks, at(from)), at(clear));
      const next = [...covered].filter((place) => place > clear).toSorted((a, b) => a - b)[0];
      const hole = next === undefined ? undefined : { left: at(clear), right: at(next) };
      t.deepEqual(findHole(blocks, at(from)), hole);
    }),
    runs(500),
  );
});

test('blocks below SND.UNA (D-SACK), beyond SND.NXT or inside out are left out', (t) => {
  const block = (left: number, right: number) => ({ left: seqNum(left), right: seqNum(right) });
  const rows = [block(90, 95), block(95, 105), block(100, 105), block(190, 201), block(150, 140)];
  t.deepEqual(addBlocks([], rows, seqNum(100), seqNum(200)), []);
  t.deepEqual(addBlocks([], [block(101, 200)], seqNum(100), seqNum(200)), [block(101, 200)]);
});
