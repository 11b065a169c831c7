/** What a run prints: a table by group, then every requirement that did not pass, explained. */
import { groups } from '../catalogue/catalogue.ts';
import type { CaseResult } from '../run/collect.ts';
import type { BrokenRequirement } from '../run/evidence.ts';
import { blame, type RequirementResult, type RunResult } from '../run/result.ts';
import { EXIT, type ExitCode } from '../verdict/exit-code.ts';
import { formatVerdict, type Verdict } from '../verdict/verdict.ts';
import { table, type Cell, type Palette } from './table.ts';

/** Where the reports of a run are, as the user may type it. */
export interface Places {
  readonly folder: string;
  /** The capture of a scenario, if one was written. */
  readonly captureOf: (result: CaseResult) => string | undefined;
}

/** How many scenarios of one requirement are told in full. */
const MAX_TOLD_CASES = 3;
const WIDTH = 100;
/** Longest line of a fact; the whole is in the JSON report. */
const MAX_LINE = 160;

/** Told in one line each: the explanation is that of the requirement that failed. */
const DEPENDENT = '  inconclusive(dependency), undecided as long as another requirement fails';

const KINDS = ['pass', 'fail', 'inconclusive', 'not-applicable'] as const;

const MEANING: Readonly<Record<ExitCode, string>> = {
  [EXIT.conformant]: 'conformant',
  [EXIT.failure]: 'not conformant',
  [EXIT.undecided]: 'no failure, but a required requirement is undecided',
  [EXIT.nothingDecided]: 'nothing was decided',
  [EXIT.usage]: 'usage',
  [EXIT.badInput]: 'bad input',
  [EXIT.unreachable]: 'the device cannot be reached',
  [EXIT.ownFault]: 'a fault of the suite: the verdicts mean nothing',
  [EXIT.interrupted]: 'interrupted',
};

function count(results: readonly RequirementResult[], kind: Verdict['kind']): number {
  return results.filter(({ verdict }) => verdict.kind === kind).length;
}

function countRow(name: string, results: readonly RequirementResult[], paint: Palette): Cell[] {
  const paints = [paint.green, paint.red, paint.yellow, paint.dim];
  const cells = KINDS.map((kind, index): Cell => {
    const number = count(results, kind);
    const colour = number === 0 ? paint.dim : paints[index];
    return {
      text: String(number),
      right: true,
      ...(colour === undefined ? {} : { paint: colour }),
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
  const head = ['', ...KINDS, 'scenarios'].map((text): Cell => {
    return { text, right: true, paint: paint.dim };
  });
  const rows = groups.flatMap(({ id, title }) => {
    const results = run.requirements.filter(({ requirement }) => requirement.group === id);
    return results.length === 0 ? [] : [countRow(`PRISM-${id}  ${title}`, results, paint)];
  });
  return table([head, ...rows, countRow('all', run.requirements, paint)]);
}

function wrap(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > WIDTH && line.trim() !== '') {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? word : ` ${word}`;
  }
  return [...lines, line];
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
    ['capture', places.captureOf(result)],
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
    `      ${paint.dim('replay   ')} prismspec run ${requirement.id} --target ${run.settings.target} --seed ${run.settings.seed}`,
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

/** All lines that a finished run prints. */
export function terminalReport(run: RunResult, places: Places, paint: Palette): readonly string[] {
  const open = run.requirements.filter(
    ({ verdict, because }) =>
      verdict.kind === 'fail' || (verdict.kind === 'inconclusive' && because === undefined),
  );
  const colour = run.exit === EXIT.conformant ? paint.green : paint.red;
  const took = (run.durationMs / 1000).toFixed(1);
  return [
    ...groupTable(run, paint),
    ...open.flatMap((each) => explained(each, run, places, paint)),
    ...byReason(DEPENDENT, run, ({ because }) => because),
    ...faults(run),
    ...byReason('  not claimed, so not applicable', run, ({ verdict }) =>
      verdict.kind === 'not-applicable' ? verdict.capability : undefined,
    ),
    '',
    `  ${colour(MEANING[run.exit])}: ${run.hello.name} ${run.hello.version}, gate ${run.settings.gate}, seed ${run.settings.seed}, ${run.cases.length} scenarios in ${took} s`,
    `  reports: ${places.folder}`,
  ];
}
