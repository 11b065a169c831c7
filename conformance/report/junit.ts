/**
 * A run as JUnit XML: one suite a feature file, one case a scenario, the requirement in its name.
 *
 * What the baseline knows is skipped, and so is what another failure explains. A requirement that
 * passes where the baseline knows a failure is a failed case of a suite of its own, `baseline`.
 *
 * No schema of JUnit is the one. This is what Jenkins's xUnit plugin (junit-10.xsd) and Maven
 * Surefire (surefire-test-report-3.0.xsd) both take: what else is known of a case stands in its
 * `system-out`, since neither takes properties there, and the plugin refuses a file that has them.
 */
import { requirementOf } from '../catalogue/catalogue.ts';
import type { CaseResult } from '../run/collect.ts';
import type { RequirementResult, RunResult } from '../run/result.ts';
import { formatVerdict, type Verdict } from '../verdict/verdict.ts';
import { standingOf } from './standing.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

function escape(text: string): string {
  // XML 1.0 has no way to write most control characters, half pairs, and two more.
  const illegal = /[^\P{Cc}\t\n\r\u007f-\u009f]|[\ufffe\uffff\p{Cs}]/gu;
  const legal = text.replaceAll(illegal, '\u{fffd}');
  return legal.replaceAll(/[&<>"\n]/gu, (letter) => ESCAPES[letter] ?? letter);
}

/** A scenario and what it stands for. */
interface Case {
  readonly result: CaseResult;
  readonly verdict: Verdict;
}

/** Whether a verdict is no more than another one says already. */
function isSkipped(verdict: Verdict): boolean {
  return (
    verdict.kind === 'not-applicable' ||
    verdict.kind === 'known-failure' ||
    (verdict.kind === 'inconclusive' && verdict.reason === 'dependency')
  );
}

function outcome({ result, verdict }: Case): string {
  const { expected = '', observed = '', fault } = result;
  const told = escape(`expected ${expected}\nobserved ${observed}`);
  if (fault !== undefined) {
    return `<error message="fault of the suite" type="fault">${escape(fault)}</error>`;
  }
  if (isSkipped(verdict)) return `<skipped message="${escape(formatVerdict(verdict))}"/>`;
  switch (verdict.kind) {
    case 'fail':
      return `<failure message="${escape(expected)}" type="${escape(formatVerdict(verdict))}">${told}</failure>`;
    case 'inconclusive':
      return `<error message="${escape(formatVerdict(verdict))}" type="${verdict.kind}">${escape(observed)}</error>`;
    default:
      return '';
  }
}

/** What is known of a case beside its outcome, a line each. */
function output({ result, verdict }: Case): string {
  const [own] = result.requirements;
  const requirement = own === undefined ? undefined : requirementOf(own);
  const all: (readonly [string, string])[] = [
    ...result.requirements.map((id) => ['requirement', id] as const),
    ['level', requirement?.level ?? ''],
    ['verdict', formatVerdict(verdict)],
    ...result.broken.map(({ requirement: id }) => ['broken', id] as const),
    ...(result.bundle === undefined ? [] : [['bundle', result.bundle] as const]),
    ...(result.capture === undefined ? [] : [['capture', result.capture] as const]),
  ];
  const lines = all.map(([name, value]) => escape(`${name}: ${value}\n`));
  return `<system-out>${lines.join('')}</system-out>`;
}

function testCase(each: Case): string {
  const { result } = each;
  const seconds = (result.durationMs / 1000).toFixed(3);
  const where = `classname="${escape(result.uri)}" time="${seconds}"`;
  const body = [outcome(each), output(each)].filter((part) => part !== '').join('\n');
  return `    <testcase name="${escape(result.name)}" ${where}>\n${body}\n    </testcase>`;
}

interface Counts {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
}

function suite(name: string, counts: Counts, cases: readonly string[]): string {
  const attributes = Object.entries(counts).map(([key, value]) => `${key}="${value}"`);
  return `  <testsuite name="${escape(name)}" ${attributes.join(' ')}>\n${cases.join('\n')}\n  </testsuite>`;
}

function scenarioSuite(name: string, cases: readonly Case[]): string {
  const sane = cases.filter(({ result }) => result.fault === undefined);
  const skipped = sane.filter(({ verdict }) => isSkipped(verdict)).length;
  const failures = sane.filter(({ verdict }) => verdict.kind === 'fail').length;
  const undecided = sane.filter(
    ({ verdict }) => verdict.kind === 'inconclusive' && !isSkipped(verdict),
  );
  const errors = undecided.length + cases.length - sane.length;
  return suite(name, { tests: cases.length, failures, errors, skipped }, cases.map(testCase));
}

function baselineSuite(passes: readonly RequirementResult[]): string {
  const cases = passes.map(({ requirement: { id }, verdict }) => {
    const name = `${id} passes, though the baseline knows a failure`;
    const told = escape(`${formatVerdict(verdict)}: remove its entries from the baseline`);
    const failure = `<failure message="${told}" type="unexpected-pass"/>`;
    return `    <testcase name="${name}" classname="baseline" time="0">\n${failure}\n    </testcase>`;
  });
  const tests = cases.length;
  return suite('baseline', { tests, failures: tests, errors: 0, skipped: 0 }, cases);
}

/** The JUnit document of a run. */
export function junitReport(run: RunResult): string {
  const files = [...new Set(run.cases.map(({ uri }) => uri))];
  const cases = run.cases.map((result): Case => ({ result, verdict: standingOf(result, run) }));
  const unexpected = run.requirements.filter(({ verdict }) => verdict.kind === 'unexpected-pass');
  const suites = files.map((file) =>
    scenarioSuite(
      file,
      cases.filter(({ result }) => result.uri === file),
    ),
  );
  if (unexpected.length > 0) suites.push(baselineSuite(unexpected));
  const name = escape(`prismspec on ${run.hello.name}`);
  const tests = cases.length + unexpected.length;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${name}" tests="${tests}">\n${suites.join('\n')}\n</testsuites>\n`;
}
