/** The difference of two runs, for people. */
import type { Change, Difference, RunDifference, Side } from './diff.ts';
import type { RecordedRun } from './recorded-run.ts';
import type { Palette } from './table.ts';

/** How many scenarios of one kind of change are told. */
const MAX_TOLD = 20;

const TITLES: readonly (readonly [Exclude<Change, 'same'>, string])[] = [
  ['new-failure', 'new failures'],
  ['fixed', 'fixed'],
  ['changed', 'changed'],
  ['only-in-a', 'only in A'],
  ['only-in-b', 'only in B'],
];

function verdictOf(side: Side | undefined): string {
  return side?.verdict ?? 'not judged';
}

function lines({ name, at, a, b }: Difference): readonly string[] {
  const [before, after] = [a?.fingerprints ?? [], b?.fingerprints ?? []];
  const [gone, come] = [
    before.filter((failure) => !after.includes(failure)),
    after.filter((failure) => !before.includes(failure)),
  ];
  return [
    `    ${name}: ${verdictOf(a)} -> ${verdictOf(b)}${at === undefined ? '' : `  ${at}`}`,
    ...gone.map((failure) => `      - ${failure}`),
    ...come.map((failure) => `      + ${failure}`),
  ];
}

function section(
  what: string,
  differences: readonly Difference[],
  paint: Palette,
): readonly string[] {
  return TITLES.flatMap(([change, title]) => {
    const all = differences.filter((each) => each.change === change);
    if (all.length === 0) return [];
    const colour = change === 'new-failure' ? paint.red : paint.bold;
    const more = all.length - MAX_TOLD;
    return [
      `  ${colour(`${title}, ${what}: ${all.length}`)}`,
      ...all.slice(0, MAX_TOLD).flatMap(lines),
      ...(more > 0 ? [`    and ${more} more`] : []),
    ];
  });
}

function runLine(letter: string, { hello, suite, settings }: RecordedRun): string {
  const { name, version } = hello;
  return `  ${letter}  ${name} ${version}, suite ${suite}, seed ${settings.seed}`;
}

/** All lines that tell how run `b` differs from run `a`. */
export function diffReport(
  a: RecordedRun,
  b: RecordedRun,
  { requirements, scenarios }: RunDifference,
  paint: Palette,
): readonly string[] {
  const same = requirements.filter(({ change }) => change === 'same').length;
  const ended = requirements.length === same ? 'no difference' : `${same} others are the same`;
  return [
    runLine('A', a),
    runLine('B', b),
    ...section('requirements', requirements, paint),
    ...section('scenarios', scenarios, paint),
    `  requirements: ${ended}`,
  ];
}
