/** The judge's orders of weighted turns: what products do, and as many turns as there is weight. */
import test from 'ava';
import fc from 'fast-check';
import { cycleOf, divisorOf, follows } from '../../../conformance/balancer/turns.ts';
import type { TurnOrder } from '../../../conformance/driver/balancer.ts';
import { runs } from '../../runs.ts';

const ORDERS = ['nginx', 'haproxy', 'haproxy-static', 'ipvs'] as const;

function letters(order: TurnOrder, ...weights: readonly number[]): string {
  return cycleOf(order, weights)
    .map((place) => 'abcd'[place])
    .join('');
}

function lettersIn(text: string): readonly string[] {
  return text.split('');
}

test('weights 5, 1, 1 have the order of each product', (t) => {
  t.deepEqual(
    ORDERS.map((order) => letters(order, 5, 1, 1)),
    ['aabacaa', 'aaabaac', 'aaabaac', 'aaaaabc'],
  );
});

test('weights 3, 2, 1 have the order of each product', (t) => {
  t.deepEqual(
    ORDERS.map((order) => letters(order, 3, 2, 1)),
    ['abacba', 'abacab', 'aababc', 'aababc'],
  );
});

// Seen with HAProxy 2.6.12, balance roundrobin, one thread.
for (const [weights, seen] of [
  [[4, 2], 'aab'],
  [[7, 3, 2, 1], 'aabacabadacba'],
  [[1, 2, 3], 'cbcacb'],
  [[1, 5, 1], 'bbbabbc'],
  [[6, 4], 'aabab'],
  [[2, 2, 3], 'cacbacb'],
  [[7, 4, 2], 'aabacbaabacab'],
  [[1, 8, 5, 4], 'bcbdbcbdcbabcdbcbd'],
  [[4, 8, 8, 9], 'dbcdbcdabcdbcdabdcbdcadbcdbca'],
] as const) {
  test(`HAProxy has weights ${weights.join(', ')} as ${seen}`, (t) => {
    t.is(letters('haproxy', ...weights), seen);
  });
}

test('in every order but that of HAProxy a cycle has as many turns of a server as its weight, divided by what divides all', (t) => {
  const weightsOf = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 4 });
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.constantFrom('nginx', 'haproxy-static', 'ipvs'),
        weightsOf,
        (order, weights) => {
          const cycle = cycleOf(order, weights);
          const divisor = divisorOf(weights);
          return weights.every(
            (weight, place) => cycle.filter((each) => each === place).length === weight / divisor,
          );
        },
      ),
      runs(300),
    ),
  );
});

test('what follows a cycle may begin anywhere in it, and nothing else follows it', (t) => {
  const cycle = lettersIn('aabacaa');
  t.true(follows(lettersIn('caaaabac'), cycle));
  t.true(follows(lettersIn('aabacaaaabacaa'), cycle));
  t.false(follows(lettersIn('aaabaac'), cycle));
  t.false(follows(lettersIn('aabacab'), cycle));
});
