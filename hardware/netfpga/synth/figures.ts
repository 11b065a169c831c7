/** What a core takes of a 7-series FPGA, and how long its longest path is, as yosys tells it. */
import { z } from 'zod';
import { PARTS, PATH_FILE, statFile } from './script.ts';

/** What is counted of the core or of a part of it. */
export interface Counts {
  /** LUTs that compute, inverters among them. */
  readonly luts: number;
  /** LUTs that are distributed RAM. */
  readonly ramLuts: number;
  /** LUTs that are shift registers, one for each: two short ones may share one in the end. */
  readonly shiftLuts: number;
  readonly flipFlops: number;
  readonly carries: number;
  readonly ramb18: number;
  readonly ramb36: number;
}

/** A cell on a path, and when its output is there. */
export interface Step {
  /** Picoseconds after the clock. */
  readonly ps: number;
  readonly part: string;
  readonly cell: string;
}

/** The longest path between two registers, ports counted as registers. */
export interface Path {
  /** Picoseconds through cells alone; no wire takes any time. */
  readonly ps: number;
  /** From its end back to its begin. */
  readonly steps: readonly Step[];
}

/** What became of one size. */
export interface Figures {
  readonly counts: Counts;
  readonly parts: Readonly<Record<string, Counts>>;
  readonly path: Path;
}

/** Nothing of anything. */
export const NO_COUNTS: Counts = {
  luts: 0,
  ramLuts: 0,
  shiftLuts: 0,
  flipFlops: 0,
  carries: 0,
  ramb18: 0,
  ramb36: 0,
};

/** The names of what is counted. */
export const KINDS: readonly (keyof Counts)[] = [
  'luts',
  'ramLuts',
  'shiftLuts',
  'flipFlops',
  'carries',
  'ramb18',
  'ramb36',
];

/** How many of what one cell is; of LUTs that are RAM as UG474 has it. */
const CELLS: Readonly<Record<string, readonly [keyof Counts, number]>> = {
  INV: ['luts', 1],
  LUT1: ['luts', 1],
  LUT2: ['luts', 1],
  LUT3: ['luts', 1],
  LUT4: ['luts', 1],
  LUT5: ['luts', 1],
  LUT6: ['luts', 1],
  RAM32X1D: ['ramLuts', 2],
  RAM32M: ['ramLuts', 4],
  RAM64X1D: ['ramLuts', 2],
  RAM64M: ['ramLuts', 4],
  RAM128X1D: ['ramLuts', 4],
  SRL16E: ['shiftLuts', 1],
  SRLC32E: ['shiftLuts', 1],
  FDRE: ['flipFlops', 1],
  FDSE: ['flipFlops', 1],
  FDCE: ['flipFlops', 1],
  FDPE: ['flipFlops', 1],
  CARRY4: ['carries', 1],
  RAMB18E1: ['ramb18', 1],
  RAMB36E1: ['ramb36', 1],
};
/** A slice has them beside the LUTs that they join. */
const UNCOUNTED = new Set(['MUXF7', 'MUXF8']);

const TOP = '\\prism_core';
const Stat = z.object({
  creator: z.string(),
  modules: z.record(
    z.string(),
    z.object({ num_cells_by_type: z.record(z.string(), z.int().nonnegative()) }),
  ),
});

/** Adds the counts of `more` to those of `counts`, `sign` times. */
export function addCounts(counts: Counts, more: Counts, sign: 1 | -1 = 1): Counts {
  const sum = { ...counts };
  for (const kind of KINDS) sum[kind] += sign * more[kind];
  return sum;
}

/** Reads what `stat -json` wrote of the core; Error where it has a cell that is not known here. */
export function parseStat(text: string): Counts {
  const { modules } = Stat.parse(JSON.parse(text));
  const counts: Record<keyof Counts, number> = { ...NO_COUNTS };
  const cells = modules[TOP]?.num_cells_by_type;
  if (cells === undefined) throw new Error(`stat: there is no module ${TOP}`);
  for (const [type, count] of Object.entries(cells)) {
    if (UNCOUNTED.has(type)) continue;
    const [kind, each] = CELLS[type] ?? [];
    if (kind === undefined || each === undefined) {
      throw new Error(`stat: ${count} cells of the type ${type}, which are not counted yet`);
    }
    counts[kind] += count * each;
  }
  return counts;
}

function textOf(files: Readonly<Record<string, string>>, name: string): string {
  const text = files[name];
  if (text === undefined) throw new Error(`yosys wrote no ${name}`);
  return text;
}

/** Which yosys wrote the files. */
export function yosysOf(files: Readonly<Record<string, string>>): string {
  return Stat.parse(JSON.parse(textOf(files, statFile()))).creator;
}

/** Reads the files that the script writes, by their names; Error where one is missing. */
export function readFigures(files: Readonly<Record<string, string>>): Figures {
  const counts = parseStat(textOf(files, statFile()));
  const known = PARTS.map((part) => [part, parseStat(textOf(files, statFile(part)))] as const);
  const core = known.reduce((left, [, part]) => addCounts(left, part, -1), counts);
  return {
    counts,
    parts: Object.fromEntries([...known, ['core', core]]),
    path: parsePath(textOf(files, PATH_FILE)),
  };
}

/** Half of a RAMB36 is a RAMB18. */
export function blockRams({ ramb18, ramb36 }: Counts): number {
  return ramb36 + ramb18 / 2;
}

/** All LUTs, whatever they are used for. */
export function allLuts({ luts, ramLuts, shiftLuts }: Counts): number {
  return luts + ramLuts + shiftLuts;
}

const HEADING = /^Latest arrival time in 'prism_core' is (\d+):$/mu;
const STEP = /^ +(\d+) (\S+) \((\w+)\.[^)]*\)$/gmu;

function partOf(name: string): string {
  const [first = '', rest] = name
    .replace(/^\$flatten/u, '')
    .replace(/^\\/u, '')
    .split('.');
  return rest !== undefined && PARTS.some((part) => part === first) ? first : 'core';
}

/** Reads what `sta` printed; Error where it found no path. yosys has no other form of it. */
export function parsePath(text: string): Path {
  const ps = HEADING.exec(text)?.[1];
  if (ps === undefined) throw new Error('sta: it found no path');
  const steps = [...text.matchAll(STEP)].map(([, at = '', name = '', cell = '']) => ({
    ps: Number(at),
    part: partOf(name),
    cell,
  }));
  return { ps: Number(ps), steps };
}

/**
 * `words FDRE LUT6 registers CARRY4×8 FDRE`: the cells of a path from its begin, each part named
 * where it is entered.
 */
export function describePath({ steps }: Path): string {
  const told: string[] = [];
  let last: Step | undefined;
  let same = 1;
  for (const step of steps.toReversed()) {
    const { part, cell } = step;
    if (part !== last?.part) told.push(part);
    same = part === last?.part && cell === last.cell ? same + 1 : 1;
    if (same > 1) told.pop();
    told.push(same > 1 ? `${cell}×${same}` : cell);
    last = step;
  }
  return told.join(' ');
}
