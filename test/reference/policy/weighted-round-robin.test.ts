import test from 'ava';
import fc from 'fast-check';
import { commonDivisor } from '../../../reference/policy/pool.ts';
import {
  createWeightedRoundRobin,
  type TurnOrder,
} from '../../../reference/policy/weighted-round-robin.ts';
import { runs } from '../../runs.ts';
import { arbitraryWeights, choiceOf, countsOf, poolOf, turnsOf } from './bed.ts';

const ORDERS: readonly TurnOrder[] = ['smooth', 'haproxy-static', 'ipvs'];

/**
 * What the products did: 36 requests, one after the other, to HAProxy 2.6.12 (`balance static-rr`)
 * and nginx 1.22.1, one worker each. IPVS was not there to be asked: what the rule of its scheduler
 * wrr (Linux, net/netfilter/ipvs/ip_vs_wrr.c) comes to by hand.
 */
const SEEN: readonly (readonly [TurnOrder, readonly number[], string])[] = [
  ['smooth', [5, 1, 1], 'aabacaaaabacaaaabacaaaabacaaaabacaaa'],
  ['smooth', [3, 2, 1], 'abacbaabacbaabacbaabacbaabacbaabacba'],
  ['smooth', [4, 2, 2], 'abcaabcaabcaabcaabcaabcaabcaabcaabca'],
  ['smooth', [2, 7, 3, 5], 'bdcbadbcbdbdabcdbbdcbadbcbdbdabcdbbd'],
  ['haproxy-static', [5, 1, 1], 'aaabaacaaabaacaaabaacaaabaacaaabaaca'],
  ['haproxy-static', [3, 2, 1], 'aababcaababcaababcaababcaababcaababc'],
  ['haproxy-static', [4, 2, 2], 'aabcaabcaabcaabcaabcaabcaabcaabcaabc'],
  ['haproxy-static', [1, 2, 3], 'acbcbcacbcbcacbcbcacbcbcacbcbcacbcbc'],
  ['haproxy-static', [2, 7, 3, 5], 'abbdbcdbabdcbdbcdabbdbcdbabdcbdbcdab'],
  ['haproxy-static', [1, 1, 1], 'abcabcabcabcabcabcabcabcabcabcabcabc'],
  ['ipvs', [5, 1, 1], 'aaaaabcaaaaabc'],
  ['ipvs', [3, 2, 1], 'aababcaababc'],
];

for (const [order, weights, turns] of SEEN) {
  test(`POL-3 ${order} with weights ${weights.join(', ')} is met exactly`, (t) => {
    const scheduler = createWeightedRoundRobin(poolOf(...weights), order);
    t.is(turnsOf(scheduler, turns.length), turns);
  });
}

for (const order of ORDERS) {
  test(`POL-2 ${order}: each server w / gcd times in any Σw / gcd choices in a row`, (t) => {
    fc.assert(
      fc.property(arbitraryWeights(6), fc.nat(40), (weights, before) => {
        const scheduler = createWeightedRoundRobin(poolOf(...weights), order);
        const divisor = commonDivisor(weights);
        const shares = weights.map((weight) => weight / divisor);
        const cycle = shares.reduce((sum, share) => sum + share, 0);
        turnsOf(scheduler, before);
        const places = Array.from({ length: cycle }, () => scheduler.choose(choiceOf()));
        t.deepEqual(countsOf(places, weights.length), shares);
      }),
      runs(300),
    );
  });

  test(`${order}: multiplying all weights changes nothing`, (t) => {
    fc.assert(
      fc.property(arbitraryWeights(5), fc.integer({ min: 2, max: 20 }), (weights, factor) => {
        const times = weights.map((weight) => weight * factor);
        t.is(
          turnsOf(createWeightedRoundRobin(poolOf(...times), order), 60),
          turnsOf(createWeightedRoundRobin(poolOf(...weights), order), 60),
        );
      }),
      runs(100),
    );
  });

  test(`${order}: the others share by their weights what one leaves that fails`, (t) => {
    const scheduler = createWeightedRoundRobin(poolOf(4, 3, 1), order);
    turnsOf(scheduler, 5);
    const places = Array.from({ length: 400 }, () => scheduler.choose(choiceOf({ out: [0] })));
    const [first, second = 0, third = 0] = countsOf(places, 3);
    t.is(first, 0);
    t.true(Math.abs(second - 300) <= 3 && Math.abs(third - 100) <= 3, `${second}, ${third}`);
  });
}
