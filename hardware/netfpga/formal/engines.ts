/**
 * The programs that decide: yosys makes a graph of Verilog, cadical answers questions about it, and
 * yosys-abc looks for invariants.
 */
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAiger, type Aig } from './aiger.ts';
import type { Property } from './property.ts';
import { toDimacs, type Question, type Unrolled } from './unroll.ts';

/** What a solver says; undefined when it had no more time. */
export type Answer = 'satisfiable' | 'unsatisfiable' | undefined;

/** A folder for the files of one property, the core's own files, and how long a solver may take. */
export interface Bench {
  readonly folder: string;
  readonly rtl: string;
  readonly secondsMax: number;
}

const HERE = fileURLToPath(new URL('.', import.meta.url));
/** Debian's packages of the programs. */
const PACKAGES: Readonly<Record<string, string>> = {
  yosys: 'yosys',
  'yosys-abc': 'yosys',
  cadical: 'cadical',
};
const SATISFIABLE = 10;
const UNSATISFIABLE = 20;
const LINES_SHOWN = 8;

interface Ended {
  readonly status: number | null;
  readonly output: string;
}

async function run(program: string, words: readonly string[], folder: string): Promise<Ended> {
  const child = spawn(program, words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Error(`${program} is needed: apt-get install ${PACKAGES[program]}`, { cause })),
    );
    child.once('close', (status) => resolve({ status, output }));
  });
}

/** Of simple cells first, and of adders bit by bit: quick to make, and easy to decide. */
function scriptOf(property: Property, rtl: string): string {
  const { name, files, cuts = [], parameters = {} } = property;
  const sources = files.map((file) => join(rtl, `prism_${file}.v`));
  const chosen = Object.entries(parameters).map(([key, value]) => ` -set ${key} ${value}`);
  return [
    `read_verilog -formal -I ${rtl} ${sources.join(' ')} ${join(HERE, `${name}.v`)}`,
    ...(chosen.length === 0 ? [] : [`chparam${chosen.join('')} ${name}`]),
    `hierarchy -check -top ${name}`,
    'proc',
    ...cuts.map((cut) => `delete *prism_${cut}`),
    'memory_collect',
    'memory_map',
    'flatten',
    'setundef -undriven -anyseq',
    'opt_clean',
    'wreduce',
    'opt_expr',
    'opt_clean',
    'dffunmap',
    'simplemap',
    `techmap -map ${join(HERE, 'ripple.v')} -map +/techmap.v`,
    'dffunmap',
    'setundef -undriven -anyseq',
    'aigmap',
    'write_aiger graph.aig',
    'delete -output',
    'write_aiger asserted.aig',
    '',
  ].join('\n');
}

/** Makes the graph of a property; rejects with Error and what yosys says where it cannot. */
export async function makeGraph(property: Property, { folder, rtl }: Bench): Promise<Aig> {
  await writeFile(join(folder, 'graph.ys'), scriptOf(property, rtl));
  const { status, output } = await run('yosys', ['-q', 'graph.ys'], folder);
  if (status !== 0) {
    throw new Error(`yosys: ${output.trim().split('\n').slice(-LINES_SHOWN).join('\n')}`);
  }
  return parseAiger(await readFile(join(folder, 'graph.aig')));
}

/** Asks whether a question has an answer. */
export async function ask(bench: Bench, unrolled: Unrolled, question: Question): Promise<Answer> {
  await writeFile(join(bench.folder, 'question.cnf'), toDimacs(unrolled, question));
  const limits = ['-q', '-n', '-t', String(bench.secondsMax), 'question.cnf'];
  const { status, output } = await run('cadical', limits, bench.folder);
  if (status === SATISFIABLE) return 'satisfiable';
  if (status === UNSATISFIABLE) return 'unsatisfiable';
  if (status === 0) return undefined;
  throw new Error(`cadical: ${output.trim()}`);
}

/** Looks for an invariant of the graph that was made last: with it nothing forbidden is reached. */
export async function findInvariant({ folder, secondsMax }: Bench): Promise<Answer> {
  const commands = `read_aiger asserted.aig; undc; zero; fold; strash; pdr -T ${secondsMax}`;
  const { output } = await run('yosys-abc', ['-c', commands], folder);
  if (/Property proved|No output was asserted/u.test(output)) return 'unsatisfiable';
  if (/was asserted in frame/u.test(output)) return 'satisfiable';
  if (/Reached timeout|undecided/iu.test(output)) return undefined;
  throw new Error(`yosys-abc: ${output.trim().split('\n').slice(-LINES_SHOWN).join('\n')}`);
}
