#!/usr/bin/env node
/**
 * The gate: every check and every test, one after the other, each named, none hidden.
 *
 * Tests that need a program which is not installed leave themselves out and say so; what was left
 * out is listed at the end. With CI=true nothing may be left out.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'prismspec-gate-'));
const leftOut = join(scratch, 'left-out');
const node = ['node', '--import', './tools/register.mjs'];
const onKernel = (out, ...specs) => {
  const words = ['node', 'tools/prismspec.mjs', 'run', '--target', 'lab', '--level', 'may'];
  return [...words, '--out', `reports/out/${out}`, ...specs];
};

const steps = [
  { name: 'types', words: ['tsc', '-p', 'tsconfig.json'] },
  { name: 'lint', words: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'format', words: ['prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'fixtures', words: [...node, 'tools/lint-fixtures.ts'] },
  { name: 'requirements', words: [...node, 'tools/requirements.ts', '--check'] },
  { name: 'target schema', words: [...node, 'tools/target-schema.ts', '--check'] },
  { name: 'P4 programs', words: [...node, 'tools/p4.ts', '--check'] },
  { name: 'unit and property tests', words: ['ava'], coverage: true },
  { name: 'fault schedules', words: [...node, 'tools/schedules.ts'] },
  {
    name: 'features',
    words: ['node', 'tools/prismspec.mjs', 'run', '--level', 'may'],
    beside: [['node', 'tools/prismspec.mjs', 'run', '--level', 'may', '--target', 'p4-model']],
    coverage: true,
  },
  {
    name: 'system features',
    words: ['node', 'tools/prismspec.mjs', 'run', '--target', 'sim', '--level', 'may'],
    coverage: true,
  },
  {
    name: 'system features on the kernel',
    // Three at a time: who waits for a kernel leaves the processor to the others.
    words: onKernel('lab-1', 'PRISM-CTRL'),
    beside: [
      onKernel('lab-2', 'PRISM-MIG', 'PRISM-RST'),
      onKernel('lab-3', '!PRISM-CTRL', '!PRISM-MIG', '!PRISM-RST'),
    ],
    needs: process.getuid() === 0 ? undefined : 'root',
  },
  {
    name: 'kill table',
    words: ['node', 'tools/prismspec.mjs', 'doctor', '--kill-table', '--check'],
    coverage: true,
  },
  { name: 'coverage', words: ['c8', 'report'] },
];

async function run({ name, words, beside = [], coverage, needs }) {
  if (needs !== undefined && process.env.CI !== 'true') {
    appendFileSync(leftOut, `${name}: needs ${needs}\n`);
    return true;
  }
  const env = { ...process.env, PRISMSPEC_LEFT_OUT: leftOut };
  if (coverage) env.NODE_V8_COVERAGE = join(root, 'coverage', 'tmp');
  env.PATH = `${join(root, 'node_modules', '.bin')}:${env.PATH}`;
  const children = [words, ...beside].map(([program, ...rest]) =>
    spawn(program, rest, { cwd: root, env, stdio: 'inherit' }),
  );
  const ends = await Promise.all(children.map((child) => once(child, 'exit').catch(() => [])));
  return ends.every(([status]) => status === 0);
}

rmSync(join(root, 'coverage'), { recursive: true, force: true });
const failed = [];
for (const step of steps) {
  const started = Date.now();
  console.log(`\n== ${step.name}`);
  const good = await run(step);
  console.log(
    `== ${step.name}: ${good ? 'ok' : 'FAILED'} (${((Date.now() - started) / 1000).toFixed(1)} s)`,
  );
  if (!good) failed.push(step.name);
}

const omitted = existsSync(leftOut) ? readFileSync(leftOut, 'utf8').trim().split('\n') : [];
rmSync(scratch, { recursive: true, force: true });
if (omitted.length > 0) {
  console.log('\nleft out, for want of a program (sudo tools/setup installs those of Debian):');
  for (const line of new Set(omitted.toSorted((a, b) => a.localeCompare(b))))
    console.log(`  ${line}`);
}
if (failed.length > 0) console.log(`\nfailed: ${failed.join(', ')}`);
console.log(`\nchecks: ${steps.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
