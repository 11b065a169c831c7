/** What a run prints: a table by group, then every requirement that did not pass, explained. */
import { groups } from '../catalogue/catalogue.ts';
import type { CaseResult } from '../run/collect.ts';
import type { BrokenRequirement } from '../run/evidence.ts';
import { formatFingerprint } from '../run/fingerprint.ts';
import { blame, type RequirementResult, type RunResult } from '../run/result.ts';
import { EXIT } from '../verdict/exit-code.ts';
import { formatVerdict, type Verdict } from '../verdict/verdict.ts';
import { table, wrap, type Cell, type Palette } from './table.ts';

/** Where the reports of a run are, as the user may type it. */
export interface Places {
  readonly folder: string;
  /** The command that does a scenario again from its bundle, if one was written. */
  readonly replayOf: (result: CaseResult) => string | undefined;
}

/** How many scenarios of one requirement are told in full. */
const MAX_TOLD_CASES = 3;
/** Longest line of a fact; the whole is in the JSON report. */
const MAX_LINE = 160;

/** Told in one line each: the explanation is that of the requirement that failed. */
const DEPENDENT = '  inconclusive(dependency), undecided as long as another requirement fails';

const KNOWN = '  known failures, which the baseline excuses';
const UNEXPECTED = '  unexpected-pass: remove these from the baseline';
const UNMATCHED = '  in the baseline, but now they fail in another way';

const KINDS = ['pass', 'fail', 'inconclusive', 'not-applicable'] as const;
/** Columns that only a run with a baseline needs. */
const BASELINE_KINDS = ['known-failure', 'unexpected-pass'] as const;
type Kind = (typeof KINDS)[number] | (typeof BASELINE_KINDS)[number];

const COLOUR: Readonly<Record<Kind, Exclude<keyof Palette, 'bold'>>> = {
  pass: 'green',
  fail: 'red',
  inconclusive: 'yellow',
  'not-applicable': 'dim',
  'known-failure': 'yellow',
  'unexpected-pass': 'red',
};

function count(results: readonly RequirementResult[], kind: Verdict['kind']): number {
  return results.filter(({ verdict }) => verdict.kind === kind).length;
}

function countRow(
  name: string,
  results: readonly RequirementResult[],
  kinds: readonly Kind[],
  paint: Palette,
): Cell[] {
  const cells = kinds.map((kind): Cell => {
    const number = count(results, kind);
    return {
      text: String(number),
      right: true,
      paint: number === 0 ? paint.dim : paint[COLOUR[kind]],
    };
  });
  const scenarios = new Set(results.flatMap(({ cases }) => cases)).size;
  return [
    { text: `  ${name}` },
    ...cells,
    { text: String(scenarios), right: true, paint: paint.dim },
  ];
}

/** The table of the groups, with a line for all. */
export function groupTable(run: RunResult, paint: Palette): readonly string[] {
  const kinds = run.baseline === undefined ? KINDS : [...KINDS, ...BASELINE_KINDS];
  const head = ['', ...kinds, 'scenarios'].map((text): Cell => {
    return { text, right: true, paint: paint.dim };
  });
  const rows = groups.flatMap(({ id, title }) => {
    const results = run.requirements.filter(({ requirement }) => requirement.group === id);
    return results.length === 0 ? [] : [countRow(`PRISM-${id}  ${title}`, results, kinds, paint)];
  });
  return table([head, ...rows, countRow('all', run.requirements, kinds, paint)]);
}

function caseLines(
  result: CaseResult,
  broken: BrokenRequirement | undefined,
  places: Places,
  paint: Palette,
): string[] {
  const facts: (readonly [string, string | undefined])[] = [
    ['expected', broken?.expected ?? result.expected],
    ['observed', broken?.observed ?? result.observed],
    ['step', result.step],
    ['scenario', `${result.uri}:${result.line}`],
    ['replay', places.replayOf(result)],
    ['capture', result.capture && `${places.folder}/${result.capture}`],
  ];
  return [
    `    ${result.name}`,
    ...facts.flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : factLines(name, value, paint),
    ),
  ];
}

