/** Captures that explain themselves, read by our own reader and by tshark. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { captureReader, type CaptureEvent } from 'scapy-ts';
import { sequenceCapture } from '../../../conformance/bundle/capture.ts';
import type { Sequence } from '../../../conformance/bundle/sequence.ts';
import { PORT_ROLES } from '../../../conformance/driver/device.ts';
import { oracle } from '../../oracle.ts';
import { SPLICE } from '../bed.ts';
import {
  added,
  benchWith,
  flipped,
  isTcp,
  judgedSegment,
  operationsWith,
  sequenceOn,
} from './bed.ts';

function eventsOf(octets: Uint8Array): readonly CaptureEvent[] {
  const reader = captureReader();
  const pushed = reader.push(octets);
  const ended = reader.end();
  if (!pushed.ok || !ended.ok) throw new Error('the capture cannot be read');
  return [...pushed.value, ...ended.value];
}

async function badSequence(): Promise<Sequence> {
  const bench = await benchWith((left) =>
    left.map((each) => (isTcp(each) && each.frame[41] === 0xf1 ? flipped(each, 53) : each)),
  );
  // The second segment leaves with sequence number …f1, and a wrong urgent pointer.
  const stimuli = [judgedSegment({ seq: 0 }), judgedSegment({ seq: 2 })];
  return sequenceOn(bench, operationsWith(stimuli));
}

const ADD =
  'command: add 192.0.2.10:40000 > 198.51.100.1:80, owner 10.0.0.21:8080 at 02:00:00:00:00:b1, ' +
  'SPLICE clientSeq +2309737967, ownerSeq +1985281756, epoch 1: done';

test('each packet tells what was done, what was expected, what was seen and what differs', async (t) => {
  const events = eventsOf(sequenceCapture(await badSequence(), ['a title', 'replay: x']));
  const [section, ...rest] = events;
  t.like(section, { kind: 'section', comments: ['a title', 'replay: x'] });
  const interfaces = rest.filter(({ kind }) => kind === 'interface');
  t.deepEqual(
    interfaces.map((each) => (each.kind === 'interface' ? each.name : '')),
    [...PORT_ROLES],
  );
  const packets = rest.flatMap((each) => (each.kind === 'packet' ? [each] : []));
  t.is(packets.length, 4);
  const [first, second, third, fourth] = packets.map(({ comments }) => comments);
  const toBackend = 'Ethernet / IPv4 192.0.2.10 > 10.0.0.21 / TCP 40000 > 8080 A';
  t.deepEqual(first, [
    'packet 1 of 4',
    'reset: no rule, no address is known',
    ADD,
    'injected at client0 (client)',
    `expected: ${toBackend} seq 2309737967 ack 1985283756 at backend0 (backend 1)`,
    'seen: nothing wrong',
  ]);
  const wrong = (second ?? []).filter((line) => line.startsWith('WRONG'));
  t.deepEqual(wrong.slice(0, 1), ['WRONG tcp.urgent: expected 0, observed 1']);
  t.deepEqual(third, ['packet 3 of 4', 'left at backend0 (backend 1)', 'nothing wrong']);
  t.deepEqual(fourth?.slice(0, 2), ['packet 4 of 4', 'left at backend0 (backend 1)']);
  t.deepEqual(fourth?.slice(2), wrong);
  t.deepEqual(
    packets.map(({ direction }) => direction),
    ['inbound', 'inbound', 'outbound', 'outbound'],
  );
});

test('commands that no packet follows are told at the end', (t) => {
  const reply = { ok: false, error: 'exists', detail: 'a rule' } as const;
  const refused = { ...added(SPLICE, 2), reply };
  const sequence: Sequence = {
    operations: [{ kind: 'reset' }, refused, { kind: 'advance', seconds: 3 }],
    complete: false,
    judgement: { kind: 'recorded' },
    findings: [],
  };
  const [section] = eventsOf(sequenceCapture(sequence, ['t']));
  t.deepEqual(section?.kind === 'section' ? section.comments : [], [
    't',
    'the first frames since the reset were too many',
    'at the end: reset: no rule, no address is known',
    `at the end: ${ADD.replace('epoch 1: done', 'epoch 2: refused: exists, a rule')}`,
    'at the end: the clock was moved on by 3 s',
  ]);
});

test('of many commands before one packet the last are told, and text of any kind fits', (t) => {
  const commands = Array.from({ length: 500 }, (_, index) => added(SPLICE, index));
  const sequence: Sequence = {
    operations: [...commands, ...operationsWith([judgedSegment({})], [])],
    complete: true,
    judgement: { kind: 'recorded' },
    findings: [],
  };
  const events = eventsOf(sequenceCapture(sequence, [`\0${'x'.repeat(100_000)}`]));
  const packet = events.find(({ kind }) => kind === 'packet');
  const comments = packet?.kind === 'packet' ? packet.comments : [];
  t.is(comments[1], '451 earlier commands');
  t.is(comments.filter((line) => line.startsWith('command: ')).length, 49);
  const [section] = events;
  t.true((section?.kind === 'section' ? (section.comments[0]?.length ?? 0) : 0) < 2100);
});

test('tshark reads the comments, the interfaces and the directions', async (t) => {
  if (!oracle(t, 'tshark')) return;
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-test-'));
  const path = join(folder, 'x.pcapng');
  writeFileSync(path, sequenceCapture(await badSequence(), ['a title']));
  const fields = ['frame.interface_name', 'frame.comment'].flatMap((name) => ['-e', name]);
  const { stdout } = spawnSync('tshark', ['-r', path, '-T', 'fields', ...fields], {
    encoding: 'utf8',
  });
  const { stdout: whole } = spawnSync('tshark', ['-r', path, '-V'], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  const lines = stdout.trimEnd().split('\n');
  t.is(lines.length, 4);
  t.regex(lines[0] ?? '', /^client0\t.*injected at client0 \(client\),expected: Ethernet/u);
  t.regex(lines[3] ?? '', /^backend0\t.*WRONG tcp\.urgent: expected 0, observed 1/u);
  t.regex(whole, /Direction: Inbound/u);
  t.regex(whole, /Direction: Outbound/u);
});
