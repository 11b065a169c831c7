/** From the verdicts of scenarios to those of requirements, and to the exit status. */
import test from 'ava';
import { requirementOf } from '../../../conformance/catalogue/catalogue.ts';
import type { Level, Requirement } from '../../../conformance/catalogue/requirement.ts';
import type { CaseResult } from '../../../conformance/run/collect.ts';
import { formatFingerprint } from '../../../conformance/run/fingerprint.ts';
import {
  blame,
  concludeRun,
  judgeRequirements,
  verdictOn,
} from '../../../conformance/run/result.ts';
import { conclude, gates, type Judged } from '../../../conformance/verdict/exit-code.ts';
import {
  combineVerdicts,
  FAIL,
  formatVerdict,
  PASS,
  type Verdict,
} from '../../../conformance/verdict/verdict.ts';
import { helloWith } from '../bed.ts';

const UNDECIDED: Verdict = { kind: 'inconclusive', reason: 'no-barrier' };
const NOT_APPLICABLE: Verdict = { kind: 'not-applicable', capability: 'SPLICE' };
const HELLO = helloWith({ capabilities: ['SPLICE', 'BRIDGE'] });
const SETTINGS = { target: 'reference', seed: 1, gate: 'MUST', minTests: 1, repeat: 1 } as const;

function requirement(id: string): Requirement {
  const found = requirementOf(id);
  if (found === undefined) throw new Error(id);
  return found;
}

const SEEN = { field: 'tcp.seq', expected: 'this', observed: 'that' };

function scenario(
  ids: readonly string[],
  verdict: Verdict,
  broken: readonly string[] = [],
): CaseResult {
  return {
    name: `${ids.join(' ')} case`,
    uri: 'features/a.feature',
    line: 1,
    requirements: ids,
    verdict,
    durationMs: 1,
    broken: broken.map((id) => ({ requirement: id, ...SEEN })),
    faults: [],
  };
}

function verdictsOf(ids: readonly string[], cases: readonly CaseResult[]): readonly string[] {
  const results = judgeRequirements(ids.map(requirement), cases, HELLO);
  return results.map(({ requirement: { id }, verdict }) => `${id} ${formatVerdict(verdict)}`);
}

test('one failure fails, else one undecided leaves undecided, else one pass passes', (t) => {
  t.deepEqual(combineVerdicts([PASS, UNDECIDED, FAIL, NOT_APPLICABLE]), FAIL);
  t.deepEqual(combineVerdicts([PASS, UNDECIDED, NOT_APPLICABLE]), UNDECIDED);
  t.deepEqual(combineVerdicts([NOT_APPLICABLE, PASS]), PASS);
  t.deepEqual(combineVerdicts([NOT_APPLICABLE]), NOT_APPLICABLE);
  t.is(combineVerdicts([]), undefined);
});

test('verdicts are written with their reasons', (t) => {
  t.deepEqual([PASS, FAIL, UNDECIDED, NOT_APPLICABLE].map(formatVerdict), [
    'pass',
    'fail',
    'inconclusive(no-barrier)',
    'not-applicable(SPLICE)',
  ]);
});

test('a requirement without a scenario is left out', (t) => {
  t.deepEqual(verdictsOf(['PRISM-REW-01', 'PRISM-REW-02'], [scenario(['PRISM-REW-01'], PASS)]), [
    'PRISM-REW-01 pass',
  ]);
});

const REPLAY = ['PRISM-REW-03', 'PRISM-SEQ-04', 'PRISM-SEQ-10', 'PRISM-FWD-01'];

test('a replay that passes passes all that it judges and that applies', (t) => {
  t.deepEqual(verdictsOf(REPLAY, [scenario(REPLAY, PASS)]), [
    'PRISM-REW-03 pass',
    'PRISM-SEQ-04 pass',
    'PRISM-SEQ-10 not-applicable(TS)',
    'PRISM-FWD-01 pass',
  ]);
});

test('a replay blames what it found broken and nothing else', (t) => {
  t.deepEqual(verdictsOf(REPLAY, [scenario(REPLAY, FAIL, ['PRISM-SEQ-04'])]), [
    'PRISM-REW-03 pass',
    'PRISM-SEQ-04 fail',
    'PRISM-SEQ-10 not-applicable(TS)',
    'PRISM-FWD-01 pass',
  ]);
});

