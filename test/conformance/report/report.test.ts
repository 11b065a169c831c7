/** What is printed and written of a run, also where a device says odd things of itself. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { requirementOf } from '../../../conformance/catalogue/catalogue.ts';
import { caseLine, jsonReport } from '../../../conformance/report/json.ts';
import { junitReport } from '../../../conformance/report/junit.ts';
import { palette, table } from '../../../conformance/report/table.ts';
import { groupTable, terminalReport } from '../../../conformance/report/terminal.ts';
import type { CaseResult } from '../../../conformance/run/collect.ts';
import { concludeRun, judgeRequirements, type RunResult } from '../../../conformance/run/result.ts';
import { FAIL, PASS, type Verdict } from '../../../conformance/verdict/verdict.ts';
import { oracle } from '../../oracle.ts';
import { helloWith } from '../bed.ts';

/** Everything that XML, JSON and terminals find hard. */
const ODD = `<&>"' ]]> \u{0}\u{1}\u{8}\u{b}\u{c}\u{1f}\u{7f}\u{85} \t\r\n \ufffe\uffff \ud800 \udc00 é 💥`;
const ESCAPE = '\u{1b}';
const UNDECIDED: Verdict = { kind: 'inconclusive', reason: 'no-barrier' };
const NOT_APPLICABLE: Verdict = { kind: 'not-applicable', capability: 'TS' };

function scenario(id: string, verdict: Verdict, parts: Partial<CaseResult> = {}): CaseResult {
  return {
    name: `${id} a case`,
    uri: 'features/a.feature',
    line: 7,
    requirements: [id],
    verdict,
    durationMs: 1500,
    broken: [],
    faults: [],
    ...parts,
  };
}

const CASES: readonly CaseResult[] = [
  scenario('PRISM-REW-01', PASS),
  scenario('PRISM-REW-02', FAIL, {
    step: 'it leaves',
    expected: 'port 1\nor none',
    observed: `port ${'9'.repeat(500)}`,
    bundle: 'bugs/x.prismbug',
    seed: 5,
  }),
  scenario('PRISM-REW-03', UNDECIDED, { observed: '[no-barrier] it may come' }),
  scenario('PRISM-SEQ-10', NOT_APPLICABLE),
];

function runOf(cases: readonly CaseResult[], name = 'device'): RunResult {
  const hello = helloWith({ name, capabilities: ['SPLICE', 'REVERSE', 'BRIDGE'] });
  const ids = new Set(cases.flatMap(({ requirements }) => requirements));
  const settings = { target: 'reference', seed: 1, gate: 'MUST', minTests: 1, repeat: 1 } as const;
  const asked = [...ids].flatMap((id) => requirementOf(id) ?? []);
  const requirements = judgeRequirements(asked, cases, hello);
  return {
    suite: '0.1.0',
    settings,
    hello,
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 1234,
    cases,
    requirements,
    ...concludeRun(requirements, cases, settings),
  };
}

const PLACES = {
  folder: 'reports/out/device',
  replayOf: ({ bundle }: CaseResult): string | undefined =>
    bundle === undefined ? undefined : `prismspec replay ${bundle}`,
};

function printed(run: RunResult, colours = false): readonly string[] {
  return terminalReport(run, PLACES, palette(colours));
}

test('columns stand under each other, numbers at the right', (t) => {
  const rows = [
    [{ text: 'name' }, { text: '10', right: true }, { text: 'end' }],
    [{ text: 'a' }, { text: '7', right: true }, { text: '' }],
  ];
  t.deepEqual(table(rows), ['name  10  end', 'a      7']);
  t.deepEqual(table([]), []);
});

test('colours do not count as width, and plain text has none', (t) => {
  const { red } = palette(true);
  t.is(red('x'), `${ESCAPE}[31mx${ESCAPE}[0m`);
  t.is(red(''), '');
  t.is(palette(false).red('x'), 'x');
  const [first, second] = table([
    [{ text: 'ab', paint: red }, { text: 'c' }],
    [{ text: 'abcd' }, { text: 'e' }],
  ]);
  t.is(first, `${ESCAPE}[31mab${ESCAPE}[0m    c`);
  t.is(second, 'abcd  e');
});

