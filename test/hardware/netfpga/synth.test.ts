/** The budget of the core, and how figures of yosys are read and held against it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import fc from 'fast-check';
import {
  budgetText,
  entryOf,
  parseBudget,
  type Budget,
} from '../../../hardware/netfpga/synth/budget.ts';
import { excesses, isSlack } from '../../../hardware/netfpga/synth/compare.ts';
import {
  blockRams,
  describePath,
  KINDS,
  NO_COUNTS,
  parsePath,
  parseStat,
  readFigures,
  yosysOf,
  type Counts,
  type Figures,
  type Step,
} from '../../../hardware/netfpga/synth/figures.ts';
import { countsOf, withTables } from '../../../hardware/netfpga/synth/page.ts';
import { PARTS, scriptOf, statFile } from '../../../hardware/netfpga/synth/script.ts';
import { SIZES, sizeOfWords } from '../../../hardware/netfpga/synth/size.ts';
import { runs } from '../../runs.ts';

const NETFPGA = fileURLToPath(new URL('../../../hardware/netfpga', import.meta.url));
const YOSYS = 'Yosys 0.55 (git sha1 60f126cd0)';

/** What `stat -json` writes, without the keys that nobody reads. */
function statText(cells: Readonly<Record<string, number>>): string {
  const modules = { '\\prism_core': { num_cells: 0, num_cells_by_type: cells } };
  return JSON.stringify({ creator: YOSYS, invocation: 'stat', modules });
}

/** What `sta` printed of this core, shortened. */
const STA = `
27. Executing STA pass (static timing analysis).
Warning: Cell type '$scopeinfo' not recognised! Ignoring.
Latest arrival time in 'prism_core' is 5340:
    5340 $flatten\\option_walk.$auto$ff.cc:266:slice$33485 (FDRE.D)
           $flatten\\option_walk.$auto$xilinx_dffopt.cc:347:execute$888676
    5340 $flatten\\option_walk.$auto$xilinx_dffopt.cc:341:execute$888675 (LUT6.I0->O)
           $flatten\\option_walk.$techmap866559$auto$abc9_ops.cc:1549:reintegrate$862862.A [2]
    2114 $flatten\\parse.$auto$alumacc.cc:495:replace_alu$18240.genblk1.carry4 (CARRY4.S->CO)
           \\parse.p1_packet [148]
    1472 \\parsed.stage (SRL16E.CLK->Q)
       0   \\clk (<primary input>)

Arrival histogram:
 legend: * represents 63 endpoint(s)
(  5360,   5092] |+
`;

function figuresOf(counts: Partial<Counts>, part: string, ps = 4000): Figures {
  const all = { ...NO_COUNTS, ...counts };
  return { counts: all, parts: { [part]: all, core: NO_COUNTS }, path: { ps, steps: [] } };
}

const FIGURES = figuresOf({ luts: 1000, flipFlops: 900, ramb36: 18 }, 'parse');
const ENTRY = entryOf({ figures: FIGURES, processorSeconds: 9 });
const BUDGET: Budget = {
  made: { machine: 'a machine', node: 'v20.0.0', yosys: YOSYS },
  sizes: { '1k-256': ENTRY },
};

function committed(): Budget {
  const read = parseBudget(readFileSync(`${NETFPGA}/synth/budget.yaml`, 'utf8'));
  if (!read.ok) throw new Error(read.error);
  return read.value;
}

test('cells are counted by what they take: a RAM64M is four LUTs, an inverter is one', (t) => {
  const cells = { LUT2: 3, LUT6: 4, INV: 5, RAM64M: 2, SRL16E: 6, SRLC32E: 1, MUXF7: 9 };
  const more = { FDRE: 10, FDSE: 1, CARRY4: 12, RAMB18E1: 13, RAMB36E1: 14 };
  t.deepEqual(parseStat(statText({ ...cells, ...more })), {
    luts: 12,
    ramLuts: 8,
    shiftLuts: 7,
    flipFlops: 11,
    carries: 12,
    ramb18: 13,
    ramb36: 14,
  });
});

