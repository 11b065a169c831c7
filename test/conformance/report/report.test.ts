/** What is printed and written of a run, also where a device says odd things of itself. */
import { spawnSync } from 'node:child_process';
import test from 'ava';
import { requirementOf } from '../../../conformance/catalogue/catalogue.ts';
import { caseLine, jsonReport } from '../../../conformance/report/json.ts';
import { junitReport } from '../../../conformance/report/junit.ts';
import { palette, table } from '../../../conformance/report/table.ts';
import { groupTable, terminalReport } from '../../../conformance/report/terminal.ts';
import type { CaseResult } from '../../../conformance/run/collect.ts';
import { exitOf, judgeRequirements, type RunResult } from '../../../conformance/run/result.ts';
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
    capture: Uint8Array.of(1),
    seed: 5,
  }),
  scenario('PRISM-REW-03', UNDECIDED, { observed: '[no-barrier] it may come' }),
  scenario('PRISM-SEQ-10', NOT_APPLICABLE),
];

function runOf(cases: readonly CaseResult[], name = 'device'): RunResult {
  const hello = helloWith({ name, capabilities: ['SPLICE', 'REVERSE', 'BRIDGE'] });
  const ids = new Set(cases.flatMap(({ requirements }) => requirements));
  const settings = { target: 'reference', seed: 1, gate: 'MUST', minTests: 1 } as const;
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
    exit: exitOf(requirements, cases, settings),
  };
}

const PLACES = {
  folder: 'reports/out/device',
  captureOf: ({ capture }: CaseResult): string | undefined => (capture ? 'x.pcapng' : undefined),
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
    'capture   x.pcapng',
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
  t.true(xml.includes('<property name="requirement" value="PRISM-REW-02"/>'));
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

test('JSON has every requirement and every scenario, and no octets', (t) => {
  const document: unknown = JSON.parse(jsonReport(runOf(ODD_CASES, ODD)));
  t.like(document, { suite: '0.1.0', exit: 70, hello: { name: ODD } });
  const { requirements, cases } = Object(document);
  t.is(requirements.length, 8);
  t.like(requirements[1], { id: 'PRISM-REW-02', level: 'MUST', verdict: 'fail' });
  t.is(cases.length, 8);
  t.like(cases[1], { verdict: 'fail', captured: true, seed: 5 });
  t.false('capture' in cases[1]);
});

test('NDJSON is one object a line', (t) => {
  const lines = ODD_CASES.map(caseLine).join('').split('\n');
  t.is(lines.pop(), '');
  t.is(lines.length, ODD_CASES.length);
  for (const line of lines) t.like(JSON.parse(line), { kind: 'scenario' });
});
