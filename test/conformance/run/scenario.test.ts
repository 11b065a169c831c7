/** What names and tags of scenarios say. */
import test from 'ava';
import { needsOf, requirementsOf } from '../../../conformance/run/scenario.ts';

test('the requirement stands first in the name, others are tags', (t) => {
  t.deepEqual(requirementsOf('PRISM-REW-01 it leaves', []), ['PRISM-REW-01']);
  t.deepEqual(
    requirementsOf('PRISM-REW-03 x', ['@smoke', '@PRISM-SEQ-04', '@PRISM-REW-03', '@PRISM-FWD-11']),
    ['PRISM-REW-03', 'PRISM-SEQ-04', 'PRISM-FWD-11'],
  );
});

for (const name of [
  'it leaves, PRISM-REW-01',
  'PRISM-REW-1 it leaves',
  'PRISM-REW-001 it leaves',
  'PRISM-REW-01: it leaves',
  'prism-rew-01 it leaves',
  '',
]) {
  test(`no requirement stands first in "${name}"`, (t) => {
    t.deepEqual(requirementsOf(name, []), []);
  });
}

test('needs are those of the requirement and of the tags, each once', (t) => {
  t.deepEqual(needsOf('PRISM-SEQ-04 x', []), ['SPLICE']);
  t.deepEqual(needsOf('PRISM-SEQ-04 x', ['@needs-V6', '@needs-SPLICE', '@slow']), ['SPLICE', 'V6']);
  t.deepEqual(needsOf('PRISM-REW-01 x', []), []);
});

test('the needs of a requirement that is only a tag do not keep a scenario from running', (t) => {
  t.deepEqual(needsOf('PRISM-REW-03 x', ['@PRISM-SEQ-10']), []);
});

test('a capability that does not exist is none', (t) => {
  t.deepEqual(needsOf('PRISM-REW-01 x', ['@needs-WINGS', '@needs-splice']), []);
});
