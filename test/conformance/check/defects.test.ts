/** `check` finds defects of a switch in captures, and names the requirement. */
import test from 'ava';
import { readFixture } from '../../../conformance/drivers/fixture-files.ts';
import { brokenText, idsOf, judge, throughReference } from './captures.ts';
import { DEFECTS } from './defects.ts';

for (const { name, fixture, deltas, breaks, apply } of DEFECTS) {
  test(`${breaks}: ${name}`, async (t) => {
    const clean = await throughReference(await readFixture(fixture), deltas);
    t.deepEqual(idsOf(judge(clean), 'fail'), [], 'the captures without the defect');
    const result = judge(apply(clean));
    t.true(idsOf(result, 'fail').includes(breaks), brokenText(result) || 'nothing broken');
    t.log(idsOf(result, 'fail').join(' '));
  });
}
