#!/usr/bin/env node
/**
 * The whole suite while every core is busy: do the verdicts stay what they are on a quiet machine?
 *
 *   node tools/under-load.mjs [--rounds 20] [--target reference] [-- more words for run]
 *
 * One run without load, then `rounds` with a process on every core that does nothing but compute.
 * Prints every requirement whose verdict differs; exit 0 when none does, 1 else.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const PROGRAM = fileURLToPath(new URL('prismspec.mjs', import.meta.url));
/** A run that takes longer has hung. */
const RUN_LIMIT_MS = 15 * 60_000;
/** A hog ends by itself, whatever becomes of this process. */
const HOG = `const end = Date.now() + ${RUN_LIMIT_MS}; const parent = process.ppid;
while (Date.now() < end && process.ppid === parent);`;

const { values, positionals } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    target: { type: 'string', default: 'reference' },
  },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) {
  process.stderr.write('under-load: --rounds expects a whole number of at least 1\n');
  process.exit(64);
}

const folder = mkdtempSync(join(tmpdir(), 'prismspec-load-'));
const started = new Set();

function start(words, options) {
  const child = spawn(process.execPath, words, options);
  started.add(child);
  child.on('exit', () => started.delete(child));
  return child;
}

function endAll() {
  for (const child of started) child.kill('SIGKILL');
}

/** The verdict of every requirement, by its id. */
async function verdicts(name) {
  const out = join(folder, name);
  const report = ['--report', 'json', '--out', out, '--target', values.target];
  const words = [PROGRAM, 'run', '--level', 'may', ...report, ...positionals];
  const child = start(words, { stdio: ['ignore', 'ignore', 'inherit'], timeout: RUN_LIMIT_MS });
  const status = await new Promise((resolve) => child.on('close', resolve));
  if (status === null || status >= 64) throw new Error(`${name} ended with status ${status}`);
  const { requirements } = JSON.parse(readFileSync(join(out, 'run.json'), 'utf8'));
  return new Map(requirements.map(({ id, verdict }) => [id, verdict]));
}

function differences(quiet, busy) {
  return [...new Set([...quiet.keys(), ...busy.keys()])]
    .filter((id) => quiet.get(id) !== busy.get(id))
    .map((id) => `  ${id}: ${quiet.get(id)}, under load ${busy.get(id)}`);
}

async function underLoad(name) {
  const hogs = Array.from({ length: availableParallelism() }, () =>
    start(['-e', HOG], { stdio: 'ignore' }),
  );
  try {
    return await verdicts(name);
  } finally {
    for (const hog of hogs) hog.kill('SIGKILL');
  }
}

process.on('SIGINT', () => {
  endAll();
  process.exit(130);
});

let changed = 0;
try {
  const quiet = await verdicts('quiet');
  console.log(`quiet: ${quiet.size} requirements`);
  for (let round = 1; round <= rounds; round += 1) {
    const from = Date.now();
    const told = differences(quiet, await underLoad(`round-${round}`));
    const seconds = ((Date.now() - from) / 1000).toFixed(0);
    console.log(`round ${round}/${rounds}: ${told.length} verdicts differ (${seconds} s)`);
    for (const line of told) console.log(line);
    if (told.length > 0) changed += 1;
  }
  console.log(`${rounds - changed} of ${rounds} rounds under load gave the same verdicts`);
} finally {
  endAll();
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = changed === 0 ? 0 : 1;
