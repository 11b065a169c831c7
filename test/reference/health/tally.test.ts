import test from 'ava';
import fc from 'fast-check';
import type { Tally } from '../../../reference/health/tally.ts';
import { countResult, countTraffic, FRESH } from '../../../reference/health/tally.ts';
import { runs } from '../../runs.ts';

/** Whether a server is up after all results: each time the last so many are looked at anew. */
function naive(results: readonly boolean[], fall: number, rise: number): boolean {
  let isUp = true;
  let since = 0;
  for (let end = 1; end <= results.length; end += 1) {
    const needed = isUp ? fall : rise;
    const latest = results.slice(Math.max(since, end - needed), end);
    const isOver = latest.length === needed && latest.every((each) => each !== isUp);
    if (!isOver) continue;
    isUp = !isUp;
    since = end;
  }
  return isUp;
}

const count = fc.integer({ min: 1, max: 5 });

test('PRISM-HC-2 out after fall bad results in a row, in after rise good ones, as an oracle says', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { maxLength: 60, size: 'max' }),
      count,
      count,
      (results, fall, rise) => {
        let tally: Tally = FRESH;
        for (const [index, each] of results.entries()) {
          tally = countResult(tally, each, { fall, rise });
          t.is(tally.isUp, naive(results.slice(0, index + 1), fall, rise));
        }
      },
    ),
    runs(300),
  );
});

test('PRISM-HC-2 the opposite result resets what is counted', (t) => {
  const counts = { fall: 3, rise: 2 };
  const after = (letters: string): boolean =>
    letters
      .split('')
      .reduce((tally: Tally, each) => countResult(tally, each === '+', counts), FRESH).isUp;
  t.true(after('--+--+--'));
  t.false(after('--+---'));
  t.false(after('---+-+-'));
  t.true(after('---+-++'));
});

test('failures of traffic in a row take a server out, and good probes do not undo them', (t) => {
  const rules = { fall: 3, rise: 1, trafficFall: 2 };
  let tally = countTraffic(FRESH, false, rules);
  tally = countResult(tally, true, rules);
  t.true(tally.isUp);
  t.false(countTraffic(tally, false, rules).isUp);
  t.true(countTraffic(countTraffic(tally, true, rules), false, rules).isUp);
});

test('a server that is down comes back by probes alone, with nothing counted', (t) => {
  const rules = { fall: 3, rise: 1, trafficFall: 1 };
  const down = countTraffic(countResult(FRESH, false, rules), false, rules);
  t.deepEqual(down, { isUp: false, against: 0, failures: 0 });
  t.is(countTraffic(down, true, rules), down);
  t.deepEqual(countResult(down, true, rules), FRESH);
});

test('where traffic is not declared to count, it does not', (t) => {
  const rules = { trafficFall: undefined };
  t.is(countTraffic(FRESH, false, rules), FRESH);
});
