/** What a baseline may change in the verdicts of a run, and what it never may. */
import test from 'ava';
import fc from 'fast-check';
import { applyBaseline } from '../../../conformance/baseline/apply.ts';
import type { BaselineEntry } from '../../../conformance/baseline/entry.ts';
import { requirementOf } from '../../../conformance/catalogue/catalogue.ts';
import type { CaseResult } from '../../../conformance/run/collect.ts';
import type { Fault } from '../../../conformance/run/evidence.ts';
import { formatFingerprint } from '../../../conformance/run/fingerprint.ts';
import {
  concludeRun,
  judgeRequirements,
  type RequirementResult,
} from '../../../conformance/run/result.ts';
import { FAIL, formatVerdict, PASS, type Verdict } from '../../../conformance/verdict/verdict.ts';
import { runs } from '../../runs.ts';
import { helloWith } from '../bed.ts';

const TODAY = '2026-11-22';
const HELLO = helloWith({
  name: 'box',
  version: '1.4.0',
  capabilities: ['BRIDGE', 'REVERSE', 'RULES', 'LOCK', 'SPLICE', 'MATCH'],
});

const SACK: Fault = {
  aspect: 'sack',
  field: 'tcp.options[1]',
  direction: 'client-to-owner',
  own: true,
};
const SACK_BACK: Fault = { ...SACK, direction: 'owner-to-client' };
const CHECKSUM: Fault = { aspect: 'tcp-checksum', field: 'tcp.checksum', own: false };
const LEAK: Fault = { aspect: 'port', field: 'frame', own: false };

const SACK_TEXT = 'PRISM-SEQ-04 client-to-owner tcp.options.sack';

function scenario(id: string, verdict: Verdict, ...faults: readonly Fault[]): CaseResult {
  const name = `${id} a case`;
  const where = { uri: 'features/a.feature', line: 1, durationMs: 1 };
  return { name, ...where, requirements: [id], verdict, broken: [], faults };
}

function judged(...cases: readonly CaseResult[]): readonly RequirementResult[] {
  const ids = [...new Set(cases.flatMap(({ requirements }) => requirements))];
  return judgeRequirements(
    ids.flatMap((id) => requirementOf(id) ?? []),
    cases,
    HELLO,
  );
}

function entry(text: string, parts: Partial<BaselineEntry> = {}): BaselineEntry {
  const [requirement = '', direction, ...field] = text.split(' ');
  const way = direction === 'client-to-owner' || direction === 'owner-to-client' ? direction : '-';
  return {
    fingerprint: {
      requirement,
      field: field.join(' '),
      ...(way === '-' ? {} : { direction: way }),
    },
    device: 'box',
    versions: '^1.4.0',
    issue: 'https://example.org/1',
    expires: '2027-01-31',
    ...parts,
  };
}

function verdictsWith(
  results: readonly RequirementResult[],
  ...entries: readonly BaselineEntry[]
): readonly string[] {
  return applyBaseline(results, entries, HELLO, TODAY).requirements.map(
    ({ requirement, verdict }) => `${requirement.id} ${formatVerdict(verdict)}`,
  );
}

const KNOWN = 'known-failure(https://example.org/1)';

test('a failure with an entry is known, whatever its place in the options', (t) => {
  const results = judged(scenario('PRISM-SEQ-04', FAIL, SACK));
  t.deepEqual(verdictsWith(results, entry(SACK_TEXT)), [`PRISM-SEQ-04 ${KNOWN}`]);
});

test('another direction, field or requirement of the same scenario is new', (t) => {
  const results = judged(scenario('PRISM-SEQ-04', FAIL, SACK));
  for (const text of [
    'PRISM-SEQ-04 owner-to-client tcp.options.sack',
    'PRISM-SEQ-04 - tcp.options.sack',
    'PRISM-SEQ-04 client-to-owner tcp.seq',
    'PRISM-SEQ-05 client-to-owner tcp.options.sack',
  ]) {
    t.deepEqual(verdictsWith(results, entry(text)), ['PRISM-SEQ-04 fail'], text);
  }
});

test('a second fault of a scenario is not known because the first is', (t) => {
  const results = judged(scenario('PRISM-SEQ-04', FAIL, SACK, SACK_BACK));
  t.deepEqual(verdictsWith(results, entry(SACK_TEXT)), ['PRISM-SEQ-04 fail']);
  const both = [entry(SACK_TEXT), entry('PRISM-SEQ-04 owner-to-client tcp.options.sack')];
  t.deepEqual(verdictsWith(results, ...both), [`PRISM-SEQ-04 ${KNOWN}`]);
});

test('one scenario that fails in a new way makes the requirement fail', (t) => {
  const known = scenario('PRISM-SEQ-04', FAIL, SACK);
  const fresh = scenario('PRISM-SEQ-04', FAIL, SACK_BACK);
  t.deepEqual(verdictsWith(judged(known, fresh, known), entry(SACK_TEXT)), ['PRISM-SEQ-04 fail']);
});

