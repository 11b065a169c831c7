/** The judge of least connections. */
import test from 'ava';
import { leastFault, type Job } from '../../../conformance/balancer/busy.ts';
import type { ServerName } from '../../../conformance/driver/balancer.ts';

const POOL = [
  ['s1', 1],
  ['s2', 1],
] as const;

function jobs(
  ...list: readonly (readonly [server: ServerName, fromMs: number, toMs: number])[]
): readonly Job[] {
  return list.map(([server, fromMs, toMs]) => ({ server, fromMs, toMs }));
}

test('who comes goes to who has fewer, and to anyone where all have as many', (t) => {
  t.is(
    leastFault(jobs(['s2', 100, 900], ['s1', 200, 900], ['s2', 300, 900]), POOL, undefined),
    undefined,
  );
  t.is(leastFault(jobs(['s2', 100, 900], ['s2', 200, 900]), POOL, undefined)?.observed, 's2');
});

test('what has ended is no load', (t) => {
  t.is(leastFault(jobs(['s1', 100, 200], ['s1', 300, 900]), POOL, undefined), undefined);
  t.is(
    leastFault(jobs(['s1', 100, 200], ['s2', 150, 900], ['s2', 300, 900]), POOL, undefined)
      ?.observed,
    's2',
  );
});

test('a server of twice the weight has twice as many', (t) => {
  const pool = [
    ['s1', 2],
    ['s2', 1],
  ] as const;
  t.is(
    leastFault(jobs(['s1', 100, 900], ['s2', 200, 900], ['s1', 300, 900]), pool, undefined),
    undefined,
  );
  t.truthy(leastFault(jobs(['s1', 100, 900], ['s2', 200, 900], ['s2', 300, 900]), pool, undefined));
});

test('of equals the declared one is chosen', (t) => {
  const alone = jobs(['s1', 100, 200], ['s2', 300, 400]);
  t.is(leastFault(alone, POOL, 'next'), undefined);
  t.is(leastFault(alone, POOL, 'first')?.observed, 's2');
  t.is(leastFault(jobs(['s1', 100, 200], ['s1', 300, 400]), POOL, 'next')?.observed, 's1');
});

test('with unequal weights what a server would have with one more may count instead', (t) => {
  const pool = [
    ['s1', 2],
    ['s2', 1],
  ] as const;
  // One each: 1/2 and 1/1, or 2/2 and 2/1. Three and one: 3/2 and 1/1, or 4/2 and 2/1.
  const both = jobs(['s1', 100, 900], ['s2', 200, 900], ['s1', 300, 900], ['s1', 400, 900]);
  t.is(leastFault([...both, ...jobs(['s2', 500, 900])], pool, undefined), undefined);
  t.is(leastFault([...both, ...jobs(['s1', 500, 900])], pool, undefined), undefined);
  t.truthy(leastFault([...both, ...jobs(['s1', 500, 900], ['s1', 600, 900])], pool, undefined));
});

test('what ends as somebody comes may be a load for him, or not', (t) => {
  const ending = jobs(['s1', 100, 310], ['s2', 200, 900]);
  t.is(leastFault([...ending, ...jobs(['s1', 300, 900])], POOL, undefined), undefined);
  t.is(leastFault([...ending, ...jobs(['s2', 300, 900])], POOL, undefined), undefined);
  t.truthy(leastFault([...ending, ...jobs(['s2', 350, 900])], POOL, undefined));
});
