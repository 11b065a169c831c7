/**
 * Builds the core, once for each design, by Verilator and g++.
 *
 *   ../rtl/*.v ─▶ verilator ─▶ C++ ┐
 *   harness.cpp, Verilator's runtime ─▶ g++ ─┬▶ build/DIGEST/core.so   for this process
 *   child.cpp ───────────────────────────────┴▶ build/DIGEST/child     a process of its own
 *
 * The digest is of all that goes in and of the versions of both programs.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { underLock } from './lock.ts';

/** Which core is built. */
export interface Design {
  /** A folder with all files of Verilog; that of this project where it is left out. */
  readonly rtl?: string;
  /** Of the module prism_core, where they are not its own. */
  readonly parameters?: Readonly<Record<string, number>>;
  /** Whether the child counts which lines were run. */
  readonly isCovered?: boolean;
}

/** The paths of what was built. */
export interface Built {
  readonly library: string;
  readonly child: string;
}

const HERE = fileURLToPath(new URL('.', import.meta.url));
const RTL = fileURLToPath(new URL('../rtl', import.meta.url));
const BUILDS = fileURLToPath(new URL('../build', import.meta.url));

const TOP = 'prism_core';
// What is unknown in Verilog is chosen when a core is opened, by its seed.
const VERILATOR = ['--cc', '--top-module', TOP, '--prefix', `V${TOP}`];
VERILATOR.push('-O3', '--x-assign', 'unique', '--x-initial', 'unique', '-Wno-fatal');
VERILATOR.push('--default-language', '1364-2005');
// A block that is split in two counts its branches in the wrong half.
const COVERED = ['--coverage-line', '-fno-split'];
const COMPILER = ['-std=c++17', '-fPIC', '-fvisibility=hidden', '-DVL_USER_FATAL'];
const ERROR_LINES_MAX = 8;
const MS_PER_SECOND = 1000;

interface Tools {
  readonly versions: string;
  /** The folder of Verilator's runtime. */
  readonly runtime: string;
}

let tools: Tools | undefined;

function answerOf(program: string, words: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(program, words, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

function findTools(): Tools | string {
  if (tools !== undefined) return tools;
  const verilator = answerOf('verilator_bin', ['--version']);
  const root = answerOf('verilator_bin', ['--getenv', 'VERILATOR_ROOT']);
  const compiler = answerOf('g++', ['-dumpfullversion', '-dumpmachine']);
  if (verilator === undefined || root === undefined || compiler === undefined) {
    return 'Verilator and g++ are needed for a core: sudo tools/setup, or apt-get install verilator g++';
  }
  tools = { versions: `${verilator}\n${compiler}`, runtime: join(root, 'include') };
  return tools;
}

/** Why no core can be built on this machine, in a sentence; undefined where one can. */
export function whyNoBuild(): string | undefined {
  const found = findTools();
  return typeof found === 'string' ? found : undefined;
}

/**
 * Builds a core where that was not done before.
 *
 * Rejects with Error that tells what is missing, or the first errors of the compiler.
 */
export async function buildCore(design: Design = {}): Promise<Built> {
  const found = findTools();
  if (typeof found === 'string') throw new Error(found);
  const digest = digestOf(design, found.versions);
  const folder = join(BUILDS, digest);
  const built = { library: join(folder, 'core.so'), child: join(folder, 'child') };
  if (existsSync(folder)) return built;
  mkdirSync(BUILDS, { recursive: true });
  await underLock(join(BUILDS, 'lock'), async () => {
    if (!existsSync(folder)) await build(design, found.runtime, folder);
  });
  return built;
}

function verilogOf(design: Design): readonly string[] {
  const folder = design.rtl ?? RTL;
  const names = readdirSync(folder).filter((name) => /\.vh?$/u.test(name));
  return names.toSorted().map((name) => join(folder, name));
}

function ownFiles(): readonly string[] {
  const names = readdirSync(HERE).filter((name) => /\.(?:cpp|h)$/u.test(name));
  return names.toSorted().map((name) => join(HERE, name));
}

function wordsOf({ parameters = {}, isCovered = false }: Design): readonly string[] {
  const chosen = Object.entries(parameters).map(([name, value]) => `-G${name}=${value}`);
  return [...VERILATOR, ...chosen.toSorted(), ...(isCovered ? COVERED : [])];
}

function digestOf(design: Design, versions: string): string {
  const hash = createHash('sha256').update(versions);
  hash.update(JSON.stringify([wordsOf(design), COMPILER]));
  for (const file of [...verilogOf(design), ...ownFiles()]) {
    hash.update(`\0${basename(file)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}

async function build(design: Design, runtime: string, folder: string): Promise<void> {
  const began = performance.now();
  process.stderr.write(`netfpga: building ${TOP} with Verilator, which takes a minute …\n`);
  const work = `${folder}.work`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work);
  try {
    await verilate(design, work);
    await compile(design, runtime, work);
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const seconds = (performance.now() - began) / MS_PER_SECOND;
  process.stderr.write(`netfpga: built in ${seconds.toFixed(1)} s\n`);
}

async function verilate(design: Design, work: string): Promise<void> {
  const files = verilogOf(design).filter((file) => file.endsWith('.v'));
  const include = `-I${design.rtl ?? RTL}`;
  await run('verilator_bin', [
    ...wordsOf(design),
    '--Mdir',
    join(work, 'model'),
    include,
    ...files,
  ]);
}

async function compile(design: Design, runtime: string, work: string): Promise<void> {
  const model = join(work, 'model');
  const generated = readdirSync(model).filter((name) => name.endsWith('.cpp'));
  const sources = generated.map((name) => join(model, name));
  const names = ['verilated', 'verilated_threads', ...(design.isCovered ? ['verilated_cov'] : [])];
  sources.push(...names.map((name) => join(runtime, `${name}.cpp`)));
  sources.push(...ownFiles().filter((file) => file.endsWith('.cpp')));
  const include = [model, runtime, join(runtime, 'vltstd')].map((folder) => `-I${folder}`);
  const defined = `-DVM_COVERAGE=${design.isCovered ? 1 : 0}`;
  const objects = new Map(sources.map((file) => [file, join(work, `${basename(file)}.o`)]));
  await inParallel([...objects], async ([file, object]) => {
    const level = /Slow|Syms/u.test(basename(file)) ? '-O0' : '-O2';
    await run('g++', [...COMPILER, level, defined, ...include, '-w', '-c', file, '-o', object]);
  });
  const child = objects.get(join(HERE, 'child.cpp'));
  const all = [...objects.values()];
  const shared = all.filter((object) => object !== child);
  await run('g++', ['-shared', '-o', join(work, 'core.so'), ...shared, '-pthread']);
  await run('g++', ['-o', join(work, 'child'), ...all, '-pthread']);
  rmSync(model, { recursive: true });
  for (const object of all) rmSync(object);
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const workers = Array.from({ length: availableParallelism() }, async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  });
  await Promise.all(workers);
}

function run(program: string, words: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
    child.once('error', reject);
    child.once('close', (status) => {
      if (status === 0) resolve();
      else reject(new Error(`${program} could not build the core:\n${firstErrors(told)}`));
    });
  });
}

function firstErrors(told: string): string {
  const lines = told.split('\n').filter((line) => line !== '');
  const errors = lines.filter((line) => /error/iu.test(line));
  return (errors.length > 0 ? errors : lines).slice(0, ERROR_LINES_MAX).join('\n');
}
