/** A whole Prism under loss, duplication and reordering, on cables and channels. */
import test from 'ava';
import fc from 'fast-check';
import { runs } from '../../runs.ts';
import { assertNoViolation, lossy } from './schedule.ts';

/** In portions, so that progress is seen. */
for (const portion of [1, 2, 3, 4, 5]) {
  test(`each client gets exactly its answers, each request is executed once by the backend that the policy chose, no rule is left (1000 schedules, portion ${portion})`, (t) => {
    fc.assert(fc.property(lossy, assertNoViolation), runs(1000));
    t.pass();
  });
}
