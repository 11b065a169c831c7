import test from 'ava';
import fc from 'fast-check';
import {
  createLeastConnections,
  type TieRule,
} from '../../../reference/policy/least-connections.ts';
import { runs } from '../../runs.ts';
import { arbitraryWeights, choiceOf, poolOf, turnsOf } from './bed.ts';

const TIES: readonly TieRule[] = ['first', 'turn', 'smooth'];

for (const tie of TIES) {
  test(`POL-5 who is chosen has fewest connections for its weight, ties ${tie}`, (t) => {
    const active = fc.array(fc.nat(12), { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(arbitraryWeights(7), fc.array(active, { minLength: 1 }), (weights, moments) => {
        const scheduler = createLeastConnections(poolOf(...weights), tie);
        for (const counts of moments) {
          const place = scheduler.choose(choiceOf({ active: counts }));
          const load = (at: number): number => (counts[at] ?? 0) / (weights[at] ?? 0);
          const able = [...weights.keys()].filter((at) => (weights[at] ?? 0) > 0);
          t.is(place === undefined, able.length === 0);
          if (place !== undefined) t.is(load(place), Math.min(...able.map(load)));
        }
      }),
      runs(200),
    );
  });

  test(`POL-5 connections that stay end in proportion to the weights, ties ${tie}`, (t) => {
    const scheduler = createLeastConnections(poolOf(4, 2, 1), tie);
    const active = [0, 0, 0];
    for (let count = 0; count < 70; count += 1) {
      const place = scheduler.choose(choiceOf({ active })) ?? 0;
      active[place] = (active[place] ?? 0) + 1;
    }
    t.deepEqual(active, [40, 20, 10]);
  });
}

test('POL-5 the tie rule is met: the first, the next in turn, or smooth by weight', (t) => {
  const turns = (tie: TieRule, ...weights: readonly number[]): string =>
    turnsOf(createLeastConnections(poolOf(...weights), tie), 7);
  t.is(turns('first', 1, 1, 1), 'aaaaaaa');
  t.is(turns('turn', 1, 1, 1), 'abcabca');
  t.is(turns('smooth', 5, 1, 1), 'aabacaa');
});

test('POL-5 turns go on after the one that was chosen last, whoever else is as good', (t) => {
  const scheduler = createLeastConnections(poolOf(1, 1, 1, 1), 'turn');
  t.is(turnsOf(scheduler, 1, { active: [1, 0, 1, 1] }), 'b');
  t.is(turnsOf(scheduler, 3, { active: [0, 0, 1, 0] }), 'dab');
});
