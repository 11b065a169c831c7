#!/usr/bin/env node
/**
 * The gate: every check and every test, one after the other, each named, none hidden.
 *
 * Tests that need a program which is not installed leave themselves out and say so; what was left
 * out is listed at the end. With CI=true nothing may be left out.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'prismspec-gate-'));
const leftOut = join(scratch, 'left-out');
const node = ['node', '--import', './tools/register.mjs'];
const onTarget = (target, out, ...specs) => {
  const words = ['node', 'tools/prismspec.mjs', 'run', '--target', target, '--level', 'may'];
  return [...words, '--out', `reports/out/${out}`, ...specs];
};
const lacks = (program) => spawnSync(program, ['--version']).error && program;

const steps = [
  { name: 'types', words: ['tsc', '-p', 'tsconfig.json'] },
  { name: 'lint', words: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'format', words: ['prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'fixtures', words: [...node, 'tools/lint-fixtures.ts'] },
  { name: 'requirements', words: [...node, 'tools/requirements.ts', '--check'] },
  { name: 'target schema', words: [...node, 'tools/target-schema.ts', '--check'] },
  { name: 'NetFPGA registers', words: [...node, 'tools/netfpga.ts', '--check'] },
  { name: 'P4 programs', words: [...node, 'tools/p4.ts', '--check'] },
  {
    name: 'lint of the NetFPGA core',
    words: [...node, 'hardware/netfpga/formal/lint.ts'],
    needs: lacks('verilator') ?? lacks('iverilog'),
  },
  {
    name: 'proofs of the NetFPGA core',
    words: [...node, 'hardware/netfpga/formal/prove.ts'],
    needs: lacks('yosys') ?? lacks('cadical'),
  },
  {
    name: 'size of the NetFPGA core',
    words: [
      ...node,
      ...'hardware/netfpga/synth/synth.ts --check --size 1k-256 --size 16k-256'.split(' '),
    ],
  },
  { name: 'unit and property tests', words: ['ava'], coverage: true, again: failedInRealTime },
  { name: 'fault schedules', words: [...node, 'tools/schedules.ts'] },
  {
    name: 'features',
    words: ['node', 'tools/prismspec.mjs', 'run', '--level', 'may'],
    beside: [['node', 'tools/prismspec.mjs', 'run', '--level', 'may', '--target', 'p4-model']],
    coverage: true,
  },
  {
    name: 'features on the NetFPGA core',
    words: onTarget('netfpga-sim', 'netfpga-1', 'PRISM-FWD', 'PRISM-SEC'),
    beside: [onTarget('netfpga-sim', 'netfpga-2', '!PRISM-FWD', '!PRISM-SEC')],
    coverage: true,
    needs: lacks('verilator') ?? lacks('g++'),
  },
  {
    name: 'system features',
    words: ['node', 'tools/prismspec.mjs', 'run', '--target', 'sim', '--level', 'may'],
    coverage: true,
  },
  {
    name: 'features of server switches',
    words: onTarget('balancer-sim', 'balancer-sim'),
    beside: [onTarget('url-switch-sim', 'url-switch-sim')],
    coverage: true,
  },
  {
    name: 'products',
    words: [
      ...node,
      'tools/products.ts',
      '--check',
      ...['balancer-sim', 'url-switch-sim'].map((name) => `reports/out/${name}/run.json`),
    ],
  },
  {
    name: 'features of server switches on the kernel',
    words: onTarget('hardware/nftables/balancer.yaml', 'nftables'),
    needs: process.getuid() === 0 ? lacks('nft') : 'root',
    again: wasInconclusive,
  },
  {
    name: 'system features on the kernel',
    // Three at a time: who waits for a kernel leaves the processor to the others.
    words: onTarget('lab', 'lab-1', 'PRISM-CTRL'),
    beside: [
      onTarget('lab', 'lab-2', 'PRISM-MIG', 'PRISM-RST'),
      onTarget('lab', 'lab-3', '!PRISM-CTRL', '!PRISM-MIG', '!PRISM-RST'),
    ],
    needs: process.getuid() === 0 ? undefined : 'root',
    again: wasInconclusive,
  },
  {
    name: 'kill table',
    words: ['node', 'tools/prismspec.mjs', 'doctor', '--kill-table', '--check'],
    coverage: true,
  },
  { name: 'coverage', words: ['c8', 'report'] },
];

/** Tests whose processes and kernel live in real time: another job on the machine can make them late. */
const IN_REAL_TIME = [
  'test/host/',
  'test/conformance/drivers/lab',
  'test/conformance/drivers/balancer-lab',
  'test/hardware/nftables',
  'test/hardware/product',
  'test/hardware/keepalived',
];

