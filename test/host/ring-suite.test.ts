/** The suite judges the ring switch: every frame passes this kernel on its way in and out. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { isKernelOurs } from './bed.ts';

const PROGRAM = fileURLToPath(new URL('../../tools/prismspec.mjs', import.meta.url));
const TARGET = fileURLToPath(new URL('ring-device.yaml', import.meta.url));
const LIMIT_MS = 300_000;
const folder = mkdtempSync(join(tmpdir(), 'prismspec-ring-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

/** What the shell could spoil; the whole suite, ten minutes, is for those who have the time. */
const SPECS = [
  'PRISM-REW-07',
  'PRISM-SEQ-04',
  'PRISM-RULE-01',
  'PRISM-RULE-13',
  'PRISM-RULE-23',
  'PRISM-RST',
  'PRISM-FIN',
  'PRISM-FWD-09',
  'PRISM-FWD-10',
  'PRISM-SEC-01',
];

interface Run {
  readonly requirements: readonly { readonly id: string; readonly verdict: string }[];
}

test.serial('the ring switch with HOLD passes what its shell could spoil', (t) => {
  t.timeout(LIMIT_MS);
  if (!isKernelOurs(t)) return;
  const words = ['run', ...SPECS, '--target', TARGET, '--out', folder, '--report', 'json'];
  const done = spawnSync(process.execPath, [PROGRAM, ...words], {
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  t.is(done.status, 0, `${done.stdout}\n${done.stderr}`);
  const run: Run = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));
  for (const { id, verdict } of run.requirements) t.is(verdict, 'pass', id);
  t.true(run.requirements.length >= SPECS.length);
});
