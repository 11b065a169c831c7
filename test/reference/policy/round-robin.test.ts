import test from 'ava';
import fc from 'fast-check';
import { createRoundRobin } from '../../../reference/policy/round-robin.ts';
import { runs } from '../../runs.ts';
import { choiceOf, countsOf, poolOf, turnsOf } from './bed.ts';

test('POL-1 equal weights: each server once in N choices, in the order of the pool', (t) => {
  t.is(turnsOf(createRoundRobin(poolOf(1, 1, 1)), 8), 'abcabcab');
  t.is(turnsOf(createRoundRobin(poolOf(3, 1, 2)), 6), 'abcabc');
});

test('POL-1 any N choices in a row give each server that is able one', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.subarray([...Array(12).keys()]),
      fc.nat(30),
      (servers, out, before) => {
        const pool = poolOf(...Array.from({ length: servers }, () => 1));
        const able = [...pool.keys()].filter((place) => !out.includes(place));
        const scheduler = createRoundRobin(pool);
        turnsOf(scheduler, before);
        const choice = choiceOf({ out });
        const counts = countsOf(
          Array.from({ length: able.length }, () => scheduler.choose(choice)),
          servers,
        );
        t.deepEqual(
          counts,
          [...pool.keys()].map((place) => (able.includes(place) ? 1 : 0)),
        );
      },
    ),
    runs(300),
  );
});

test('who comes back takes its turn where it stands in the pool', (t) => {
  const scheduler = createRoundRobin(poolOf(1, 1, 1, 1));
  t.is(turnsOf(scheduler, 3, { out: [1] }), 'acd');
  t.is(turnsOf(scheduler, 4), 'abcd');
});

test('POL-4 a server of weight 0 is left out', (t) => {
  t.is(turnsOf(createRoundRobin(poolOf(1, 0, 1)), 5), 'acaca');
});
