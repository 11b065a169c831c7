/**
 * Synthesises one size in this process, which has nothing else to do: the size is its argument, as
 * JSON; what yosys wrote goes to standard output, as JSON.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, cpuUsage, stderr, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { Exit, runYosys, type Tree } from '@yowasp/yosys';
import { z } from 'zod';
import { scriptOf } from './script.ts';

const RTL = fileURLToPath(new URL('../rtl', import.meta.url));
const LINES_SHOWN = 12;
const US_PER_SECOND = 1_000_000;

const SizeShape = z.strictObject({
  name: z.string(),
  parameters: z.record(z.string(), z.int().nonnegative()),
});

/** The folder of the core. Sorted: in another order the cells would be a few others. */
function sources(): Readonly<Record<string, string>> {
  const names = readdirSync(RTL)
    .filter((name) => /\.vh?$/u.test(name))
    .toSorted((a, b) => (a < b ? -1 : 1));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(RTL, name), 'utf8')]));
}

const size = SizeShape.parse(JSON.parse(argv[2] ?? ''));
const rtl = sources();
const modules = Object.keys(rtl).filter((name) => name.endsWith('.v'));
const script = scriptOf(
  size,
  modules.map((name) => `rtl/${name}`),
  'rtl',
);

let log = '';
const decoder = new TextDecoder();
function take(octets: Uint8Array | null): void {
  if (octets !== null) log += decoder.decode(octets, { stream: true });
}

let written: Tree = {};
try {
  const files = { rtl: { ...rtl }, 'synth.ys': script };
  written = (await runYosys(['-q', '-s', 'synth.ys'], files, { stdout: take, stderr: take })) ?? {};
} catch (cause) {
  if (!(cause instanceof Exit)) throw cause;
  stderr.write(`${log.trim().split('\n').slice(-LINES_SHOWN).join('\n')}\n`);
  process.exitCode = 1;
}
const { user, system } = cpuUsage();
const files = Object.entries(written).filter(([name]) => /\.(?:json|txt)$/u.test(name));
stdout.write(
  JSON.stringify({
    files: Object.fromEntries(files),
    processorSeconds: Math.round((user + system) / US_PER_SECOND),
  }),
);
