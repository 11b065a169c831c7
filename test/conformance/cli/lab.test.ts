/** `prismspec lab`: up, demo and down, as a user types them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { whyNoDataPath } from '../../../reference/host/bpf/datapath.ts';
import { findKept } from '../../../reference/host/laboratory/keeper.ts';
import { leaveOut, oracle } from '../../oracle.ts';
import { programIn } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'prismspec-test-'));
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
  const lines = readFileSync(join(folder, 'demo/timeline.jsonl'), 'utf8').trim().split('\n');
  t.true(lines.every((line) => typeof JSON.parse(line).what === 'string'));
});

test.serial('what is up is found again, measured, and taken down whole', async (t) => {
  if (!isLabOurs(t)) return;
  if (findKept() !== undefined) return leaveOut(t, 'a laboratory is up on this machine');
  const up = await prismspec(['lab', 'up', '--out', 'up']);
  t.is(up.exit, 0, up.stderr);
  const kept = findKept();
  if (kept === undefined) return t.fail('nothing is up');
  const again = await prismspec(['lab', 'up']);
  t.regex(again.stdout, /is up already/u);
  const text = await (await fetch(kept.metrics)).text();
  t.regex(text, /^prism_switch_rules 0$/mu);
  const down = await prismspec(['lab', 'down']);
  t.deepEqual([down.exit, down.stdout], [0, '  the laboratory is down\n']);
  t.is(findKept(), undefined);
  const none = await prismspec(['lab', 'down']);
  t.deepEqual([none.exit, none.stdout], [0, '  no laboratory is up\n']);
});
