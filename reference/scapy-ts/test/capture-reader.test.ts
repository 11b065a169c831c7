/** How a reader hands over packets, texts and faults. */
import test from 'ava';

import {
  CaptureFailure,
  captureReader,
  formatCaptureError,
  pcapHeader,
  pcapRecord,
  readCapture,
} from '../capture/index.ts';
import type { CaptureEvent } from '../capture/index.ts';
import { hex, join, readChunks } from './capture-files.ts';
import { LITTLE_EVENTS, PACKET, PCAPNG_LITTLE } from './capture-vectors.ts';

test('a packet is a view of its chunk, and a copy only where it lies across two', (t) => {
  const records = join([pcapHeader(), pcapRecord({ seconds: 0, nanoseconds: 0, octets: PACKET })]);
  const whole = readChunks([records]).events[2];
  const reader = captureReader();
  const first = records.slice(0, 42);
  reader.push(first);
  const answer = reader.push(records.slice(42));
  first.fill(0);
  t.true(whole?.kind === 'packet' && whole.octets.buffer === records.buffer);
  t.true(answer.ok);
  t.like(answer.ok ? answer.value[0] : {}, { octets: PACKET });
});

test('texts end at a zero octet, keep a byte-order mark, and have bad UTF-8 replaced', (t) => {
  const { events } = readChunks([
    hex(`0a0d0d0a 00000038 1a2b3c4d 0001 0000 ffffffffffffffff
         0001 0004 61006263 0001 0002 ff620000 0001 0004 efbbbf63 0000 0000 00000038`),
  ]);
  t.like(events[0], { comments: ['a', '\u{fffd}b', '\u{feff}c'] });
});

test('what stands after the end of the options is skipped', (t) => {
  const { events, error } = readChunks([
    hex(`0a0d0d0a 0000002c 1a2b3c4d 0001 0000 ffffffffffffffff
         0001 0001 61000000 0000 0000 0001 ffff 0000002c`),
  ]);
  t.is(error, undefined);
  t.like(events[0], { comments: ['a'] });
});

test('counters of an interface are read; a block without them says nothing', (t) => {
  const section = '0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c';
  const description = '00000001 00000014 0001 0000 00000000 00000014';
  // Options 4 (received), 5 (dropped by the interface) and 7 (dropped by the system).
  const counters =
    '0004 0008 0000000000000009 0005 0008 0000000000000002 0007 0008 0000000100000000';
  const { events, error } = readChunks([
    hex(`${section} ${description}
         00000005 00000018 00000000 00000000 00000000 00000018
         00000005 0000003c 00000000 00000000 00000000 ${counters} 0000003c`),
  ]);
  t.is(error, undefined);
  t.deepEqual(events.slice(2), [
    {
      kind: 'statistics',
      interfaceId: 0,
      received: 9,
      droppedByInterface: 2,
      droppedBySystem: 2 ** 32,
    },
  ]);
});

test('statistics of an interface that was not described, or of a wrong size, are a fault', (t) => {
  const section = '0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c';
  const description = '00000001 00000014 0001 0000 00000000 00000014';
  const unknown = readChunks([
    hex(`${section} 00000005 00000018 00000000 00000000 00000000 00000018`),
  ]);
  t.like(unknown.error, { kind: 'malformed', at: 36 });
  const short = readChunks([
    hex(`${section} ${description}
         00000005 00000020 00000000 00000000 00000000 0005 0004 00000002 00000020`),
  ]);
  t.like(short.error, { kind: 'malformed', what: 'length of option 5', need: 8, have: 4 });
});

test('readCapture gives batches, then throws the fault', async (t) => {
  const events: CaptureEvent[] = [];
  const failure = await t.throwsAsync(
    async () => {
      for await (const batch of readCapture([join([PCAPNG_LITTLE, hex('06000000 03')])])) {
        events.push(...batch);
      }
    },
    { instanceOf: CaptureFailure },
  );
  t.deepEqual(events, LITTLE_EVENTS);
  const error = {
    kind: 'truncated',
    at: PCAPNG_LITTLE.length,
    what: 'block header',
    rule: 'at least',
    need: 12,
    have: 5,
  } as const;
  t.deepEqual(failure.error, error);
  t.is(failure.message, formatCaptureError(error));
});

test('readCapture tells a fault without waiting for another chunk', async (t) => {
  async function* source(): AsyncGenerator<Uint8Array> {
    await Promise.resolve();
    yield join([PCAPNG_LITTLE, hex('06000000 03000000 00000000')]);
    t.fail('another chunk was asked for');
  }
  await t.throwsAsync(
    async () => {
      for await (const events of readCapture(source())) t.deepEqual(events, LITTLE_EVENTS);
    },
    { instanceOf: CaptureFailure, message: /^octet 200: malformed: remainder/ },
  );
});

test('readCapture reads a great chunk in several batches', async (t) => {
  const octets = new Uint8Array(60_000).fill(7);
  const records = Array.from({ length: 50 }, (_, seconds) =>
    pcapRecord({ seconds, nanoseconds: 0, octets }),
  );
  const batches: (readonly CaptureEvent[])[] = [];
  for await (const events of readCapture([join([pcapHeader(), ...records])])) batches.push(events);
  t.is(batches.length, 3);
  const packets = batches.flat().filter((event) => event.kind === 'packet');
  t.deepEqual(
    packets.map(({ seconds }) => seconds),
    Array.from({ length: 50 }, (_, index) => index),
  );
  t.true(packets.every((packet) => packet.octets.every((octet) => octet === 7)));
});
