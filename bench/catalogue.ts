/**
 * How long the whole switch catalogue takes on the embedded reference, start of Node included.
 *
 *   node --import ./tools/register.mjs bench/catalogue.ts
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROUNDS = 5;
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const out = mkdtempSync(join(tmpdir(), 'prismspec-bench-'));

const seconds: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const started = process.hrtime.bigint();
  const done = spawnSync('node', ['tools/prismspec.mjs', 'run', '--out', out], { cwd: ROOT });
  if (done.status !== 0)
    throw new Error(`the run ended with ${String(done.status)}: ${done.stdout.toString()}`);
  seconds.push(Number(process.hrtime.bigint() - started) / 1e9);
}
rmSync(out, { recursive: true, force: true });

const sorted = seconds.toSorted((a, b) => a - b);
const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
const [cpu] = cpus();
console.log(`node ${process.version}, ${cpus().length} x ${cpu?.model ?? 'unknown'}`);
console.log(`whole switch catalogue, in process: median ${median.toFixed(2)} s of ${ROUNDS}`);
console.log(`  ${sorted.map((each) => each.toFixed(2)).join(' ')}`);
