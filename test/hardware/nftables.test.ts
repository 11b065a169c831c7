/** A kernel that nobody made for this suite, judged by it: no requirement that MUST hold may fail. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { oracle } from '../oracle.ts';

const PROGRAM = fileURLToPath(new URL('../../tools/prismspec.mjs', import.meta.url));
const TARGET = fileURLToPath(new URL('../../hardware/nftables/nftables.yaml', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'prismspec-nftables-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

/** Longest time for the whole; a minute where nothing else runs. */
const LIMIT_MS = 500_000;
/** What Linux does otherwise: RFC 1624 allows it, and the catalogue says SHOULD NOT. */
const KNOWN = ['PRISM-REW-06'];

interface Run {
  readonly requirements: readonly {
    readonly id: string;
    readonly level: string;
    readonly verdict: string;
  }[];
}

test('nftables in a namespace breaks no MUST of what it claims', (t) => {
  t.timeout(LIMIT_MS);
  if (!oracle(t, 'nft') || !oracle(t, 'unshare') || !oracle(t, 'python3')) return;
  // Replays and damaged frames by the million are left to those who have the time.
  const specs = ['PRISM-REW', 'PRISM-RULE', 'PRISM-RST', '!PRISM-REW-03'];
  const words = ['run', ...specs, '--target', TARGET, '--out', folder, '--report', 'json'];
  const done = spawnSync(process.execPath, [PROGRAM, ...words], { encoding: 'utf8' });
  t.is(done.status, 0, `${done.stdout}\n${done.stderr}`);
  const run: Run = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));
  const failed = run.requirements.filter(({ verdict }) => verdict === 'fail');
  t.deepEqual(
    failed.map(({ id }) => id),
    KNOWN,
  );
  const passed = run.requirements.filter(({ verdict }) => verdict === 'pass');
  t.true(passed.length >= 40, `${passed.length} passed`);
});
