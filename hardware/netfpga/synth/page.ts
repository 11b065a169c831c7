/** The tables in the README, from the budget. */
import type { Budget, Entry } from './budget.ts';
import type { Counts } from './figures.ts';
import { figuresTable, sharesTable, type Row } from './table.ts';

const BEGIN = '<!-- begin of the figures: synth.ts --update -->\n';
const END = '<!-- end of the figures -->\n';

/** What was counted, without the limits. */
export function countsOf({ limits }: Entry): Counts {
  return {
    luts: limits.luts.figure,
    ramLuts: limits.ramLuts.figure,
    shiftLuts: limits.shiftLuts.figure,
    flipFlops: limits.flipFlops.figure,
    carries: limits.carries.figure,
    ramb18: limits.ramb18.figure,
    ramb36: limits.ramb36.figure,
  };
}

/** What stands between the marks. */
function tables({ made, sizes }: Budget): string {
  const rows: readonly Row[] = Object.entries(sizes).map(([name, entry]) => ({
    name,
    counts: countsOf(entry),
    delayPs: entry.limits.delayPs.figure,
  }));
  const paths = Object.entries(sizes).map(([name, { path }]) => `- ${name}: ${path}\n`);
  const seconds = Object.entries(sizes).map(
    ([name, { processorSeconds }]) => `${name} ${processorSeconds} s`,
  );
  return [
    `${made.yosys}; node ${made.node}; ${made.machine}.\n`,
    figuresTable(rows),
    sharesTable(rows),
    `The longest paths:\n\n${paths.join('')}`,
    `What it took of a processor: ${seconds.join(', ')}.\n`,
  ].join('\n');
}

/** The page with the budget's tables between its marks; Error where it has no marks. */
export function withTables(page: string, budget: Budget): string {
  const [before, rest] = page.split(BEGIN);
  const [, after] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined) throw new Error('the README has no marks');
  return `${before}${BEGIN}\n${tables(budget)}\n${END}${after}`;
}
