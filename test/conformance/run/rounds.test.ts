/** The same scenario several times: a verdict that changes is none. */
import test from 'ava';
import type { CaseResult } from '../../../conformance/run/collect.ts';
import { createRounds } from '../../../conformance/run/rounds.ts';
import { FAIL, formatVerdict, PASS, type Verdict } from '../../../conformance/verdict/verdict.ts';

const UNDECIDED: Verdict = { kind: 'inconclusive', reason: 'no-barrier' };

function scenario(verdict: Verdict, parts: Partial<CaseResult> = {}): CaseResult {
  return {
    name: 'PRISM-REW-01 a case',
    uri: 'features/a.feature',
    line: 7,
    requirements: ['PRISM-REW-01'],
    verdict,
    durationMs: 1,
    broken: [],
    faults: [],
    ...parts,
  };
}

function after(...results: readonly CaseResult[]): {
  readonly kept: readonly boolean[];
  readonly told: readonly CaseResult[];
} {
  const rounds = createRounds();
  const kept = results.map((result) => rounds.add(result));
  return { kept, told: rounds.results() };
}

test('one round is told as it is', (t) => {
  const results = [scenario(PASS), scenario(FAIL, { line: 9 })];
  t.deepEqual(after(...results), { kept: [true, true], told: results });
});

test('rounds that agree come to that verdict, with the evidence of the first', (t) => {
  const first = scenario(FAIL, { observed: 'first' });
  const { kept, told } = after(first, scenario(FAIL, { observed: 'second' }));
  t.deepEqual(told, [first]);
  t.deepEqual(kept, [true, false]);
});

test('a verdict that changes is inconclusive(nondeterministic), and every one is told', (t) => {
  const failed = scenario(FAIL, {
    expected: 'this',
    observed: 'that',
    faults: [{ aspect: 'sequence', field: 'tcp.seq', own: true }],
  });
  const { kept, told } = after(
    scenario(PASS),
    scenario(UNDECIDED),
    failed,
    scenario(PASS),
    scenario(FAIL, { observed: 'later' }),
  );
  t.deepEqual(kept, [true, true, true, false, false]);
  const [only] = told;
  t.is(told.length, 1);
  t.is(only && formatVerdict(only.verdict), 'inconclusive(nondeterministic)');
  t.is(only?.observed, 'in rounds 1 to 5: pass, inconclusive(no-barrier), fail, pass, fail');
  t.deepEqual(only?.rounds, ['pass', 'inconclusive(no-barrier)', 'fail', 'pass', 'fail']);
  t.is(only?.expected, 'this');
  t.deepEqual(only?.faults, failed.faults);
});

test('another reason, and another requirement to blame, are another verdict', (t) => {
  const [reason] = after(
    scenario(UNDECIDED),
    scenario({ kind: 'inconclusive', reason: 'capture-loss' }),
  ).told;
  t.like(reason?.verdict, { reason: 'nondeterministic' });
  const blaming = (requirement: string): CaseResult =>
    scenario(FAIL, {
      broken: [{ requirement, field: 'tcp.seq', expected: 'a', observed: 'b' }],
    });
  const [blame] = after(blaming('PRISM-SEQ-01'), blaming('PRISM-SEQ-04')).told;
  t.like(blame?.verdict, { reason: 'nondeterministic' });
  t.deepEqual(blame?.rounds, ['fail PRISM-SEQ-01', 'fail PRISM-SEQ-04']);
  t.deepEqual(blame?.broken, []);
});

test('our own fault in one round is our own fault', (t) => {
  const fault = scenario(UNDECIDED, { fault: 'TypeError: x' });
  t.deepEqual(after(scenario(PASS), scenario(FAIL), fault, scenario(PASS)).told, [fault]);
});

test('the fingerprint of a failure is not that of a verdict that changes', (t) => {
  const fingerprint = { requirement: 'PRISM-REW-01', field: 'tcp.seq' };
  const [only] = after(scenario(FAIL, { fingerprint }), scenario(PASS)).told;
  t.false(only !== undefined && 'fingerprint' in only);
});

test('scenarios keep the order of the first round', (t) => {
  const at = (line: number): CaseResult => scenario(PASS, { line });
  const { told } = after(at(3), at(1), at(2), at(1), at(2), at(3));
  t.deepEqual(
    told.map(({ line }) => line),
    [3, 1, 2],
  );
});
