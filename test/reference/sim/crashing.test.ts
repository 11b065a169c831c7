/** A whole Prism whose controller and backends die and come back, at any moment. */
import test from 'ava';
import fc from 'fast-check';
import { runs } from '../../runs.ts';
import { assertNoViolation, crashing } from './schedule.ts';

/** A few, the same each time; the campaign of the gate is tools/schedules.ts. */
const SEED = { seed: 12 };

test('nothing is executed twice or elsewhere, no octet is wrong, no rule is left', (t) => {
  fc.assert(fc.property(crashing, assertNoViolation), { ...SEED, ...runs(60) });
  t.pass();
});