test('a cell of a type that is not counted is an error, so is a count of another module', (t) => {
  t.throws(() => parseStat(statText({ LUT6: 1, DSP48E1: 3 })), { message: /3 cells .* DSP48E1/u });
  t.throws(() => parseStat('{"creator":"","modules":{}}'), { message: /no module/u });
  t.throws(() => parseStat('{"modules":{"\\\\prism_core":{"num_cells_by_type":{"LUT6":"1"}}}}'));
});

test('what no part has is the core itself', (t) => {
  const files: Record<string, string> = { 'sta.txt': STA, [statFile()]: statText({ LUT6: 100 }) };
  for (const part of PARTS) files[statFile(part)] = statText({ LUT6: 6 });
  const { counts, parts } = readFigures(files);
  t.is(counts.luts, 100);
  t.is(parts['core']?.luts, 100 - 6 * PARTS.length);
  t.is(yosysOf(files), YOSYS);
  delete files[statFile('egress')];
  t.throws(() => readFigures(files), { message: /stat-egress\.json/u });
});

test('the longest path is told from its begin, each part where it is entered', (t) => {
  const path = parsePath(STA);
  t.is(path.ps, 5340);
  t.is(describePath(path), 'core SRL16E parse CARRY4 option_walk LUT6 FDRE');
  t.is(path.steps.at(-1)?.ps, 1472);
});

test('a chain of cells of one type is counted, and a part entered again is told again', (t) => {
  const step = (part: string, cell: string): Step => ({ ps: 1, part, cell });
  const chain = Array.from({ length: 3 }, () => step('parse', 'CARRY4'));
  const begin = [step('core', 'CARRY4'), step('parse', 'LUT2')];
  const steps = [step('parse', 'FDRE'), ...chain, ...begin];
  t.is(describePath({ ps: 1, steps }), 'parse LUT2 core CARRY4 parse CARRY4×3 FDRE');
});

test('a run that found no path is an error', (t) => {
  t.throws(() => parsePath('No timing paths found.\n'), { message: /no path/u });
});

test('a budget is read as it was written', (t) => {
  const count = fc.nat(1_000_000);
  const counts = fc.record(Object.fromEntries(KINDS.map((kind) => [kind, count])));
  fc.assert(
    fc.property(counts, fc.integer({ min: 1, max: 90_000 }), (some, ps) => {
      const entry = entryOf({ figures: figuresOf(some, 'flows', ps), processorSeconds: 3 });
      const budget = { ...BUDGET, sizes: { '1k-256': entry } };
      t.deepEqual(parseBudget(budgetText(budget)), { ok: true, value: budget });
    }),
    runs(50),
  );
});

test('what was measured is within its own budget, and one more than a limit is not', (t) => {
  t.deepEqual(excesses('1k-256', ENTRY, FIGURES), []);
  for (const kind of KINDS) {
    const { limit } = ENTRY.limits[kind];
    const at = figuresOf({ ...FIGURES.counts, [kind]: limit }, 'parse');
    t.deepEqual(excesses('1k-256', ENTRY, at), [], kind);
    const over = figuresOf({ ...FIGURES.counts, [kind]: limit + 1 }, 'parse');
    t.is(excesses('1k-256', ENTRY, over).length, 1, kind);
  }
});

test('what is over its limit is told with figure, limit, and the part that grew most', (t) => {
  const counts = { ...NO_COUNTS, luts: 1100 };
  const now: Figures = {
    counts,
    parts: {
      parse: { ...NO_COUNTS, luts: 1040 },
      egress: { ...NO_COUNTS, luts: 60 },
      core: NO_COUNTS,
    },
    path: { ps: 4000, steps: [] },
  };
  t.deepEqual(excesses('1k-256', ENTRY, now), [
    '1k-256: 1100 LUTs that compute, limit 1030: egress grew most, from 0 to 60',
  ]);
});

test('a path that is too long is told cell by cell, with the one before', (t) => {
  const slow = { ...FIGURES, path: parsePath(STA) };
  t.deepEqual(excesses('1k-256', { ...ENTRY, path: 'parse LUT6' }, slow), [
    '1k-256: a path of 5340 ps, limit 4200 ps: ' +
      'core SRL16E parse CARRY4 option_walk LUT6 FDRE; it was parse LUT6',
  ]);
});