test('a step that looked at no frame is known by its words', (t) => {
  const result = { ...scenario('PRISM-RULE-07', FAIL), step: '3 frames leave' };
  const results = judged(result);
  t.deepEqual(verdictsWith(results, entry('PRISM-RULE-07 - N frames leave')), [
    `PRISM-RULE-07 ${KNOWN}`,
  ]);
  t.deepEqual(verdictsWith(results, entry('PRISM-RULE-07 - no frame leaves')), [
    'PRISM-RULE-07 fail',
  ]);
});

test('an entry for another device or version excuses nothing, and is counted', (t) => {
  const results = judged(scenario('PRISM-SEQ-04', FAIL, SACK), scenario('PRISM-REW-01', PASS));
  const others = [
    entry(SACK_TEXT, { device: 'other' }),
    entry(SACK_TEXT, { versions: '^2.0.0' }),
    entry('PRISM-REW-01 - frame', { device: 'other' }),
  ];
  const applied = applyBaseline(results, others, HELLO, TODAY);
  t.deepEqual(
    applied.requirements.map(({ verdict }) => verdict),
    [FAIL, PASS],
  );
  t.is(applied.others.length, 3);
});

test('an expired entry does not excuse: the failure says until when it was known', (t) => {
  const results = judged(scenario('PRISM-SEQ-04', FAIL, SACK));
  const expired = entry(SACK_TEXT, { expires: '2026-11-21' });
  t.deepEqual(verdictsWith(results, expired), ['PRISM-SEQ-04 fail(known until 2026-11-21)']);
  const older = entry(SACK_TEXT, { expires: '2026-01-01' });
  t.deepEqual(verdictsWith(results, older, expired), ['PRISM-SEQ-04 fail(known until 2026-11-21)']);
  t.deepEqual(verdictsWith(results, expired, entry(SACK_TEXT)), [`PRISM-SEQ-04 ${KNOWN}`]);
});

test('a new failure beside an expired one is new', (t) => {
  const results = judged(scenario('PRISM-SEQ-04', FAIL, SACK, SACK_BACK));
  const expired = entry(SACK_TEXT, { expires: '2026-11-21' });
  t.deepEqual(verdictsWith(results, expired), ['PRISM-SEQ-04 fail']);
});

test('a pass that has an entry is unexpected, expired or not', (t) => {
  const results = judged(scenario('PRISM-SEQ-04', PASS));
  const expected = ['PRISM-SEQ-04 unexpected-pass(https://example.org/1)'];
  t.deepEqual(verdictsWith(results, entry(SACK_TEXT)), expected);
  t.deepEqual(verdictsWith(results, entry(SACK_TEXT, { expires: '2020-01-01' })), expected);
});

test('a pass of some of the scenarios is not unexpected', (t) => {
  const results = judged(scenario('PRISM-SEQ-04', PASS)).map((each) => {
    return { ...each, partial: true };
  });
  t.deepEqual(verdictsWith(results, entry(SACK_TEXT)), ['PRISM-SEQ-04 pass']);
});

test('what a known failure leaves undecided is known with it', (t) => {
  const results = judged(
    scenario('PRISM-REW-05', FAIL, { ...CHECKSUM, own: true }),
    scenario('PRISM-RULE-07', FAIL, CHECKSUM),
    scenario('PRISM-RULE-03', FAIL, CHECKSUM, LEAK),
    scenario('PRISM-RULE-04', FAIL, { ...CHECKSUM, direction: 'owner-to-client' }),
  );
  t.deepEqual(verdictsWith(results, entry('PRISM-REW-05 - tcp.checksum')), [
    `PRISM-REW-05 ${KNOWN}`,
    `PRISM-RULE-07 ${KNOWN}`,
    'PRISM-RULE-03 fail',
    // The entry does not speak of this direction.
    'PRISM-RULE-04 inconclusive(dependency)',
  ]);
});

test('an expired entry leaves undecided what it left undecided; the status is 3 all the same', (t) => {
  const results = judged(
    scenario('PRISM-REW-05', FAIL, { ...CHECKSUM, own: true }),
    scenario('PRISM-RULE-07', FAIL, CHECKSUM),
  );
  const expired = entry('PRISM-REW-05 - tcp.checksum', { expires: '2026-01-31' });
  const { requirements } = applyBaseline(results, [expired], HELLO, TODAY);
  t.deepEqual(
    requirements.map(({ verdict }) => formatVerdict(verdict)),
    ['fail(known until 2026-01-31)', 'inconclusive(dependency)'],
  );
  t.is(concludeRun(requirements, [], { gate: 'MUST', minTests: 1 }).exit, 3);
});

test('entries that a failed requirement did not fail by are told', (t) => {
  const results = judged(scenario('PRISM-SEQ-04', FAIL, SACK), scenario('PRISM-SEQ-05', PASS));
  const stale = entry('PRISM-SEQ-04 - frame');
  const entries = [entry(SACK_TEXT), stale, entry('PRISM-SEQ-05 - x'), entry('PRISM-SEQ-06 - x')];
  t.deepEqual(applyBaseline(results, entries, HELLO, TODAY).unmatched, [stale]);
});

