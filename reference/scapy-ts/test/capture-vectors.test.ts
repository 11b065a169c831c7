/** Captures written out octet by octet, after draft-ietf-opsawg-pcap and -pcapng. */
import test from 'ava';

import {
  CaptureFailure,
  captureReader,
  formatCaptureError,
  pcapHeader,
  pcapngInterface,
  pcapngPacket,
  pcapngSection,
  pcapRecord,
  readCapture,
} from '../capture/index.ts';
import type { CaptureEvent } from '../capture/index.ts';
import { cut, hex, join, readChunks } from './capture-files.ts';

const PACKET = hex('de ad be ef 01');

const PCAP_LITTLE_MICROSECONDS = hex(`
  d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000
  00f15365 40e20100 05000000 3c000000 deadbeef01 # 1700000000 s, 123456 us, 5 of 60 octets
`);

const PCAP_BIG_NANOSECONDS = hex(`
  a1b23c4d 0002 0004 ffffffff ffffffff 00040000 04000071 # FCS bits over link type 113
  6553f100 075bcd15 00000005 0000003c deadbeef01         # 123456789 ns
`);

/** Section and interface of one byte order each, with and without options. */
const PCAPNG_LITTLE = hex(`
  0a0d0d0a 50000000 4d3c2b1a 0100 0000 ffffffffffffffff
    0100 0300 6f6e6500 0100 0300 74776f00     # comments one, two
    0200 0200 68770000 0300 0200 6f730000     # hardware hw, os os
    0400 0300 61707000 ac0b 0400 00000000     # application app, a custom option
    0000 0000                                 # end of options
  50000000
  01000000 30000000 0100 0000 00000400
    0200 0400 65746830 0300 0200 c3a90000     # name eth0, description é
    0900 0100 09000000 0000 0000              # nanoseconds
  30000000
  06000000 44000000 00000000 fe9c9717 15cd853d 05000000 3c000000 deadbeef 01000000
    0100 0100 61000000 0200 0400 02000000     # comment a, outbound
    0100 0200 62630000 0000 0000              # comment bc
  44000000
`);

const PCAPNG_BIG = hex(`
  0a0d0d0a 0000001c 1a2b3c4d 0001 0002 0000000000000190 0000001c # minor 2, a section length
  00000001 0000002c 0001 ffff 00000004                           # keeps 4 octets of a packet
    0009 0001 8a000000 000e 0008 ffffffffffffff9c 0000 0000      # 2^-10 s, 100 s earlier
  0000002c
  00000001 00000014 0071 0000 00000000 00000014                  # microseconds, no limit
  00000004 00000010 00000000 00000010                            # name resolution: skipped
  00000005 00000018 00000000 00000000 00000000 00000018          # statistics: skipped
  80000bad 0000000c 0000000c                                     # unknown: skipped
  00000003 00000014 00000009 deadbeef 00000014                   # simple: 4 of 9 octets
  00000002 00000030 0001 0007 00060a24 18202240 00000005 00000009 deadbeef 01000000
    0002 0004 00000001                                           # inbound; the list just ends
  00000030
  00000006 00000024 00000000 00000195 4fc40200 00000001 00000001 ab000000 00000024
`);

const LITTLE_EVENTS: readonly CaptureEvent[] = [
  {
    kind: 'section',
    byteOrder: 'little',
    comments: ['one', 'two'],
    hardware: 'hw',
    os: 'os',
    application: 'app',
  },
  {
    kind: 'interface',
    id: 0,
    name: 'eth0',
    description: 'é',
    linkType: 1,
    snapLength: 262_144,
    resolution: 9,
    comments: [],
  },
  {
    kind: 'packet',
    interfaceId: 0,
    seconds: 1_700_000_000,
    nanoseconds: 123_456_789,
    octets: PACKET,
    originalLength: 60,
    comments: ['a', 'bc'],
    direction: 'outbound',
  },
];

