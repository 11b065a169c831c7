/** Two runs side by side, read from their JSON reports, whatever these contain. */
import test from 'ava';
import fc from 'fast-check';
import { requirementOf } from '../../../conformance/catalogue/catalogue.ts';
import { diffReport } from '../../../conformance/report/diff-text.ts';
import { diffRuns, hasNewFailure, type Change } from '../../../conformance/report/diff.ts';
import { jsonReport } from '../../../conformance/report/json.ts';
import { parseRun, type RecordedRun } from '../../../conformance/report/recorded-run.ts';
import { palette } from '../../../conformance/report/table.ts';
import type { CaseResult } from '../../../conformance/run/collect.ts';
import type { Fault } from '../../../conformance/run/evidence.ts';
import { fingerprintOf } from '../../../conformance/run/fingerprint.ts';
import { concludeRun, judgeRequirements, type RunResult } from '../../../conformance/run/result.ts';
import { FAIL, PASS, type Verdict } from '../../../conformance/verdict/verdict.ts';
import { runs } from '../../runs.ts';
import { helloWith } from '../bed.ts';

const UNDECIDED: Verdict = { kind: 'inconclusive', reason: 'no-barrier' };
const SEQ: Fault = { aspect: 'sequence', field: 'tcp.seq', own: true };
const ACK: Fault = { aspect: 'sequence', field: 'tcp.ack', own: true };

function scenario(id: string, verdict: Verdict, ...faults: readonly Fault[]): CaseResult {
  const result = {
    name: `${id} a case`,
    uri: 'features/a.feature',
    line: 7,
    requirements: [id],
    verdict,
    durationMs: 1,
    broken: [],
    faults,
  };
  const failed = verdict.kind === 'fail';
  return failed ? { ...result, fingerprint: fingerprintOf(result, id) } : result;
}

function reportOf(...cases: readonly CaseResult[]): string {
  const hello = helloWith({ name: 'box', capabilities: ['SPLICE', 'REVERSE', 'BRIDGE'] });
  const asked = [...new Set(cases.flatMap(({ requirements }) => requirements))];
  const requirements = judgeRequirements(
    asked.flatMap((id) => requirementOf(id) ?? []),
    cases,
    hello,
  );
  const settings = { target: 'x', seed: 1, gate: 'MUST', minTests: 1, repeat: 1 } as const;
  const run: RunResult = {
    suite: '0.1.0',
    settings,
    hello,
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 1234,
    cases,
    requirements,
    ...concludeRun(requirements, cases, settings),
  };
  return jsonReport(run);
}