// Any run, any baseline.

const IDS = ['PRISM-REW-05', 'PRISM-SEQ-04', 'PRISM-RULE-07', 'PRISM-RULE-03'] as const;
const anyFault = fc.constantFrom(SACK, SACK_BACK, CHECKSUM, { ...CHECKSUM, own: true }, LEAK);
const anyCase = fc
  .record({
    id: fc.constantFrom(...IDS),
    verdict: fc.constantFrom<Verdict>(
      PASS,
      PASS,
      FAIL,
      FAIL,
      { kind: 'inconclusive', reason: 'no-barrier' },
      { kind: 'not-applicable', capability: 'TS' },
    ),
    faults: fc.uniqueArray(anyFault, { maxLength: 3 }),
  })
  .map(({ id, verdict, faults }) =>
    scenario(id, verdict, ...(verdict.kind === 'fail' ? faults : [])),
  );
const anyCases = fc.array(anyCase, { maxLength: 8 });
const anyEntry = fc
  .record({
    id: fc.constantFrom(...IDS),
    way: fc.constantFrom('client-to-owner', 'owner-to-client', '-'),
    field: fc.constantFrom('tcp.options.sack', 'tcp.checksum', 'frame.unexpected', 'no step'),
    expires: fc.constantFrom('2026-11-21', TODAY, '2027-01-31'),
    device: fc.constantFrom('box', 'box', 'box', 'other'),
    versions: fc.constantFrom('1.4.0', '^1.0.0', '^2.0.0'),
  })
  .map(({ id, way, field, ...parts }) => entry(`${id} ${way} ${field}`, parts));
const anyEntries = fc.array(anyEntry, { maxLength: 6 });

/** Whether the entry counts, told without the code under test. */
function counts({ device, versions }: BaselineEntry): boolean {
  return device === 'box' && versions !== '^2.0.0';
}

test('any run: one more entry changes verdicts only in the ways that it may', (t) => {
  const MAY: Readonly<Record<string, readonly string[]>> = {
    pass: ['pass', 'unexpected-pass'],
    fail: ['fail', 'known-failure'],
    inconclusive: ['inconclusive', 'known-failure'],
    'not-applicable': ['not-applicable'],
    'known-failure': ['known-failure'],
    'unexpected-pass': ['unexpected-pass'],
  };
  fc.assert(
    fc.property(anyCases, anyEntries, anyEntry, (cases, entries, more) => {
      const results = judged(...cases);
      const before = applyBaseline(results, entries, HELLO, TODAY).requirements;
      const after = applyBaseline(results, [...entries, more], HELLO, TODAY).requirements;
      before.forEach(({ verdict }, index) => {
        const now = after[index]?.verdict.kind ?? '';
        t.true(MAY[verdict.kind]?.includes(now), `${verdict.kind} ${now}`);
        if (!counts(more)) t.deepEqual(after[index]?.verdict, verdict);
      });
    }),
    runs(2000),
  );
});

test('any run: no failure is known but by an entry of its own that still holds', (t) => {
  fc.assert(
    fc.property(anyCases, anyEntries, (cases, entries) => {
      const results = judged(...cases);
      const applied = applyBaseline(results, entries, HELLO, TODAY).requirements;
      const live = entries.filter((each) => counts(each) && each.expires >= TODAY);
      const texts = new Set(live.map(({ fingerprint }) => formatFingerprint(fingerprint)));
      applied.forEach(({ requirement, verdict, because }, index) => {
        const failures = results[index]?.fingerprints.map(formatFingerprint) ?? [];
        const known = failures.every((text) =>
          [requirement.id, because ?? ''].some((id) => texts.has(text.replace(requirement.id, id))),
        );
        const failed = results[index]?.verdict.kind === 'fail' || because !== undefined;
        t.is(verdict.kind === 'known-failure', failed && known);
      });
    }),
    runs(2000),
  );
});

test('any run: status 0 says that all is passed, known or not applicable, and not nothing', (t) => {
  fc.assert(
    fc.property(anyCases, anyEntries, (cases, entries) => {
      const { requirements } = applyBaseline(judged(...cases), entries, HELLO, TODAY);
      const { exit, meaning } = concludeRun(requirements, cases, { gate: 'MUST', minTests: 1 });
      const kinds = requirements.map(({ verdict }) => verdict.kind);
      const good = kinds.every((kind) =>
        ['pass', 'known-failure', 'not-applicable'].includes(kind),
      );
      const decided = kinds.some((kind) => ['pass', 'known-failure'].includes(kind));
      t.is(exit === 0, good && decided, kinds.join(' '));
      t.is(meaning === 'conformant', exit === 0 && !kinds.includes('known-failure'));
    }),
    runs(2000),
  );
});
