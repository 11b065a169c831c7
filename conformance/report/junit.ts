/** A run as JUnit XML: one suite a group, one case a scenario, the requirement in its name. */
import { requirementOf } from '../catalogue/catalogue.ts';
import type { CaseResult } from '../run/collect.ts';
import type { RunResult } from '../run/result.ts';
import { formatVerdict } from '../verdict/verdict.ts';

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

function outcome(result: CaseResult): string {
  const { verdict, expected = '', observed = '', fault } = result;
  const told = escape(`expected ${expected}\nobserved ${observed}`);
  if (fault !== undefined) return `<error message="fault of the suite">${escape(fault)}</error>`;
  switch (verdict.kind) {
    case 'pass':
      return '';
    case 'fail':
      return `<failure message="${escape(expected)}" type="fail">${told}</failure>`;
    case 'inconclusive':
      return `<error message="${escape(formatVerdict(verdict))}">${escape(observed)}</error>`;
    default:
      return `<skipped message="${escape(formatVerdict(verdict))}"/>`;
  }
}

function properties(result: CaseResult): string {
  const [own] = result.requirements;
  const requirement = own === undefined ? undefined : requirementOf(own);
  const all: (readonly [string, string])[] = [
    ...result.requirements.map((id) => ['requirement', id] as const),
    ['level', requirement?.level ?? ''],
    ['verdict', formatVerdict(result.verdict)],
    ...result.broken.map(({ requirement: id }) => ['broken', id] as const),
  ];
  const lines = all.map(
    ([name, value]) => `        <property name="${name}" value="${escape(value)}"/>`,
  );
  return ['      <properties>', ...lines, '      </properties>'].join('\n');
}

function testCase(result: CaseResult): string {
  const seconds = (result.durationMs / 1000).toFixed(3);
  const where = `classname="${escape(result.uri)}" time="${seconds}"`;
  const body = [properties(result), outcome(result)].filter((part) => part !== '').join('\n');
  return `    <testcase name="${escape(result.name)}" ${where}>\n${body}\n    </testcase>`;
}

function suite(name: string, cases: readonly CaseResult[]): string {
  const count = (kind: CaseResult['verdict']['kind']): number =>
    cases.filter(({ verdict, fault }) => verdict.kind === kind && fault === undefined).length;
  const errors = count('inconclusive') + cases.filter(({ fault }) => fault !== undefined).length;
  const counts = `tests="${cases.length}" failures="${count('fail')}" errors="${errors}" skipped="${count('not-applicable')}"`;
  return `  <testsuite name="${escape(name)}" ${counts}>\n${cases.map(testCase).join('\n')}\n  </testsuite>`;
}

/** The JUnit document of a run. */
export function junitReport(run: RunResult): string {
  const files = [...new Set(run.cases.map(({ uri }) => uri))];
  const suites = files.map((file) =>
    suite(
      file,
      run.cases.filter(({ uri }) => uri === file),
    ),
  );
  const name = escape(`prismspec on ${run.hello.name}`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${name}" tests="${run.cases.length}">\n${suites.join('\n')}\n</testsuites>\n`;
}
