/** A whole Prism under loss, duplication and reordering, on cables and channels. */
import test from 'ava';
import fc from 'fast-check';
import { runs } from '../../runs.ts';
import { assertNoViolation, lossy } from './schedule.ts';

/** A few, the same each time; the campaign of the gate is tools/schedules.ts. */
const SEED = { seed: 7 };

test('each client gets exactly its answers, each request is executed once by the backend that the policy chose, no rule is left', (t) => {
  fc.assert(fc.property(lossy, assertNoViolation), { ...SEED, ...runs(60) });
  t.pass();
});
