/** What the judge takes for chance. */
import test from 'ava';
import { chanceFault, chiSquaredTail } from '../../../conformance/balancer/chance.ts';

// Abramowitz and Stegun, table 26.8: values of chi squared by their tails.
for (const [degrees, tail, value] of [
  [1, 0.05, 3.841_46],
  [1, 0.0001, 15.1367],
  [2, 0.01, 9.210_34],
  [3, 0.001, 16.266],
  [8, 0.05, 15.5073],
  [8, 0.0001, 31.8276],
] as const) {
  test(`chi squared of ${degrees} is above ${value} with probability ${tail}`, (t) => {
    t.true(Math.abs(chiSquaredTail(value, degrees) / tail - 1) < 0.002);
  });
}

test('a tail is 1 at nothing, falls, and is never below 0', (t) => {
  t.is(chiSquaredTail(0, 3), 1);
  const tails = [0.1, 1, 10, 30, 60].map((value) => chiSquaredTail(value, 3));
  t.deepEqual(
    tails,
    tails.toSorted((a, b) => b - a),
  );
  t.true(chiSquaredTail(1e6, 3) >= 0);
});

test('even counts are chance, and so are slightly uneven ones; three quarters of all are not', (t) => {
  t.is(chanceFault([100, 100, 100], [1 / 3, 1 / 3, 1 / 3]), undefined);
  t.is(chanceFault([115, 95, 90], [1 / 3, 1 / 3, 1 / 3]), undefined);
  t.truthy(chanceFault([225, 40, 35], [1 / 3, 1 / 3, 1 / 3]));
  t.truthy(chanceFault([100, 100, 100], [1 / 2, 1 / 4, 1 / 4]));
});

test('of too few nothing is said', (t) => {
  t.throws(() => chanceFault([4, 4], [1 / 2, 1 / 2]), { message: /too little/u });
});
