/** A story as one capture: what is in it, and that `check` judges it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { captureReader } from 'scapy-ts';
import { captureName } from '../../../conformance/bundle/name.ts';
import type { Observation, TappedFrame } from '../../../conformance/driver/system.ts';
import { captureOf } from '../../../conformance/system/story-capture.ts';
import { programIn } from '../cli/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'prismspec-story-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const place = { host: 'c1', direction: 'in', atMs: 1500.25, octets: new Uint8Array(60) } as const;
const NOTHING: Observation = {
  clients: [],
  executions: [],
  frames: [],
  messages: [],
  notes: [],
  rules: 0,
  endMs: 0,
};

test('each frame is at the interface of its side, with its time', (t) => {
  const frames: readonly TappedFrame[] = [
    { tap: 'client', ...place },
    { tap: 'backend', ...place, host: 'b1', direction: 'out', octets: Uint8Array.of(1, 2) },
    { tap: 'controller', ...place },
  ];
  // Nothing is lost of a story with a long text, but the end of the text.
  const text = 'ä'.repeat(40_000);
  const reader = captureReader();
  const read = reader.push(captureOf({ ...NOTHING, frames }, ['o\0ne', text]));
  if (!read.ok) throw new Error(read.error.kind);
  const events = read.value;
  t.true(reader.end().ok);
  const names = events.flatMap((event) => (event.kind === 'interface' ? [event.name] : []));
  t.deepEqual(names, ['client', 'backend', 'controller']);
  const packets = events.filter((event) => event.kind === 'packet');
  t.deepEqual(
    packets.map(({ interfaceId, seconds, nanoseconds }) => [interfaceId, seconds, nanoseconds]),
    [0, 1, 2].map((each) => [each, 1, 500_250_000]),
  );
  t.like(packets[1], { octets: Uint8Array.of(1, 2), comments: ['to b1'] });
  const [section] = events;
  const comments = section?.kind === 'section' ? section.comments : [];
  t.is(comments?.[0], 'o\u{fffd}ne');
  t.regex(comments?.[1] ?? '', /^ä{30000}$/u);
});

test('captures of what failed are beside the bundles', (t) => {
  const named = { requirements: ['PRISM-MIG-01'], uri: 'features/a/b.feature', line: 7 };
  t.is(captureName(named, false), 'bugs/PRISM-MIG-01.b-7.pcapng');
  t.is(captureName(named, true), 'captures/PRISM-MIG-01.b-7.pcapng');
});

test('run --captures keeps every story, and check blames none', async (t) => {
  const prismspec = programIn(folder);
  const out = join(folder, 'out');
  const words = ['run', 'PRISM-MIG-12', '--target', 'sim', '--captures', '--out', out];
  t.is((await prismspec(words)).exit, 0);
  const files = readdirSync(join(out, 'captures'));
  t.true(files.length > 1);
  for (const file of files) {
    // oxlint-disable-next-line no-await-in-loop -- one process at a time
    const { exit, stdout } = await prismspec(['check', join(out, 'captures', file)]);
    t.is(exit, 0, stdout);
    t.regex(stdout, /controller: \d+ packets/u);
  }
  const run: unknown = JSON.parse(readFileSync(join(out, 'run.json'), 'utf8'));
  t.true(JSON.stringify(run).includes(`captures/${files[0]}`));
});