for (const id of ['PRISM-SEQ-12', 'PRISM-REW-15', 'PRISM-XXX-01']) {
  test(`what belongs to ${id}, which the replay does not judge, fails its own`, (t) => {
    const result = scenario(REPLAY, FAIL, [id]);
    t.deepEqual(verdictsOf(REPLAY, [result]), [
      'PRISM-REW-03 fail',
      'PRISM-SEQ-04 pass',
      'PRISM-SEQ-10 not-applicable(TS)',
      'PRISM-FWD-01 pass',
    ]);
    t.deepEqual(blame(result, HELLO), [{ requirement: 'PRISM-REW-03', ...SEEN }]);
  });
}

test('what belongs to a requirement that does not apply fails the replay’s own', (t) => {
  t.deepEqual(verdictsOf(REPLAY, [scenario(REPLAY, FAIL, ['PRISM-SEQ-10'])]).slice(0, 3), [
    'PRISM-REW-03 fail',
    'PRISM-SEQ-04 pass',
    'PRISM-SEQ-10 not-applicable(TS)',
  ]);
});

test('a replay that fails without findings fails all that it judges', (t) => {
  t.deepEqual(verdictsOf(REPLAY, [scenario(REPLAY, FAIL)]), [
    'PRISM-REW-03 fail',
    'PRISM-SEQ-04 fail',
    'PRISM-SEQ-10 not-applicable(TS)',
    'PRISM-FWD-01 fail',
  ]);
});

test('a failed scenario never leaves all of its requirements passed', (t) => {
  for (const broken of ['PRISM-REW-03', 'PRISM-SEQ-04', 'PRISM-SEQ-10', 'PRISM-XXX-01', '']) {
    const told = verdictsOf(REPLAY, [scenario(REPLAY, FAIL, [broken])]);
    t.true(
      told.some((line) => line.endsWith(' fail')),
      broken,
    );
  }
});

test('a device that claims what it does not offer is not excused', (t) => {
  const verdict = verdictOn(
    requirement('PRISM-SEQ-04'),
    HELLO,
    scenario(['PRISM-SEQ-04'], NOT_APPLICABLE),
  );
  t.is(formatVerdict(verdict), 'inconclusive(claimed-not-offered)');
});

function exitCode(judged: readonly Omit<Judged, 'id'>[], gate: Level, minTests?: number): number {
  const named = judged.map((each, index): Judged => ({ id: `PRISM-REW-0${index}`, ...each }));
  return conclude(named, gate, minTests).exit;
}

function exitFor(level: Level, verdict: Verdict, gate: Level = 'MUST'): number {
  return exitCode(
    [
      { level: 'MUST', verdict: PASS },
      { level, verdict },
    ],
    gate,
  );
}

test('each verdict of a MUST has its exit status', (t) => {
  t.is(exitFor('MUST', PASS), 0);
  t.is(exitFor('MUST', FAIL), 1);
  t.is(exitFor('MUST', UNDECIDED), 2);
  t.is(exitFor('MUST', NOT_APPLICABLE), 0);
});

test('a failure outweighs what is undecided', (t) => {
  t.is(
    exitCode(
      [
        { level: 'MUST', verdict: UNDECIDED },
        { level: 'MUST', verdict: FAIL },
      ],
      'MUST',
    ),
    1,
  );
});

test('a SHOULD counts only when the gate is there', (t) => {
  t.is(exitFor('SHOULD', FAIL), 0);
  t.is(exitFor('SHOULD', FAIL, 'SHOULD'), 1);
  t.is(exitFor('SHOULD', UNDECIDED), 0);
  t.is(exitFor('SHOULD', UNDECIDED, 'SHOULD'), 2);
  t.is(exitFor('MAY', FAIL, 'SHOULD'), 0);
  t.is(exitFor('MAY', FAIL, 'MAY'), 1);
  t.is(exitFor('MUST', FAIL, 'MAY'), 1);
  t.deepEqual(
    (['MUST', 'SHOULD', 'MAY'] as const).map((level) => gates(level, 'SHOULD')),
    [true, true, false],
  );
});

test('where nothing was decided the status says so', (t) => {
  t.is(exitCode([], 'MUST'), 4);
  t.is(exitCode([{ level: 'MUST', verdict: NOT_APPLICABLE }], 'MUST'), 4);
  t.is(exitCode([{ level: 'SHOULD', verdict: PASS }], 'MUST'), 4);
  t.is(exitCode([{ level: 'SHOULD', verdict: PASS }], 'SHOULD'), 0);
});