function factLines(name: string, value: string, paint: Palette): readonly string[] {
  return value.split('\n').map((line, index) => {
    const shown = line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)} …` : line;
    return `      ${paint.dim((index === 0 ? name : '').padEnd(9))} ${shown}`;
  });
}

/** Whether a scenario made its requirement what it is. */
function decided(
  result: CaseResult,
  broken: BrokenRequirement | undefined,
  verdict: Verdict,
): boolean {
  return result.broken.length > 0 ? broken !== undefined : result.verdict.kind === verdict.kind;
}

function explained(
  each: RequirementResult,
  run: RunResult,
  places: Places,
  paint: Palette,
): string[] {
  const { requirement, verdict, cases } = each;
  const colour = verdict.kind === 'fail' ? paint.red : paint.yellow;
  const told = cases
    .map((result) => {
      const broken = blame(result, run.hello).find((one) => one.requirement === requirement.id);
      return { result, broken };
    })
    .filter(({ result, broken }) => decided(result, broken, verdict));
  const more = told.length - MAX_TOLD_CASES;
  return [
    '',
    `  ${paint.bold(requirement.id)} ${requirement.level} ${colour(formatVerdict(verdict))} on ${run.hello.name}`,
    ...wrap(requirement.text, '    '),
    ...told
      .slice(0, MAX_TOLD_CASES)
      .flatMap(({ result, broken }) => caseLines(result, broken, places, paint)),
    ...(more > 0 ? [`    and ${more} more scenarios`] : []),
    ...each.fingerprints
      .slice(0, MAX_TOLD_CASES)
      .flatMap((known) => factLines('failure', formatFingerprint(known), paint)),
    `      ${paint.dim('run again')} prismspec run ${requirement.id} --target ${run.settings.target} --seed ${run.settings.seed}`,
    `      ${paint.dim('source   ')} docs/requirements.md#${requirement.id.toLowerCase()}`,
  ];
}

/** A line for each reason, with the requirements that it holds for; nothing when there is none. */
function byReason(
  title: string,
  run: RunResult,
  reasonOf: (result: RequirementResult) => string | undefined,
): readonly string[] {
  const ids = new Map<string, string[]>();
  for (const result of run.requirements) {
    const reason = reasonOf(result);
    const id = result.requirement.id.replace('PRISM-', '');
    if (reason !== undefined) ids.set(reason, [...(ids.get(reason) ?? []), id]);
  }
  if (ids.size === 0) return [];
  const lines = [...ids].flatMap(([reason, all]) => wrap(`${reason}: ${all.join(' ')}`, '    '));
  return ['', title, ...lines];
}

function faults(run: RunResult): readonly string[] {
  return run.cases.flatMap(({ fault, name, uri, line }) =>
    fault === undefined ? [] : ['', `  our own fault in ${uri}:${line} ${name}`, `    ${fault}`],
  );
}

function unmatched({ baseline }: RunResult): readonly string[] {
  if (baseline === undefined || baseline.unmatched.length === 0) return [];
  return ['', UNMATCHED, ...baseline.unmatched.map((entry) => `    ${entry}`)];
}

function baselineLine({ baseline }: RunResult): readonly string[] {
  if (baseline === undefined) return [];
  const { file, others } = baseline;
  return [
    `  baseline: ${file}${others > 0 ? `, ${others} entries for other devices or versions` : ''}`,
  ];
}

/** How it was known in the scenarios that nothing more would come. */
function proofLine({ cases }: RunResult): readonly string[] {
  const counts = new Map<string, number>();
  for (const proof of cases.flatMap(({ proofs = [] }) => proofs)) {
    counts.set(proof, (counts.get(proof) ?? 0) + 1);
  }
  const told = [...counts].map(([proof, number]) => `${proof} in ${number} scenarios`);
  return told.length === 0 ? [] : [`  absence proved by: ${told.join(', ')}`];
}

/** All lines that a finished run prints. */
export function terminalReport(run: RunResult, places: Places, paint: Palette): readonly string[] {
  const open = run.requirements.filter(
    ({ verdict, because }) =>
      verdict.kind === 'fail' || (verdict.kind === 'inconclusive' && because === undefined),
  );
  const again = run.settings.repeat === 1 ? '' : `, ${run.settings.repeat} rounds`;
  const colour = run.exit === EXIT.conformant ? paint.green : paint.red;
  const took = (run.durationMs / 1000).toFixed(1);
  return [
    ...groupTable(run, paint),
    ...open.flatMap((each) => explained(each, run, places, paint)),
    ...byReason(DEPENDENT, run, ({ verdict, because }) =>
      verdict.kind === 'inconclusive' ? because : undefined,
    ),
    ...byReason(KNOWN, run, ({ verdict }) =>
      verdict.kind === 'known-failure' ? verdict.issues.join(' ') : undefined,
    ),
    ...byReason(UNEXPECTED, run, ({ verdict }) =>
      verdict.kind === 'unexpected-pass' ? verdict.issues.join(' ') : undefined,
    ),
    ...unmatched(run),
    ...faults(run),
    ...byReason('  not claimed, so not applicable', run, ({ verdict }) =>
      verdict.kind === 'not-applicable' ? verdict.capability : undefined,
    ),
    '',
    `  ${colour(run.meaning)}: ${run.hello.name} ${run.hello.version}, gate ${run.settings.gate}, seed ${run.settings.seed}, ${run.cases.length} scenarios${again} in ${took} s`,
    ...proofLine(run),
    ...baselineLine(run),
    `  reports: ${places.folder}`,
  ];
}
