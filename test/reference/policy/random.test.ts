import test from 'ava';
import { createRandomChoice } from '../../../reference/policy/random.ts';
import { choiceOf, countsOf, drawFrom, poolOf, turnsOf } from './bed.ts';

/** χ² that chance exceeds once in 10^4, by degrees of freedom. */
const CRITICAL: Readonly<Record<number, number>> = { 2: 18.421, 3: 21.108, 4: 23.513 };
const CHOICES = 20_000;

/** How far counts are from what the weights let expect. */
function chiSquare(counts: readonly number[], weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return counts.reduce((sum, count, place) => {
    const expected = (CHOICES * (weights[place] ?? 0)) / total;
    return expected === 0 ? sum + count : sum + (count - expected) ** 2 / expected;
  }, 0);
}

for (const weights of [
  [1, 1, 1, 1],
  [5, 1, 1],
  [1, 2, 3, 4, 256],
  [3, 0, 2, 4],
]) {
  test(`POL-6 random in proportion to the weights ${weights.join(', ')}, by χ² at 10^-4`, (t) => {
    const freedom = weights.filter((weight) => weight > 0).length - 1;
    for (let seed = 0; seed < 5; seed += 1) {
      const scheduler = createRandomChoice(poolOf(...weights), drawFrom(seed));
      const places = Array.from({ length: CHOICES }, () => scheduler.choose(choiceOf()));
      const far = chiSquare(countsOf(places, weights.length), weights);
      t.true(far < (CRITICAL[freedom] ?? 0), `seed ${seed}: ${far}`);
    }
  });
}

test('POL-6 one server after the other is drawn independently, by χ² over the pairs', (t) => {
  const scheduler = createRandomChoice(poolOf(1, 1), drawFrom(7));
  const pairs = Array.from({ length: CHOICES }, () => {
    const [first = 0, second = 0] = [scheduler.choose(choiceOf()), scheduler.choose(choiceOf())];
    return 2 * first + second;
  });
  const far = chiSquare(countsOf(pairs, 4), [1, 1, 1, 1]);
  t.true(far < (CRITICAL[3] ?? 0), `${far}`);
});

test('POL-6 a seed says all choices', (t) => {
  const turns = (seed: number): string =>
    turnsOf(createRandomChoice(poolOf(1, 2, 3), drawFrom(seed)), 50);
  t.is(turns(1), turns(1));
  t.not(turns(1), turns(2));
});

test('when there is nobody nothing is drawn', (t) => {
  const limits: number[] = [];
  const scheduler = createRandomChoice(poolOf(1, 0), (limit) => limits.push(limit) - 1, 2);
  t.is(turnsOf(scheduler, 1, { out: [0] }), '-');
  t.deepEqual(limits, []);
});

test('of two that are drawn the one with fewer connections for its weight is taken', (t) => {
  const drawn = [0, 1, 2, 0, 1, 1];
  const scheduler = createRandomChoice(poolOf(1, 1, 1), () => drawn.shift() ?? 0, 2);
  t.is(turnsOf(scheduler, 3, { active: [4, 2, 3] }), 'bcb');
  const byWeight = [0, 1];
  const weighted = createRandomChoice(poolOf(1, 4), () => byWeight.shift() ?? 0, 2);
  t.is(turnsOf(weighted, 1, { active: [2, 7] }), 'b');
});