test('fewer decided requirements than were asked for are nothing', (t) => {
  const two = [PASS, PASS].map((verdict) => ({ level: 'MUST' as const, verdict }));
  t.is(exitCode(two, 'MUST', 2), 0);
  t.is(exitCode(two, 'MUST', 3), 4);
  t.is(exitCode(two, 'MUST', 0), 0);
  t.is(exitCode([], 'MUST', 0), 4);
});

const CLIENT = { direction: 'client-to-owner' } as const;
const OWNER = { direction: 'owner-to-client' } as const;
const SACK = { aspect: 'sack', field: 'tcp.options[2]', own: false } as const;

/** A replay of `REPLAY` that met `faults`, and blames the first of each requirement in `broken`. */
function fingerprintsOf(
  faults: CaseResult['faults'],
  broken: CaseResult['broken'],
): readonly string[] {
  const result = { ...scenario(REPLAY, FAIL), faults, broken };
  return judgeRequirements(REPLAY.map(requirement), [result, result], HELLO).flatMap((each) =>
    each.fingerprints.map(formatFingerprint),
  );
}

function blaming(id: string, field: string): CaseResult['broken'][number] {
  return { requirement: id, expected: 'this', observed: 'that', field, ...CLIENT };
}

test('a replay leaves every failure of a requirement, not the first alone', (t) => {
  const faults = [
    { ...SACK, ...CLIENT },
    { ...SACK, ...OWNER },
    { ...SACK, ...CLIENT, field: 'tcp.options[5]' },
  ];
  t.deepEqual(fingerprintsOf(faults, [blaming('PRISM-SEQ-04', 'tcp.options[2]')]), [
    'PRISM-SEQ-04 client-to-owner tcp.options.sack',
    'PRISM-SEQ-04 owner-to-client tcp.options.sack',
  ]);
});

test('what belongs to requirements that a replay does not judge are failures of its own', (t) => {
  const faults = [
    { aspect: 'window', field: 'tcp.window', own: false, ...CLIENT },
    { aspect: 'urgent', field: 'tcp.urgent', own: false, ...CLIENT },
    { ...SACK, ...CLIENT },
  ] as const;
  const broken = [
    blaming('PRISM-SEQ-12', 'tcp.window'),
    blaming('PRISM-SEQ-09', 'tcp.urgent'),
    blaming('PRISM-SEQ-04', 'tcp.options[2]'),
  ];
  t.deepEqual(fingerprintsOf(faults, broken), [
    'PRISM-REW-03 client-to-owner tcp.urgent',
    'PRISM-REW-03 client-to-owner tcp.window',
    'PRISM-SEQ-04 client-to-owner tcp.options.sack',
  ]);
});

test('what passes or is undecided has no failure', (t) => {
  for (const verdict of [PASS, UNDECIDED, NOT_APPLICABLE]) {
    const results = judgeRequirements(
      [requirement('PRISM-REW-01')],
      [scenario(['PRISM-REW-01'], verdict)],
      HELLO,
    );
    t.deepEqual(results[0]?.fingerprints, []);
  }
});

test('our own fault outweighs every verdict', (t) => {
  const cases = [
    scenario(['PRISM-REW-01'], FAIL),
    { ...scenario(['PRISM-REW-02'], UNDECIDED), fault: 'x' },
  ];
  const results = judgeRequirements([requirement('PRISM-REW-01')], cases, HELLO);
  t.is(concludeRun(results, cases, SETTINGS).exit, 70);
  t.is(concludeRun(results, cases.slice(0, 1), SETTINGS).exit, 1);
});

test('the gate and the least number are those of the settings', (t) => {
  const [should] = ['PRISM-REW-06'].map(requirement);
  t.is(should?.level, 'SHOULD');
  const cases = [scenario(['PRISM-REW-06'], FAIL), scenario(['PRISM-REW-01'], PASS)];
  const results = judgeRequirements(
    ['PRISM-REW-06', 'PRISM-REW-01'].map(requirement),
    cases,
    HELLO,
  );
  t.is(concludeRun(results, cases, SETTINGS).exit, 0);
  t.is(concludeRun(results, cases, { ...SETTINGS, gate: 'SHOULD' }).exit, 1);
  t.is(concludeRun(results, cases, { ...SETTINGS, minTests: 2 }).exit, 4);
});