/** How ava tells of a test that came to no end; what an assertion found wrong has no such words. */
const WITHOUT_END =
  /(?: Error thrown in test| Rejected promise returned by test| Test timeout exceeded)$/u;

/**
 * The command that runs those test files again, alone, if nothing failed elsewhere.
 *
 * A wait that ran out may have been late. An assertion looks at what has come, and that is as wrong
 * on a busy machine as on any.
 */
function failedInRealTime({ output }) {
  const titles = [...output.matchAll(/^ *✘ \[fail\]: (.+)$/gmu)].map((match) => match[1]);
  if (!titles.every((title) => WITHOUT_END.test(title))) return undefined;
  const files = titles.map((title) => {
    const parts = title.split(' › ');
    const paths = parts.map((_, at) => `${parts.slice(0, at + 1).join('/')}.test.ts`);
    return paths.find((path) => existsSync(join(root, path))) ?? '';
  });
  const isLate = (file) => IN_REAL_TIME.some((path) => file.startsWith(path));
  if (files.length === 0 || !files.every(isLate)) return undefined;
  return ['ava', '--serial', ...new Set(files)];
}

/** The same command again, if by the suite's own word nothing failed and something was late. */
function wasInconclusive({ words, status }) {
  return status === 2 ? words : undefined;
}

/** Runs one command; what it prints is shown, and kept if asked. */
async function start([program, ...rest], env, isKept = false) {
  const stdio = ['inherit', isKept ? 'pipe' : 'inherit', 'inherit'];
  const child = spawn(program, rest, { cwd: root, env, stdio });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    process.stdout.write(text);
    output += text;
  });
  const [status] = await once(child, 'close').catch(() => []);
  return { words: [program, ...rest], status, output };
}

async function run({ name, words, beside = [], coverage, needs, again }) {
  if (needs !== undefined && process.env.CI !== 'true') {
    appendFileSync(leftOut, `${name}: needs ${needs}\n`);
    return true;
  }
  const env = { ...process.env, PRISMSPEC_LEFT_OUT: leftOut };
  if (coverage) env.NODE_V8_COVERAGE = join(root, 'coverage', 'tmp');
  env.PATH = `${join(root, 'node_modules', '.bin')}:${env.PATH}`;
  const isKept = again === failedInRealTime;
  const ends = await Promise.all([words, ...beside].map((each) => start(each, env, isKept)));
  for (const end of ends.filter(({ status }) => status !== 0)) {
    const second = again?.(end);
    if (second === undefined) return false;
    console.log(`\n== ${name}, again: ${second.join(' ')}`);
    // One after the other: what was late among others is alone now.
    if ((await start(second, env)).status !== 0) return false;
    unsteady.push(second.join(' '));
  }
  return true;
}

rmSync(join(root, 'coverage'), { recursive: true, force: true });
const failed = [];
const unsteady = [];
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
if (unsteady.length > 0)
  console.log(`\nlate at first, and passed alone:\n  ${unsteady.join('\n  ')}`);
if (failed.length > 0) console.log(`\nfailed: ${failed.join(', ')}`);
console.log(`\nchecks: ${steps.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