test('the table counts requirements by group and verdict', (t) => {
  const lines = groupTable(runOf(CASES), palette(false));
  t.regex(lines[0] ?? '', /pass +fail +inconclusive +not-applicable +scenarios$/u);
  t.regex(lines[1] ?? '', /PRISM-REW .* 1 +1 +1 +0 +3$/u);
  t.regex(lines[2] ?? '', /PRISM-SEQ .* 0 +0 +0 +1 +1$/u);
  t.regex(lines[3] ?? '', /all +1 +1 +1 +1 +4$/u);
});

test('a failure is told with all that is known', (t) => {
  const text = printed(runOf(CASES)).join('\n');
  for (const part of [
    'PRISM-REW-02 MUST fail on device',
    'expected  port 1\n                or none',
    'step      it leaves',
    'scenario  features/a.feature:7',
    'replay    prismspec replay bugs/x.prismbug',
    'prismspec run PRISM-REW-02 --target reference --seed 1',
    'docs/requirements.md#prism-rew-02',
    'PRISM-REW-03 MUST inconclusive(no-barrier)',
    'not claimed, so not applicable\n    TS: SEQ-10',
    'not conformant: device 1, gate MUST, seed 1, 4 scenarios in 1.2 s',
    'reports: reports/out/device',
  ]) {
    t.true(text.includes(part), part);
  }
  t.false(text.includes('PRISM-REW-01 MUST'));
});

test('plain text has no escape sequence, and coloured text has', (t) => {
  t.false(printed(runOf(CASES)).join('').includes(ESCAPE));
  t.true(printed(runOf(CASES), true).join('').includes(`${ESCAPE}[31m`));
});

