/** Reading and writing captures that are known octet by octet. */
import test from 'ava';

import {
  pcapHeader,
  pcapngInterface,
  pcapngPacket,
  pcapngSection,
  pcapRecord,
} from '../capture/index.ts';
import { cut, hex, join, readChunks } from './capture-files.ts';
import {
  PACKET,
  PCAP_BIG_NANOSECONDS,
  PCAP_LITTLE_MICROSECONDS,
  VECTORS,
} from './capture-vectors.ts';

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
