/** A whole Prism whose controller and backends die and come back, at any moment. */
import test from 'ava';
import fc from 'fast-check';
import { runs } from '../../runs.ts';
import { assertNoViolation, crashing } from './schedule.ts';

/** The same schedules each time; PRISMSPEC_SEED gives others, PRISMSPEC_RUNS more. */
const SEED = { seed: 12 };

test('nothing is executed twice or elsewhere, no octet is wrong, no rule is left', (t) => {
  fc.assert(fc.property(crashing, assertNoViolation), { ...SEED, ...runs(150) });
  t.pass();
});
