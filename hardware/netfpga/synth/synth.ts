/**
 * Synthesises the core for 7-series FPGAs, and compares it with its budget.
 *
 *   node --import ./tools/register.mjs hardware/netfpga/synth/synth.ts
 *
 *     [--size NAME …]            all that have a budget, where none is named: what each takes
 *     --set NAME=NUMBER …        a size that has none, by parameters of prism_core
 *     --check [--size NAME …]    ends with 1 when a figure is over its limit
 *     --update                   measures all sizes, then writes budget.yaml and the README's part
 */
import { spawn } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { execPath, stderr, stdout, version } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { budgetText, entryOf, parseBudget, type Budget, type Measured } from './budget.ts';
import { excesses, isSlack } from './compare.ts';
import { describePath, readFigures, yosysOf } from './figures.ts';
import { sizeOfWords, SIZES, type Size } from './size.ts';
import { figuresTable, sharesTable } from './table.ts';
import { withTables } from './page.ts';

const REGISTER = new URL('../../../tools/register.mjs', import.meta.url).href;
const CHILD = fileURLToPath(new URL('synthesise.ts', import.meta.url));
const BUDGET = fileURLToPath(new URL('budget.yaml', import.meta.url));
const README = fileURLToPath(new URL('README.md', import.meta.url));

const Answer = z.object({
  files: z.record(z.string(), z.string()),
  processorSeconds: z.number(),
});

interface Synthesised extends Measured {
  readonly size: Size;
  readonly yosys: string;
}

/** Synthesises one size in a process of its own; Error where yosys could not. */
async function synthesise(size: Size): Promise<Synthesised> {
  const words = ['--import', REGISTER, CHILD, JSON.stringify(size)];
  const child = spawn(execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (status !== 0) throw new Error(`${size.name}: yosys ended with ${status}`);
  const { files, processorSeconds } = Answer.parse(JSON.parse(output));
  return { size, figures: readFigures(files), processorSeconds, yosys: yosysOf(files) };
}

/** As many at once as there are processors, in the order in which they are asked. */
async function synthesiseAll(sizes: readonly Size[]): Promise<readonly Synthesised[]> {
  const waiting = [...sizes.entries()];
  const done: Synthesised[] = [];
  async function work(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [place, size] = next;
      const result = await synthesise(size);
      stderr.write(`${size.name}: ${result.processorSeconds} s of a processor\n`);
      done[place] = result;
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return done;
}

function show(results: readonly Synthesised[]): void {
  const rows = results.map(({ size, figures }) => ({
    name: size.name,
    counts: figures.counts,
    delayPs: figures.path.ps,
  }));
  stdout.write(`${figuresTable(rows)}\n${sharesTable(rows)}`);
  for (const { size, figures } of results) {
    const parts = Object.entries(figures.parts).map(([name, counts]) => ({ name, counts }));
    stdout.write(`\n${size.name}: ${describePath(figures.path)}\n\n${figuresTable(parts)}`);
  }
}

function readBudget(): Budget {
  const read = parseBudget(readFileSync(BUDGET, 'utf8'));
  if (!read.ok) throw new Error(read.error);
  return read.value;
}

/** Says what is over a limit, and whether all is below. */
function check(results: readonly Synthesised[], { sizes, made }: Budget): boolean {
  const over = results.flatMap(({ size, figures, yosys }) => {
    const entry = sizes[size.name];
    if (entry === undefined) return [`${size.name}: budget.yaml has no such size`];
    if (yosys !== made.yosys) {
      stdout.write(`${size.name}: made by ${yosys}, and the budget by ${made.yosys}\n`);
    }
    if (isSlack(entry, figures)) {
      stdout.write(`${size.name}: far below its budget: --update lowers the limits\n`);
    }
    return excesses(size.name, entry, figures);
  });
  for (const sentence of over) stderr.write(`${sentence}\n`);
  return over.length === 0;
}

/** A reader sees the old file or the new one. */
function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.tmp`, text);
  renameSync(`${path}.tmp`, path);
}

function update(results: readonly Synthesised[]): void {
  const [processor] = cpus();
  const machine = `${processor?.model.trim() ?? 'unknown'}, ${cpus().length} processors`;
  const entries = results.map((each) => [each.size.name, entryOf(each)] as const);
  const budget: Budget = {
    made: { machine, node: version, yosys: results[0]?.yosys ?? '' },
    sizes: Object.fromEntries(entries),
  };
  const page = withTables(readFileSync(README, 'utf8'), budget);
  replaceFile(BUDGET, budgetText(budget));
  replaceFile(README, page);
}

function chosen(
  names: readonly string[] | undefined,
  words: readonly string[] | undefined,
): readonly Size[] {
  if (words !== undefined) return [sizeOfWords(words)];
  for (const name of names ?? []) {
    if (SIZES.every((size) => size.name !== name)) throw new Error(`there is no size ${name}`);
  }
  return SIZES.filter(({ name }) => names?.includes(name) ?? true);
}

const { values } = parseArgs({
  options: {
    size: { type: 'string', multiple: true },
    set: { type: 'string', multiple: true },
    check: { type: 'boolean', default: false },
    update: { type: 'boolean', default: false },
  },
});
if (values.update && (values.check || values.size !== undefined || values.set !== undefined)) {
  throw new Error('--update measures all sizes, and stands alone');
}
const budget = values.check ? readBudget() : undefined;
const results = await synthesiseAll(chosen(values.size, values.set));
show(results);
if (values.update) update(results);
if (budget !== undefined && !check(results, budget)) process.exitCode = 1;
