/** `prismspec lab`: up, demo and down, as a user types them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { whyNoDataPath } from '../../../reference/host/bpf/datapath.ts';
import { findKept } from '../../../reference/host/laboratory/keeper.ts';
import { until } from '../../../reference/host/laboratory/laboratory.ts';
import { leaveOut, oracle } from '../../oracle.ts';
import { programIn } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'prismspec-test-'));
const SPLICED_MAX_MS = 5000;
const prismspec = programIn(folder);
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function isLabOurs(t: ExecutionContext): boolean {
  t.timeout(120_000);
  const missing = process.getuid?.() === 0 ? whyNoDataPath() : 'needs root';
  if (missing === undefined) return oracle(t, 'ip') && oracle(t, 'curl');
  leaveOut(t, missing);
  return false;
}

test.serial('the demonstration sees all that it says', async (t) => {
  if (!isLabOurs(t)) return;
  const { exit, stdout, stderr } = await prismspec(['lab', 'demo', '--out', 'demo']);
  t.is(stderr, '');
  t.is(exit, 0, stdout);
  t.regex(stdout, /GET \/b\/60000 {3}200 {2}60000 octets from b2, the same connection/u);
  t.regex(stdout, /through the switch +20\d,\d{3},\d{3} octets/u);
  t.regex(stdout, /through the controller +\d{2} octets/u);
  t.regex(
    stdout,
    /5 {2}curl downloads from (?:nginx|a bare server of Node\.js), which knows of no Prism/u,
  );
  t.regex(stdout, /GET \/c\/20000000 {3}200 {2}20,000,000 octets.*every octet right/u);
  // What has come before the two were joined, and what came after it.
  t.regex(stdout, /every octet right\n +through the controller +[\d,]{1,9} octets/u);
  t.regex(stdout, /through the switch +(?:1\d|20),\d{3},\d{3} octets/u);
  const lines = readFileSync(join(folder, 'demo/timeline.jsonl'), 'utf8').trim().split('\n');
  t.regex(lines.join('\n'), /"passed on to b3"\}\n.*"splice to b3"\}\n.*"spliced to b3"\}/u);
  t.true(lines.every((line) => typeof JSON.parse(line).what === 'string'));
});

test.serial('what is up is found again, measured, and taken down whole', async (t) => {
  if (!isLabOurs(t)) return;
  if (findKept() !== undefined) return leaveOut(t, 'a laboratory is up on this machine');
  const up = await prismspec(['lab', 'up', '--out', 'up']);
  t.is(up.exit, 0, up.stderr);
  const kept = findKept();
  if (kept === undefined) return t.fail('nothing is up');
  t.teardown(() => void (findKept() && process.kill(kept.pid)));
  const again = await prismspec(['lab', 'up']);
  t.regex(again.stdout, /is up already/u);
  const text = await (await fetch(kept.metrics)).text();
  t.regex(text, /^prism_switch_rules 0$/mu);
  t.regex(text, /^prism_splices_total\{outcome="spliced"\} 0$/mu);
  const curl = ['curl', '-sS', '-o', '/dev/null', `http://10.0.0.1${kept.file}`];
  const words = ['netns', 'exec', kept.namespaces['c1'] ?? '', ...curl];
  t.is(spawnSync('ip', words, { encoding: 'utf8' }).stderr, '');
  let after = '';
  const isSpliced = async (): Promise<boolean> => {
    after = await (await fetch(kept.metrics)).text();
    return /^prism_splices_total\{outcome="spliced"\} 1$/mu.test(after);
  };
  await until(isSpliced, SPLICED_MAX_MS, () => after);
  t.regex(after, /^prism_splice_seconds\{step="whole",quantile="0.5"\} 0\.\d+$/mu);
  t.regex(after, /^prism_splice_seconds\{step="joining",quantile="0.99"\} 0\.\d+$/mu);
  const notes = readFileSync(kept.timeline, 'utf8');
  t.regex(notes, /"splice to b3"\}\n.*"spliced to b3"\}\n/u);
  const down = await prismspec(['lab', 'down']);
  t.deepEqual([down.exit, down.stdout], [0, '  the laboratory is down\n']);
  t.is(findKept(), undefined);
  const none = await prismspec(['lab', 'down']);
  t.deepEqual([none.exit, none.stdout], [0, '  no laboratory is up\n']);
});