test('colours change nothing but the colour', (t) => {
  // oxlint-disable-next-line no-control-regex -- the escape character begins a colour
  const plain = printed(runOf(CASES), true).map((line) => line.replaceAll(/\u{1b}\[\d+m/gu, ''));
  t.deepEqual(
    plain.map((line) => line.trimEnd()),
    printed(runOf(CASES)).map((line) => line.trimEnd()),
  );
});

test('no line is much wider than a terminal', (t) => {
  for (const line of printed(runOf(CASES))) t.true(line.length <= 180, line);
});

test('of many failures of one requirement a few are told, and how many more there are', (t) => {
  const cases = Array.from({ length: 9 }, (_, line) => scenario('PRISM-REW-02', FAIL, { line }));
  const text = printed(runOf(cases)).join('\n');
  t.true(text.includes('and 6 more scenarios'));
});

test('our own fault is told as such', (t) => {
  const text = printed(runOf([scenario('PRISM-REW-01', UNDECIDED, { fault: 'TypeError: x' })]));
  t.true(text.join('\n').includes('our own fault in features/a.feature:7'));
  t.true(text.join('\n').includes('a fault of the suite: the verdicts mean nothing'));
});

test('what a replay blames on its own requirement is explained there', (t) => {
  const broken = [
    {
      requirement: 'PRISM-SEQ-12',
      field: 'tcp.window',
      expected: 'window 1',
      observed: 'window 2',
    },
  ];
  const text = printed(runOf([scenario('PRISM-REW-03', FAIL, { broken })])).join('\n');
  t.true(text.includes('PRISM-REW-03 MUST fail'));
  t.true(text.includes('window 1'));
});

const ODD_CASES = [
  ...CASES,
  scenario('PRISM-REW-04', FAIL, {
    name: `PRISM-REW-04 ${ODD}`,
    uri: ODD,
    expected: ODD,
    observed: ODD,
  }),
  scenario('PRISM-REW-05', { kind: 'inconclusive', reason: ODD }, { observed: ODD }),
  scenario('PRISM-REW-06', { kind: 'not-applicable', capability: ODD }),
  scenario('PRISM-REW-07', UNDECIDED, { fault: ODD }),
];

test('JUnit counts each scenario once, by file', (t) => {
  const xml = junitReport(runOf(CASES));
  t.true(xml.includes('<testsuites name="prismspec on device" tests="4">'));
  t.true(
    xml.includes(
      '<testsuite name="features/a.feature" tests="4" failures="1" errors="1" skipped="1">',
    ),
  );
  t.is(xml.match(/<testcase /gu)?.length, 4);
  t.true(
    xml.includes(
      '<testcase name="PRISM-REW-02 a case" classname="features/a.feature" time="1.500">',
    ),
  );
  const told = 'requirement: PRISM-REW-02&#10;level: MUST&#10;verdict: fail&#10;';
  t.true(xml.includes(`<system-out>${told}bundle: bugs/x.prismbug&#10;</system-out>`));
  t.true(xml.includes('<skipped message="not-applicable(TS)"/>'));
});

test('JUnit is XML whatever the device says', (t) => {
  const xml = junitReport(runOf(ODD_CASES, ODD));
  // XML 1.0 section 2.2: what a document may consist of.
  t.regex(xml, /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u);
  t.true(xml.includes('&lt;&amp;&gt;&quot;'));
  t.true(xml.includes('💥'));
});

test('an XML parser reads the JUnit report', (t) => {
  if (!oracle(t, 'python3')) return;
  const script = [
    'import sys, xml.dom.minidom as m',
    'd = m.parseString(sys.stdin.buffer.read())',
    "print(len(d.getElementsByTagName('testcase')), len(d.getElementsByTagName('failure')),",
    "  len(d.getElementsByTagName('error')), len(d.getElementsByTagName('skipped')))",
  ].join('\n');
  const input = junitReport(runOf(ODD_CASES, ODD));
  const done = spawnSync('python3', ['-c', script], { input, encoding: 'utf8' });
  t.is(done.stdout.trim(), '8 2 3 2', done.stderr);
});

const ISSUE = 'https://example.org/1?a=1&b=2';

/** The run with the verdict of each requirement replaced, as a baseline does. */
function runWith(verdicts: Readonly<Record<string, Verdict>>): RunResult {
  const run = runOf([
    ...CASES,
    scenario('PRISM-REW-02', FAIL, { line: 8 }),
    scenario('PRISM-REW-04', FAIL, { expected: 'a', observed: 'b' }),
  ]);
  const requirements = run.requirements.map((each) => {
    return { ...each, verdict: verdicts[each.requirement.id] ?? each.verdict };
  });
  const baseline = { file: 'known.yaml', others: 2, unmatched: ['PRISM-REW-02 - frame, box 1'] };
  const { cases, settings } = run;
  return { ...run, requirements, baseline, ...concludeRun(requirements, cases, settings) };
}

const BASELINED = runWith({
  'PRISM-REW-01': { kind: 'unexpected-pass', issues: [ISSUE] },
  'PRISM-REW-02': { kind: 'known-failure', issues: [ISSUE] },
  'PRISM-REW-04': { kind: 'fail', expired: '2026-01-31' },
  'PRISM-REW-03': PASS,
});

const SCHEMA = fileURLToPath(new URL('junit.xsd', import.meta.url));

/** What the schema says against a report; empty if nothing. */
function complaints(xml: string): string {
  const words = ['--noout', '--nonet', '--schema', SCHEMA, '-'];
  const { stderr } = spawnSync('xmllint', words, { input: xml, encoding: 'utf8' });
  return stderr.replace(/^- validates\n$/u, '');
}

test('JUnit is what readers with a schema take', (t) => {
  if (!oracle(t, 'xmllint')) return;
  const reports = {
    plain: runOf(CASES),
    odd: runOf(ODD_CASES, ODD),
    baselined: BASELINED,
    empty: runOf([]),
  };
  for (const [name, run] of Object.entries(reports)) t.is(complaints(junitReport(run)), '', name);
  const xml = junitReport(BASELINED);
  for (const [from, to] of [
    ['<system-out>', '<properties/><system-out>'],
    [' type="inconclusive"', ''],
    [' skipped="0"', ''],
    ['time="1.500"', 'time="1.5 s"'],
    ['<skipped message=', '<skipped reason='],
  ] as const) {
    t.true(xml.includes(from), from);
    t.regex(complaints(xml.replace(from, to)), /Schemas validity error/u, from);
  }
});

test('known failures are told with their issue, and not as failures', (t) => {
  const text = printed(BASELINED).join('\n');
  for (const part of [
    'which the baseline excuses\n    https://example.org/1?a=1&b=2: REW-02',
    'unexpected-pass: remove these from the baseline\n    https://example.org/1?a=1&b=2: REW-01',
    'PRISM-REW-04 MUST fail(known until 2026-01-31) on device',
    'failure   PRISM-REW-04 - no step',
    'fail in another way\n    PRISM-REW-02 - frame, box 1',
    'baseline: known.yaml, 2 entries for other devices or versions',
    'no new failure, but the baseline is out of date: device 1',
  ]) {
    t.true(text.includes(part), part);
  }
  t.false(text.includes('PRISM-REW-02 MUST'));
  t.false(text.split('\n').some((line) => line.trim().startsWith('conformant')));
  const [head, , , all] = groupTable(BASELINED, palette(false));
  t.regex(head ?? '', /not-applicable +known-failure +unexpected-pass +scenarios$/u);
  t.regex(all ?? '', /all +1 +1 +0 +1 +1 +1 +6$/u);
});

test('JUnit skips known failures and fails what passes unexpectedly', (t) => {
  const xml = junitReport(BASELINED);
  t.is(xml.match(/<skipped message="known-failure\(https:[^"]+&amp;b=2\)"\/>/gu)?.length, 2);
  t.regex(
    xml,
    /<testsuite name="features\/a\.feature" tests="6" failures="1" errors="1" skipped="3">/u,
  );
  t.regex(xml, /<failure message="a" type="fail\(known until 2026-01-31\)">/u);
  t.regex(xml, /<testsuite name="baseline" tests="1" failures="1" errors="0" skipped="0">/u);
  t.regex(xml, /<testcase name="PRISM-REW-01 passes, though[^"]+" classname="baseline" time="0">/u);
  t.regex(xml, /<testsuites name="[^"]+" tests="7">/u);
});

test('JUnit: what another failure explains is skipped, what is new is not', (t) => {
  const checksum = { aspect: 'tcp-checksum', field: 'tcp.checksum', own: false } as const;
  const run = runOf([
    scenario('PRISM-REW-05', FAIL, { faults: [{ ...checksum, own: true }] }),
    scenario('PRISM-REW-10', FAIL, { faults: [checksum] }),
  ]);
  const xml = junitReport(run);
  t.regex(xml, /failures="1" errors="0" skipped="1"/u);
  t.regex(xml, /<skipped message="inconclusive\(dependency\)"\/>/u);
});

test('what rounds there were, and how absence was proved, is told in the end', (t) => {
  const cases = [
    scenario('PRISM-REW-01', PASS, { proofs: ['sentinel'] }),
    scenario('PRISM-REW-02', PASS, { proofs: ['sentinel', 'none'] }),
  ];
  const run = runOf(cases);
  const text = printed({ ...run, settings: { ...run.settings, repeat: 3 } }).join('\n');
  t.true(text.includes('2 scenarios, 3 rounds in 1.2 s'));
  t.true(text.includes('absence proved by: sentinel in 2 scenarios, none in 1 scenarios'));
  t.false(printed(run).join('').includes('rounds'));
});

test('JSON says what it is, and what each verdict rests on', (t) => {
  const faults = [{ aspect: 'sequence', field: 'tcp.seq', own: true }] as const;
  const cases = [scenario('PRISM-SEQ-01', FAIL, { faults, proofs: ['barrier'] })];
  const document: unknown = JSON.parse(jsonReport(runOf(cases)));
  t.like(document, { format: 'prismspec-run/1', exit: 1, meaning: 'not conformant' });
  const { requirements, cases: told } = Object(document);
  t.deepEqual(requirements[0].fingerprints, ['PRISM-SEQ-01 - tcp.seq']);
  t.like(told[0], { faults, proofs: ['barrier'] });
  t.like(Object(JSON.parse(jsonReport(BASELINED))), {
    baseline: { file: 'known.yaml', others: 2 },
    exit: 3,
  });
});

test('JSON has every requirement and every scenario, and no octets', (t) => {
  const document: unknown = JSON.parse(jsonReport(runOf(ODD_CASES, ODD)));
  t.like(document, { suite: '0.1.0', exit: 70, hello: { name: ODD } });
  const { requirements, cases } = Object(document);
  t.is(requirements.length, 8);
  t.like(requirements[1], { id: 'PRISM-REW-02', level: 'MUST', verdict: 'fail' });
  t.is(cases.length, 8);
  t.like(cases[1], { verdict: 'fail', bundle: 'bugs/x.prismbug', seed: 5 });
});

test('NDJSON is one object a line', (t) => {
  const lines = ODD_CASES.map(caseLine).join('').split('\n');
  t.is(lines.pop(), '');
  t.is(lines.length, ODD_CASES.length);
  for (const line of lines) t.like(JSON.parse(line), { kind: 'scenario' });
});
