/** What the words of a command line select. */
import test from 'ava';
import { requirementOf, requirements } from '../../../conformance/catalogue/catalogue.ts';
import { planScenarios, readScenarios } from '../../../conformance/run/plan.ts';
import { parseSelection, type Candidate } from '../../../conformance/run/select.ts';

const VOCABULARY = { requirements, tags: ['@client-reset', '@needs-V6'] };

function candidate(ids: readonly string[], tags: readonly string[] = []): Candidate {
  return { requirements: ids.flatMap((id) => requirementOf(id) ?? []), tags };
}

const CANDIDATES: readonly Candidate[] = [
  candidate(['PRISM-SEQ-04']),
  candidate(['PRISM-SEQ-01', 'PRISM-REW-17']),
  candidate(['PRISM-REW-01'], ['@client-reset']),
  candidate(['PRISM-RST-01'], ['@client-reset', '@needs-V6']),
];

/** Places in CANDIDATES that `specs` take, or the error. */
function taken(...specs: readonly string[]): readonly number[] | string {
  const selection = parseSelection(specs, VOCABULARY);
  if (!selection.ok) return selection.error;
  return [...CANDIDATES.keys()].filter((index) => {
    const each = CANDIDATES[index];
    return each !== undefined && selection.value(each);
  });
}

for (const [specs, wanted] of [
  [[], [0, 1, 2, 3]],
  [['PRISM-SEQ-04'], [0]],
  [['PRISM-SEQ'], [0, 1]],
  [['SEQ'], [0, 1]],
  [
    ['PRISM-SEQ', 'PRISM-RST-01'],
    [0, 1, 3],
  ],
  [['RFC2018/3'], [0]],
  [['RFC2018'], [0]],
  [['@client-reset'], [2, 3]],
  [['!PRISM-SEQ-04'], [1, 2, 3]],
  [['PRISM-SEQ', '!PRISM-SEQ-04'], [1]],
  [['!PRISM-REW-17'], [0, 2, 3]],
  [['@client-reset', '!@needs-V6'], [2]],
  [['PRISM-SEQ-04', '!PRISM-SEQ'], []],
  [['!RFC2018/3'], [1, 2, 3]],
] as const) {
  test(`${specs.join(' ') || 'nothing'} takes ${wanted.join(' ') || 'nothing'}`, (t) => {
    t.deepEqual(taken(...specs), wanted);
  });
}

for (const [spec, told] of [
  ['PRISM-SEQ-99', 'unknown requirement: PRISM-SEQ-99; known: PRISM-SEQ-01 to PRISM-SEQ-17'],
  ['!PRISM-SEQ-99', 'unknown requirement: PRISM-SEQ-99; known: PRISM-SEQ-01 to PRISM-SEQ-17'],
  ['@reset', 'unknown requirement: @reset; known tags: @client-reset @needs-V6'],
] as const) {
  test(`${spec} is unknown, and what is known is said`, (t) => {
    t.is(taken(spec), told);
  });
}

for (const spec of [
  '',
  '!',
  'PRISM',
  'PRISM-XXX',
  'prism-seq-04',
  'RFC1',
  'RFC9293/99',
  '@',
  'toString',
]) {
  test(`"${spec}" is unknown`, (t) => {
    t.regex(String(taken(spec)), /^unknown requirement: /u);
  });
}

test('an unknown word behind known ones is found', (t) => {
  t.regex(String(taken('PRISM-SEQ', '!PRISM-ABC')), /PRISM-ABC; known groups: PRISM-REW /u);
});

const FEATURE = `
@client-reset
Feature: f
  Scenario: PRISM-REW-01 one
    Given a
  @PRISM-SEQ-10
  Scenario Outline: PRISM-REW-03 <n>
    Given a
    @needs-V6
    Examples:
      | n |
      | 7 |
      | 8 |
`;

test('a plan has a line for each row of an outline', (t) => {
  const scenarios = readScenarios([{ uri: 'features/a.feature', text: FEATURE }]);
  t.deepEqual(
    scenarios.map(({ uri, line, name }) => [uri, line, name]),
    [
      ['features/a.feature', 4, 'PRISM-REW-01 one'],
      ['features/a.feature', 12, 'PRISM-REW-03 7'],
      ['features/a.feature', 13, 'PRISM-REW-03 8'],
    ],
  );
  t.deepEqual(scenarios[2]?.tags, ['@client-reset', '@PRISM-SEQ-10', '@needs-V6']);
  t.deepEqual(scenarios[2]?.requirements, ['PRISM-REW-03', 'PRISM-SEQ-10']);
});

test('a replay is selected by each requirement that it judges', (t) => {
  const scenarios = readScenarios([{ uri: 'a', text: FEATURE }]);
  const lines = (spec: string): readonly number[] => {
    const selection = parseSelection([spec], VOCABULARY);
    if (!selection.ok) throw new Error(selection.error);
    return planScenarios(scenarios, selection.value, requirements).map(({ line }) => line);
  };
  t.deepEqual(lines('PRISM-SEQ-10'), [12, 13]);
  t.deepEqual(lines('!PRISM-SEQ-10'), [4]);
  t.deepEqual(lines('PRISM-REW'), [4, 12, 13]);
});

test('bad Gherkin is named with file and line', (t) => {
  const bad = {
    uri: 'features/bad.feature',
    text: 'Feature: f\n  Scenario: s\n    Given a\n    Whoops\n',
  };
  const good = { uri: 'features/good.feature', text: FEATURE };
  t.throws(() => readScenarios([good, bad]), { message: /^features\/bad\.feature: .*\(4:5\)/su });
});