const BIG_EVENTS: readonly CaptureEvent[] = [
  { kind: 'section', byteOrder: 'big', comments: [] },
  { kind: 'interface', id: 0, linkType: 1, snapLength: 4, resolution: 0x8a, comments: [] },
  { kind: 'interface', id: 1, linkType: 113, snapLength: 0, resolution: 6, comments: [] },
  {
    kind: 'packet',
    interfaceId: 0,
    seconds: 0,
    nanoseconds: 0,
    octets: hex('deadbeef'),
    originalLength: 9,
    comments: [],
  },
  {
    kind: 'packet',
    interfaceId: 1,
    seconds: 1_700_000_000,
    nanoseconds: 123_456_000,
    octets: PACKET,
    originalLength: 9,
    comments: [],
    direction: 'inbound',
  },
  {
    kind: 'packet',
    interfaceId: 0,
    seconds: 1_699_999_900,
    nanoseconds: 500_000_000,
    octets: hex('ab'),
    originalLength: 1,
    comments: [],
  },
];

function pcapEvents(byteOrder: 'little' | 'big', linkType: number, nanoseconds: number) {
  const resolution = byteOrder === 'big' ? 9 : 6;
  return [
    { kind: 'section', byteOrder, comments: [] },
    { kind: 'interface', id: 0, linkType, snapLength: 262_144, resolution, comments: [] },
    {
      kind: 'packet',
      interfaceId: 0,
      seconds: 1_700_000_000,
      nanoseconds,
      octets: PACKET,
      originalLength: 60,
      comments: [],
    },
  ] satisfies readonly CaptureEvent[];
}

const VECTORS = [
  {
    name: 'pcap, little-endian, microseconds',
    file: PCAP_LITTLE_MICROSECONDS,
    events: pcapEvents('little', 1, 123_456_000),
  },
  {
    name: 'pcap, big-endian, nanoseconds',
    file: PCAP_BIG_NANOSECONDS,
    events: pcapEvents('big', 113, 123_456_789),
  },
  { name: 'pcapng, little-endian', file: PCAPNG_LITTLE, events: LITTLE_EVENTS },
  { name: 'pcapng, big-endian, every packet block', file: PCAPNG_BIG, events: BIG_EVENTS },
  {
    name: 'pcapng, two sections of different byte order',
    file: join([PCAPNG_BIG, PCAPNG_LITTLE]),
    events: [...BIG_EVENTS, ...LITTLE_EVENTS],
  },
];

for (const { name, file, events } of VECTORS) {
  test(`${name}: read`, (t) => {
    t.deepEqual(readChunks([file]), { events, error: undefined });
  });

  test(`${name}: read when cut in two at any octet`, (t) => {
    for (let place = 0; place <= file.length; place += 1) {
      t.deepEqual(readChunks(cut(file, [place])), { events, error: undefined });
    }
  });
}

test('the two other magic numbers of pcap', (t) => {
  const bigMicroseconds = hex('a1b2c3d4 0002 0004 00000000 00000000 00000001 00000001');
  const littleNanoseconds = hex('4d3cb2a1 0200 0400 00000000 00000000 01000000 01000000');
  const expected = { kind: 'interface', id: 0, linkType: 1, snapLength: 1, comments: [] };
  t.deepEqual(readChunks([bigMicroseconds]).events, [
    { kind: 'section', byteOrder: 'big', comments: [] },
    { ...expected, resolution: 6 },
  ] as const);
  t.deepEqual(readChunks([littleNanoseconds]).events, [
    { kind: 'section', byteOrder: 'little', comments: [] },
    { ...expected, resolution: 9 },
  ] as const);
});

test('a fraction of a whole second or more is carried into the seconds', (t) => {
  const record = hex('01000000 c1cf6a00 00000000 00000000'); // 1 s and 7000001 us
  const { events } = readChunks([join([pcapHeader(), record])]);
  t.like(events[2], { seconds: 8, nanoseconds: 1000 });
});

