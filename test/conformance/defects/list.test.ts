/** The list of defects: each is told in a sentence, and together they break every requirement. */
import test from 'ava';
import { readFeatures } from '../../../conformance/cli/suite.ts';
import { DEFECTS, PROOF } from '../../../conformance/defects/defects.ts';
import { VARIATIONS } from '../../../conformance/defects/variations/variations.ts';
import { readScenarios, scenariosFor } from '../../../conformance/run/plan.ts';

const scenarios = scenariosFor('switch', readScenarios(readFeatures()));
const judged = new Set(scenarios.flatMap(({ requirements }) => requirements));
const broken = new Set(DEFECTS.map(({ breaks }) => breaks));
const all = [...DEFECTS, ...VARIATIONS];

function repeated(texts: readonly string[]): readonly string[] {
  return texts.filter((text, at) => texts.indexOf(text) !== at);
}

test('each name is there once, in small letters and hyphens', (t) => {
  t.deepEqual(repeated(all.map(({ name }) => name)), []);
  t.deepEqual(
    all.map(({ name }) => name).filter((name) => !/^[a-z\d]+(?:-[a-z\d]+)*$/u.test(name)),
    [],
  );
});

test('each sentence is one, and there once', (t) => {
  t.deepEqual(repeated(all.map(({ sentence }) => sentence)), []);
  const isSentence = /^[A-Z][^.]*[^. ]\.$/u;
  t.deepEqual(
    all.map(({ sentence }) => sentence).filter((text) => !isSentence.test(text)),
    [],
  );
});

test('each defect breaks a requirement that scenarios judge', (t) => {
  t.deepEqual(
    DEFECTS.filter(({ breaks }) => !judged.has(breaks)).map(({ name, breaks }) => [name, breaks]),
    [],
  );
});

test('each requirement that scenarios judge is broken by a defect', (t) => {
  t.true(judged.size > 80);
  t.deepEqual(
    [...judged].filter((id) => !broken.has(id)),
    [],
  );
});

test('the defect that proves the suite is one of the list', (t) => {
  t.is(PROOF?.breaks, 'PRISM-REW-05');
});