function recorded(...cases: readonly CaseResult[]): RecordedRun {
  const parsed = parseRun(reportOf(...cases), 'run.json');
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

test('the JSON report is read back', (t) => {
  const run = recorded(scenario('PRISM-SEQ-01', FAIL, SEQ, ACK), scenario('PRISM-REW-01', PASS));
  t.like(run, { suite: '0.1.0', exit: 1, hello: { name: 'box', version: '1' } });
  t.deepEqual(run.requirements[0], {
    id: 'PRISM-SEQ-01',
    verdict: 'fail',
    fingerprints: [
      { requirement: 'PRISM-SEQ-01', field: 'tcp.ack' },
      { requirement: 'PRISM-SEQ-01', field: 'tcp.seq' },
    ],
  });
  t.like(run.cases[0], { verdict: 'fail', fingerprint: { field: 'tcp.ack' } });
});

const PASSES = scenario('PRISM-SEQ-01', PASS);
const FAILS = scenario('PRISM-SEQ-01', FAIL, SEQ);
const FAILS_OTHERWISE = scenario('PRISM-SEQ-01', FAIL, ACK);
const FAILS_TWICE = scenario('PRISM-SEQ-01', FAIL, SEQ, ACK);
const OPEN = scenario('PRISM-SEQ-01', UNDECIDED);

/** A, B, what became of the requirement and of the scenario. */
const CHANGES: readonly (readonly [string, CaseResult, CaseResult, Change])[] = [
  ['a pass that fails', PASSES, FAILS, 'new-failure'],
  ['an undecided one that fails', OPEN, FAILS, 'new-failure'],
  ['one that fails otherwise', FAILS, FAILS_OTHERWISE, 'new-failure'],
  ['a failure that passes', FAILS, PASSES, 'fixed'],
  ['a failure that is undecided', FAILS, OPEN, 'changed'],
  ['a pass that is undecided', PASSES, OPEN, 'changed'],
  ['the same failure', FAILS, FAILS, 'same'],
  ['the same pass', PASSES, PASSES, 'same'],
];

for (const [what, a, b, change] of CHANGES) {
  test(`${what} is ${change}`, (t) => {
    const difference = diffRuns(recorded(a), recorded(b));
    t.deepEqual(
      difference.requirements.map((each) => each.change),
      [change],
    );
    t.deepEqual(
      difference.scenarios.map((each) => each.change),
      [change],
    );
    t.is(hasNewFailure(difference), change === 'new-failure');
  });
}

test('one of two failures mended is a change, the other way round it is a new failure', (t) => {
  const change = (a: CaseResult, b: CaseResult): Change | undefined =>
    diffRuns(recorded(a), recorded(b)).requirements[0]?.change;
  t.is(change(FAILS_TWICE, FAILS), 'changed');
  t.is(change(FAILS, FAILS_TWICE), 'new-failure');
});

test('what only one run has is told; a failure that only B has is new', (t) => {
  const other = scenario('PRISM-REW-01', PASS);
  const names = (a: RecordedRun, b: RecordedRun): readonly string[] =>
    diffRuns(a, b).requirements.map(({ name, change }) => `${name} ${change}`);
  t.deepEqual(names(recorded(FAILS), recorded(other)), [
    'PRISM-REW-01 only-in-b',
    'PRISM-SEQ-01 only-in-a',
  ]);
  t.deepEqual(names(recorded(other), recorded(other, FAILS)), [
    'PRISM-REW-01 same',
    'PRISM-SEQ-01 new-failure',
  ]);
});

test('scenarios are the same on another line, and are told apart by their place', (t) => {
  const moved = { ...FAILS, line: 70 };
  t.is(diffRuns(recorded(FAILS), recorded(moved)).scenarios[0]?.change, 'same');
  const rows = diffRuns(recorded(PASSES, PASSES), recorded(PASSES, moved)).scenarios;
  t.deepEqual(
    rows.map(({ name, at, change }) => [name, at, change]),
    [
      ['PRISM-SEQ-01 a case', 'features/a.feature:7', 'same'],
      ['PRISM-SEQ-01 a case (2)', 'features/a.feature:70', 'new-failure'],
    ],
  );
});

test('the text tells both runs, what changed, and by which fingerprints', (t) => {
  const [a, b] = [recorded(FAILS, scenario('PRISM-REW-01', PASS)), recorded(FAILS_OTHERWISE)];
  const text = diffReport(a, b, diffRuns(a, b), palette(false)).join('\n');
  t.is(
    text,
    `  A  box 1, suite 0.1.0, seed 1
  B  box 1, suite 0.1.0, seed 1
  new failures, requirements: 1
    PRISM-SEQ-01: fail -> fail
      - PRISM-SEQ-01 - tcp.seq
      + PRISM-SEQ-01 - tcp.ack
  only in A, requirements: 1
    PRISM-REW-01: pass -> not judged
  new failures, scenarios: 1
    PRISM-SEQ-01 a case: fail -> fail  features/a.feature:7
      - PRISM-SEQ-01 - tcp.seq
      + PRISM-SEQ-01 - tcp.ack
  only in A, scenarios: 1
    PRISM-REW-01 a case: pass -> not judged  features/a.feature:7
  requirements: 0 others are the same`,
  );
});

test('of many scenarios a few are told, and how many more there are', (t) => {
  const many = Array.from({ length: 30 }, () => FAILS);
  const [a, b] = [recorded(), recorded(...many)];
  const text = diffReport(a, b, diffRuns(a, b), palette(false)).join('\n');
  t.regex(text, /scenarios: 30\n/u);
  t.regex(text, / {4}and 10 more\n/u);
});

test('two equal runs have no difference', (t) => {
  const run = recorded(FAILS, scenario('PRISM-REW-01', PASS));
  const text = diffReport(run, run, diffRuns(run, run), palette(false));
  t.deepEqual(text.slice(2), ['  requirements: no difference']);
});

/** Where each fault of a report is said to be. */
const WRONG: readonly (readonly [string, (run: Record<string, unknown>) => unknown, RegExp])[] = [
  ['no format', (run) => ({ ...run, format: undefined }), /^f: format: /u],
  ['another format', (run) => ({ ...run, format: 'prismspec-run/2' }), /^f: format: .*run\/1/u],
  ['no requirements', (run) => ({ ...run, requirements: {} }), /^f: requirements: /u],
  ['no run at all', () => [], /^f: run: /u],
  ['null', () => null, /^f: run: /u],
  [
    'a name that steers the terminal',
    (run) => ({ ...run, hello: { name: '\u{1b}[2J', version: '1' } }),
    /^f: hello\.name: expected one line of text$/u,
  ],
  [
    'a verdict that is none',
    (run) => ({ ...run, requirements: [{ id: 'PRISM-SEQ-01', verdict: 'ok', fingerprints: [] }] }),
    /^f: requirements\.0\.verdict: expected a verdict$/u,
  ],
  [
    'a fingerprint that is none',
    (run) => ({
      ...run,
      requirements: [{ id: 'PRISM-SEQ-01', verdict: 'fail', fingerprints: ['x'] }],
    }),
    /^f: requirements\.0\.fingerprints\.0: expected "ID DIRECTION FIELD"/u,
  ],
];

for (const [what, spoil, error] of WRONG) {
  test(`a report with ${what} is refused, with the path of the fault`, (t) => {
    const parsed = parseRun(JSON.stringify(spoil(JSON.parse(reportOf(FAILS)))), 'f');
    t.false(parsed.ok);
    if (!parsed.ok) t.regex(parsed.error, error);
  });
}

test('any text, also a report cut or changed anywhere, is read or refused in one line', (t) => {
  const whole = reportOf(FAILS, PASSES);
  const spoilt = fc.record({ at: fc.nat(whole.length), by: fc.string({ unit: 'binary' }) });
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    spoilt.map(({ at, by }) => whole.slice(0, at) + by),
    spoilt.map(({ at, by }) => whole.slice(0, at) + by + whole.slice(at + by.length)),
  );
  fc.assert(
    fc.property(text, (odd) => {
      const parsed = parseRun(odd, 'f');
      if (parsed.ok) return;
      t.regex(parsed.error, /^f: \P{Cc}+$/u);
    }),
    runs(1000),
  );
});