test('what is written is what the specification draws', (t) => {
  const pcap = { seconds: 1_700_000_000, nanoseconds: 123_456_789, octets: PACKET };
  const packet = { ...pcap, originalLength: 60 };
  t.deepEqual(join([pcapHeader(), pcapRecord(packet)]), PCAP_LITTLE_MICROSECONDS);
  const big = { byteOrder: 'big', nanoseconds: true } as const;
  t.deepEqual(pcapRecord(packet, big), PCAP_BIG_NANOSECONDS.slice(24));
  t.deepEqual(
    pcapHeader({ ...big, linkType: 113, snapLength: 65_535 }),
    hex('a1b23c4d 0002 0004 00000000 00000000 0000ffff 00000071'),
  );
  t.deepEqual(
    pcapngSection({ byteOrder: 'big', comments: ['hello'] }),
    hex(`0a0d0d0a 0000002c 1a2b3c4d 0001 0000 ffffffffffffffff
         0001 0005 68656c6c 6f000000 0000 0000 0000002c`),
  );
  t.deepEqual(
    pcapngInterface({ name: 'eth0' }),
    hex(`01000000 28000000 0100 0000 00000400
         0200 0400 65746830 0900 0100 06000000 0000 0000 28000000`),
  );
  t.deepEqual(
    pcapngPacket({ ...pcap, interfaceId: 1, direction: 'inbound' }, { resolution: 9 }),
    hex(`06000000 34000000 01000000 fe9c9717 15cd853d 05000000 05000000 deadbeef 01000000
         0200 0400 01000000 0000 0000 34000000`),
  );
});

test('a part of a tick is cut off when written', (t) => {
  const packet = { seconds: 1, nanoseconds: 999_999_999, octets: new Uint8Array(0) };
  t.deepEqual(pcapRecord(packet).slice(0, 8), hex('01000000 3f420f00'));
  t.deepEqual(pcapngPacket(packet).slice(12, 20), hex('00000000 7f841e00')); // 1999999 us
});

test('timestamps at the edges of 64 bits', (t) => {
  const cases = [
    { resolution: 6, ticks: '00000000 00000000', seconds: 0, nanoseconds: 0 },
    { resolution: 6, ticks: '00000000 000f423f', seconds: 0, nanoseconds: 999_999_000 },
    { resolution: 6, ticks: '00000000 000f4240', seconds: 1, nanoseconds: 0 },
    {
      resolution: 6,
      ticks: 'ffffffff ffffffff',
      seconds: 18_446_744_073_709,
      nanoseconds: 551_615_000,
    },
    { resolution: 9, ticks: '00000000 3b9ac9ff', seconds: 0, nanoseconds: 999_999_999 },
    { resolution: 9, ticks: '00000000 3b9aca00', seconds: 1, nanoseconds: 0 },
    {
      resolution: 9,
      ticks: 'ffffffff ffffffff',
      seconds: 18_446_744_073,
      nanoseconds: 709_551_615,
    },
    { resolution: 3, ticks: '00000001 00000000', seconds: 4_294_967, nanoseconds: 296_000_000 },
    { resolution: 12, ticks: '000000e8 d4a51bb7', seconds: 1, nanoseconds: 2 },
    { resolution: 127, ticks: 'ffffffff ffffffff', seconds: 0, nanoseconds: 0 },
    { resolution: 0x80, ticks: '00000001 00000001', seconds: 4_294_967_297, nanoseconds: 0 },
    { resolution: 0xa0, ticks: '00000001 80000000', seconds: 1, nanoseconds: 500_000_000 },
    { resolution: 0xc0, ticks: '80000000 00000000', seconds: 0, nanoseconds: 500_000_000 },
  ];
  for (const { resolution, ticks, seconds, nanoseconds } of cases) {
    const block = `00000006 00000020 00000000 ${ticks} 00000000 00000000 00000020`;
    const { events } = readChunks([
      pcapngSection({ byteOrder: 'big' }),
      pcapngInterface({ byteOrder: 'big', resolution }),
      hex(block),
    ]);
    t.like(events[2], { seconds, nanoseconds }, `${ticks} at ${resolution}`);
  }
});

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