test('block RAM may not grow at all, and what shrank far is said to be far below', (t) => {
  t.is(ENTRY.limits.ramb36.limit, 18);
  t.false(isSlack(ENTRY, FIGURES));
  t.false(isSlack(ENTRY, figuresOf({ ...FIGURES.counts, luts: 950 }, 'parse', 3800)));
  t.true(isSlack(ENTRY, figuresOf({ ...FIGURES.counts, luts: 900 }, 'parse')));
  t.true(isSlack(ENTRY, { ...FIGURES, path: { ps: 3500, steps: [] } }));
});

test('a limit that would not notice, or that the figure is over already, is refused', (t) => {
  const text = budgetText(BUDGET);
  const line = 'luts: { figure: 1000, limit: 1030 }';
  t.true(text.includes(line));
  for (const limit of [1051, 999]) {
    const read = parseBudget(text.replace(line, `luts: { figure: 1000, limit: ${limit} }`));
    t.regex(read.ok ? '' : read.error, /sizes\.1k-256\.limits\.luts: .*5 % above/u);
  }
  const unknown = parseBudget(text.replace('delayPs', 'delay'));
  t.regex(unknown.ok ? '' : unknown.error, /limits/u);
  t.false(parseBudget('sizes: [').ok);
});

test('the committed budget has all sizes, with all parts, and parts add up', (t) => {
  const { sizes } = committed();
  t.deepEqual(
    Object.keys(sizes),
    SIZES.map(({ name }) => name),
  );
  for (const [name, entry] of Object.entries(sizes)) {
    t.deepEqual(Object.keys(entry.parts), [...PARTS, 'core'], name);
    for (const kind of KINDS) {
      const sum = Object.values(entry.parts).reduce((all, part) => all + part[kind], 0);
      t.is(sum, entry.limits[kind].figure, `${name} ${kind}`);
    }
  }
});

/** Bits of all rows: as `prism_flows`, `_rules`, `_usage` and `_bridge` have them. */
function memoryBits(parameters: Readonly<Record<string, number>>): number {
  const { RULES_LOG2 = 0, FLOWS_LOG2 = 0, STATIONS_LOG2 = 0 } = parameters;
  const rules = 2 ** RULES_LOG2 * (285 + 2 * 96);
  return rules + 2 ** FLOWS_LOG2 * (100 + RULES_LOG2) + 2 ** STATIONS_LOG2 * 89;
}

test('the tables are in block RAM, and it is no more than they need and a quarter', (t) => {
  const { sizes } = committed();
  for (const { name, parameters } of SIZES) {
    const entry = sizes[name];
    if (entry === undefined) throw new Error(`no ${name}`);
    const bits = blockRams(countsOf(entry)) * 36 * 1024;
    const needed = memoryBits(parameters);
    t.true(bits >= needed, `${name}: ${bits} bits of block RAM, ${needed} bits of rows`);
    t.true(bits <= needed * 1.25, `${name}: ${bits} bits of block RAM, ${needed} bits of rows`);
  }
});

test("the README's tables are the budget's", (t) => {
  const page = readFileSync(`${NETFPGA}/synth/README.md`, 'utf8');
  t.is(withTables(page, committed()), page);
  t.throws(() => withTables('no marks', BUDGET), { message: /marks/u });
});

test('a size of its own is read from words, and other words are refused', (t) => {
  const size = sizeOfWords(['RULES_LOG2=15', 'FLOWS_LOG2=17']);
  t.deepEqual(size.parameters, { RULES_LOG2: 15, FLOWS_LOG2: 17 });
  t.regex(scriptOf(size, ['rtl/a.v'], 'rtl'), /chparam -set RULES_LOG2 15 -set FLOWS_LOG2 17 /u);
  t.throws(() => sizeOfWords(['RULES_LOG2']), { message: /NAME=NUMBER/u });
});

test('the parts are the instances in prism_core, without small ones', (t) => {
  const text = readFileSync(`${NETFPGA}/rtl/prism_core.v`, 'utf8');
  const instances = text.matchAll(/^prism_(?!delay)\w+ (?:#\([\s\S]*?\) )?(\w+) \(/gmu);
  t.deepEqual(
    [...instances].map((match) => match[1] ?? ''),
    [...PARTS],
  );
});
