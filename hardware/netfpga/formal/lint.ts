/**
 * Checks that the core is Verilog-2001 without a warning, at each width and for small tables.
 *
 *   node --import ./tools/register.mjs hardware/netfpga/formal/lint.ts
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const RTL = fileURLToPath(new URL('../rtl', import.meta.url));
const TOP = 'prism_core';
/** Of SUME, and of PLUS as it comes and as it was built. */
const WIDTHS = [256, 512, 1024];
/** RULES_LOG2 and FLOWS_LOG2. */
const TABLES = [
  [16, 18],
  [14, 17],
  [2, 4],
] as const;

/* A wire may have bits that nobody reads: tables and headers have. */
const VERILATOR = '--lint-only -Wall -Wno-UNUSEDSIGNAL --language 1364-2005'.split(' ');

function check(name: string, program: string, words: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(program, words, {
    cwd: RTL,
    encoding: 'utf8',
  });
  if (error !== undefined) throw new Error(`${program} is needed: apt-get install ${program}`);
  const isClean = status === 0 && `${stdout}${stderr}`.trim() === '';
  process.stdout.write(`${name.padEnd(40)} ${isClean ? 'clean' : 'FAILED'}\n`);
  if (isClean) return;
  process.stdout.write(`${stdout}${stderr}`);
  process.exitCode = 1;
}

for (const width of WIDTHS) {
  for (const [rules, flows] of TABLES) {
    const sizes = `-GDATA_WIDTH=${width} -GRULES_LOG2=${rules} -GFLOWS_LOG2=${flows}`.split(' ');
    const words = [...VERILATOR, ...sizes, `${TOP}.v`];
    check(`verilator ${width} bits, 2^${rules} rules`, 'verilator', words);
  }
}
const sources = readdirSync(RTL).filter((name) => name.endsWith('.v'));
check('iverilog, Verilog-2001', 'iverilog', ['-g2001', '-t', 'null', '-s', TOP, ...sources]);
