/** A whole Prism whose controller and backends die and come back, at any moment. */
import test from 'ava';
import fc from 'fast-check';
import { runs } from '../../runs.ts';
import { assertNoViolation, crashing } from './schedule.ts';

/** In portions, so that progress is seen. */
for (const portion of [1, 2, 3, 4, 5]) {
  test(`nothing is executed twice or elsewhere, no octet is wrong, no rule is left (1000 schedules, portion ${portion})`, (t) => {
    fc.assert(fc.property(crashing, assertNoViolation), runs(1000));
    t.pass();
  });
}
