/** Figures as tables of Markdown, for the README and for a terminal. */
import { allLuts, blockRams, type Counts } from './figures.ts';

/** One line: what was counted, and its longest path where it has one. */
export interface Row {
  readonly name: string;
  readonly counts: Counts;
  readonly delayPs?: number;
}

/**
 * XC7VX690T, the FPGA of NetFPGA-SUME: 108,300 slices of four LUTs and eight flip-flops (UG474),
 * and 1,470 block RAMs of 36 kbit (DS180).
 */
const SUME = { luts: 433_200, flipFlops: 866_400, ramb36: 1_470 } as const;

const HEADING = ['', 'LUT', 'as RAM', 'as SRL', 'FF', 'CARRY4', 'RAMB36', 'RAMB18'];

function number(value: number): string {
  return value.toLocaleString('en');
}

/** Columns as wide as their widest cell, as Prettier has them. */
function markdown(rows: readonly (readonly string[])[]): string {
  const [heading = [], ...rest] = rows;
  const widths = heading.map((_, column) =>
    Math.max(3, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const padded = (row: readonly string[]): string =>
    line(
      widths.map((width, column) => {
        const cell = row[column] ?? '';
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      }),
    );
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [padded(heading), line(rule), ...rest.map(padded)].join('');
}

/** What each row takes; LUTs are all of them, and those that are memory once more. */
export function figuresTable(rows: readonly Row[]): string {
  const cells = rows.map(({ name, counts, delayPs }) => [
    name,
    number(allLuts(counts)),
    number(counts.ramLuts),
    number(counts.shiftLuts),
    number(counts.flipFlops),
    number(counts.carries),
    number(counts.ramb36),
    number(counts.ramb18),
    ...(delayPs === undefined ? [] : [`${(delayPs / 1000).toFixed(2)} ns`]),
  ]);
  const hasPaths = rows.every(({ delayPs }) => delayPs !== undefined);
  return markdown([hasPaths ? [...HEADING, 'path'] : HEADING, ...cells]);
}

/** What share of the FPGA of NetFPGA-SUME each row takes. */
export function sharesTable(rows: readonly Row[]): string {
  const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;
  const cells = rows.map(({ name, counts }) => [
    name,
    percent(allLuts(counts), SUME.luts),
    percent(counts.flipFlops, SUME.flipFlops),
    percent(blockRams(counts), SUME.ramb36),
  ]);
  return markdown([['of an XC7VX690T', 'LUT', 'FF', 'block RAM'], ...cells]);
}
