/** One failure must not make sixty; and no failure may hide behind another. */
import test from 'ava';
import { requirementOf } from '../../../conformance/catalogue/catalogue.ts';
import type { CaseResult } from '../../../conformance/run/collect.ts';
import type { Fault } from '../../../conformance/run/evidence.ts';
import { judgeRequirements } from '../../../conformance/run/result.ts';
import { FAIL, formatVerdict } from '../../../conformance/verdict/verdict.ts';
import { helloWith } from '../bed.ts';

const HELLO = helloWith({
  capabilities: [
    'BRIDGE',
    'MATCH',
    'REVERSE',
    'RULES',
    'LOCK',
    'LOCKBOTH',
    'EPOCH',
    'SPLICE',
    'CAPACITY',
  ],
});

const TCP_CHECKSUM: Fault = { aspect: 'tcp-checksum', field: 'tcp.checksum', own: false };
const SEQUENCE: Fault = { aspect: 'sequence', field: 'tcp.seq', own: false };
const LEAK: Fault = { aspect: 'port', field: 'frame', own: false };

function failed(id: string, ...faults: readonly Fault[]): CaseResult {
  const name = `${id} a case`;
  const where = { uri: 'features/a.feature', line: 1, durationMs: 1 };
  return { name, ...where, requirements: [id], verdict: FAIL, broken: [], faults };
}

function verdictsOf(...cases: readonly CaseResult[]): readonly string[] {
  const ids = [...new Set(cases.flatMap(({ requirements }) => requirements))];
  const asked = ids.flatMap((id) => requirementOf(id) ?? []);
  return judgeRequirements(asked, cases, HELLO).map(
    ({ requirement: { id }, verdict, because }) =>
      `${id} ${formatVerdict(verdict)}${because === undefined ? '' : ` ${because}`}`,
  );
}

test('what failed only by the checksum waits for the requirement of the checksum', (t) => {
  t.deepEqual(
    verdictsOf(
      failed('PRISM-REW-05', TCP_CHECKSUM),
      failed('PRISM-RULE-07', TCP_CHECKSUM),
      failed('PRISM-RST-01', TCP_CHECKSUM),
    ),
    [
      'PRISM-REW-05 fail',
      'PRISM-RULE-07 inconclusive(dependency) PRISM-REW-05',
      'PRISM-RST-01 inconclusive(dependency) PRISM-REW-05',
    ],
  );
});

test('a failure stays one when the simpler requirement passes, or was not asked', (t) => {
  t.deepEqual(verdictsOf(failed('PRISM-RULE-07', TCP_CHECKSUM)), ['PRISM-RULE-07 fail']);
});

test('a failure of its own is not hidden by one that it shares', (t) => {
  t.deepEqual(
    verdictsOf(
      failed('PRISM-REW-05', TCP_CHECKSUM),
      failed('PRISM-RULE-12', TCP_CHECKSUM, LEAK),
      failed('PRISM-RULE-07', TCP_CHECKSUM),
      failed('PRISM-RULE-07', LEAK),
    ),
    ['PRISM-REW-05 fail', 'PRISM-RULE-12 fail', 'PRISM-RULE-07 fail'],
  );
});

test('a scenario that is about an aspect fails by it, whatever else fails', (t) => {
  const own = { ...SEQUENCE, own: true };
  t.deepEqual(verdictsOf(failed('PRISM-SEQ-01', own), failed('PRISM-SEQ-02', own)), [
    'PRISM-SEQ-01 fail',
    'PRISM-SEQ-02 fail',
  ]);
});

test('a step that looked at no frame explains nothing and is explained by nothing', (t) => {
  t.deepEqual(verdictsOf(failed('PRISM-REW-05', TCP_CHECKSUM), failed('PRISM-RULE-16')), [
    'PRISM-REW-05 fail',
    'PRISM-RULE-16 fail',
  ]);
});

test('two failures that would explain each other both stand', (t) => {
  const both = [SEQUENCE, { ...SEQUENCE, field: 'tcp.ack' }];
  t.deepEqual(verdictsOf(failed('PRISM-SEQ-01', ...both), failed('PRISM-SEQ-03', ...both)), [
    'PRISM-SEQ-01 fail',
    'PRISM-SEQ-03 fail',
  ]);
});
