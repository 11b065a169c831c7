/** Two products that nobody made for this suite, judged by it: nothing fails but what is known. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { leaveOut, oracle } from '../../oracle.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'prismspec-products-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

/** Longest time for one product; half a minute where nothing else runs. */
const LIMIT_MS = 400_000;
/** Where products differ most: which route counts, which host, which order, which cookie. */
const SPECS = ['PRISM-URL-05', 'PRISM-URL-08', 'PRISM-URL-14', 'PRISM-SES-04'];

interface Run {
  readonly requirements: readonly { readonly id: string; readonly verdict: string }[];
}

const PRODUCTS = [
  { name: 'haproxy', options: ['--baseline', 'hardware/haproxy/baseline.yaml'], passed: 3 },
  { name: 'nginx', options: [], passed: 3 },
] as const;

for (const { name, options, passed } of PRODUCTS) {
  test.serial(`${name} in a namespace breaks nothing but what is known of it`, (t) => {
    t.timeout(LIMIT_MS);
    if (![name, 'ip', 'ethtool'].every((program) => oracle(t, program))) return;
    if (process.getuid?.() !== 0) {
      leaveOut(t, 'needs root');
      return;
    }
    const out = join(folder, name);
    const words = ['run', ...SPECS, '--target', `hardware/${name}/${name}.yaml`, ...options];
    const done = spawnSync(
      process.execPath,
      ['tools/prismspec.mjs', ...words, '--out', out, '--report', 'json'],
      { cwd: ROOT, encoding: 'utf8' },
    );
    // A machine that is late leaves some undecided, and that is no failure.
    t.true(done.status === 0 || done.status === 2, `${done.stdout}\n${done.stderr}`);
    const run: Run = JSON.parse(readFileSync(join(out, 'run.json'), 'utf8'));
    const good = run.requirements.filter(({ verdict }) => verdict === 'pass');
    t.true(good.length >= passed, JSON.stringify(run.requirements));
  });
}
