import test from 'ava';
import fc from 'fast-check';
import { walkOptions } from '../../../reference/tcp/options.ts';
import { runs } from '../../runs.ts';

type Visit = readonly [kind: number, at: number, lengthOctets: number];

function visits(octets: readonly number[], from = 0, to = octets.length): readonly Visit[] {
  const seen: Visit[] = [];
  walkOptions(Uint8Array.from(octets), from, to, (...visit) => seen.push(visit));
  return seen;
}

test('PRISM-SEQ-07 options are found at any alignment, unknown ones passed by length', (t) => {
  const mss = [2, 4, 5, 0xb4];
  const unknown = [253, 3, 9];
  const timestamps = [8, 10, 0, 0, 0, 1, 0, 0, 0, 2];
  t.deepEqual(visits([...mss, 1, ...unknown, 1, 1, ...timestamps]), [
    [2, 0, 4],
    [253, 5, 3],
    [8, 10, 10],
  ]);
});

test('PRISM-SEQ-07 nothing after end-of-list is an option', (t) => {
  t.deepEqual(visits([3, 3, 7, 0, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2]), [[3, 0, 3]]);
});

for (const [name, tail] of [
  ['length 0', [5, 0, 1, 2]],
  ['length 1', [5, 1, 1, 2]],
  ['a length past the header', [5, 5, 1, 2]],
  ['no room for the length', [5]],
] as const) {
  test(`PRISM-SEQ-08 ${name} ends the walk`, (t) => {
    t.deepEqual(visits([1, 4, 2, ...tail]), [[4, 1, 2]]);
  });
}

test('PRISM-SEQ-08 the walk ends within the header, whatever the octets', (t) => {
  const octets = fc.array(fc.constantFrom<number>(0, 1, 2, 3, 5, 8, 10, 34, 255), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(octets, fc.nat(20), fc.nat(60), (all, from, span) => {
      let next = from;
      const to = Math.min(all.length, from + span);
      for (const [kind, at, lengthOctets] of visits(all, from, to)) {
        t.true(at >= next && lengthOctets >= 2 && at + lengthOctets <= to);
        t.is(all[at], kind);
        t.is(all[at + 1], lengthOctets);
        next = at + lengthOctets;
      }
    }),
    runs(2000),
  );
});
