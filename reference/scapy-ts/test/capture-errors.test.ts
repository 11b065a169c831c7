/** What a reader says of files that are not captures, or are broken; what a writer refuses. */
import test from 'ava';

import {
  formatCaptureError,
  pcapHeader,
  pcapngInterface,
  pcapngPacket,
  pcapngSection,
  pcapRecord,
} from '../capture/index.ts';
import { hex, join, readChunks } from './capture-files.ts';

const SECTION = '0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000'; // 28 octets
const INTERFACE = '01000000 14000000 0100 0000 04000000 14000000'; // 20 octets
const PCAP = 'd4c3b2a1 0200 0400 00000000 00000000 00000400 01000000'; // 24 octets

const FAULTS = [
  { file: '', says: 'octet 0: truncated: magic number: expected at least 4, found 0' },
  { file: 'd4c3b2', says: 'octet 0: truncated: magic number: expected at least 4, found 3' },
  {
    file: '1f8b0800 00000000',
    says: 'octet 0: not a pcap or pcapng capture: it starts with 0x1f8b0800',
  },
  {
    file: '00000001',
    says: 'octet 0: not a pcap or pcapng capture: it starts with 0x00000001',
  },
  {
    file: 'd4c3b2a1 0200',
    says: 'octet 0: truncated: pcap file header: expected at least 24, found 6',
  },
  {
    file: PCAP.replace('0200', '0300'),
    says: 'octet 4: unsupported: pcap major version: expected exactly 2, found 3',
  },
  {
    file: PCAP.replace('0400', '0300'),
    says: 'octet 6: unsupported: pcap minor version: expected exactly 4, found 3',
  },
  {
    file: `${PCAP} 00000000`,
    says: 'octet 24: truncated: packet record header: expected at least 16, found 4',
  },
  {
    file: `${PCAP} 00000000 00000000 05000000 05000000 aabb`,
    says: 'octet 24: truncated: packet record: expected at least 21, found 18',
  },
  {
    file: `${PCAP} 00000000 00000000 f1ffff00 05000000`,
    says: 'octet 32: too-long: packet record: expected at most 16777216, found 16777217',
  },
  {
    file: SECTION.replace('4d3c2b1a', '4d3c2b1b'),
    says: 'octet 8: malformed: byte-order magic: expected exactly 439041101, found 1295788827',
  },
  {
    file: SECTION.replace('0100', '0200'),
    says: 'octet 12: unsupported: pcapng major version: expected exactly 1, found 2',
  },
  {
    file: SECTION.replace('0000 ff', '0100 ff'),
    says: 'octet 14: unsupported: pcapng minor version: expected exactly 0, found 1',
  },
  {
    file: `${SECTION} 06000000`,
    says: 'octet 28: truncated: block header: expected at least 12, found 4',
  },
  {
    file: `${SECTION} 63000000 20000000 00000000`,
    says: 'octet 28: truncated: block: expected at least 32, found 12',
  },
  {
    file: `${SECTION} 63000000 08000000 08000000`,
    says: 'octet 32: malformed: block length: expected at least 12, found 8',
  },
  {
    file: `${SECTION} 63000000 0d000000 0d000000`,
    says: 'octet 32: malformed: remainder of the block length by 4: expected exactly 0, found 1',
  },
  {
    file: `${SECTION} 63000000 04000001 04000001`,
    says: 'octet 32: too-long: block length: expected at most 16777216, found 16777220',
  },
  {
    file: `${SECTION} 63000000 0c000000 10000000`,
    says: 'octet 36: malformed: repeated block length: expected exactly 12, found 16',
  },
  {
    file: `${SECTION} 01000000 10000000 00000000 10000000`,
    says: 'octet 32: malformed: block length: expected at least 20, found 16',
  },
  {
    file: `${SECTION} 01000000 18000000 0100 0000 00000000 0200 0100 18000000`,
    says: 'octet 46: malformed: length of option 2: expected at most 0, found 1',
  },
  {
    file: `${SECTION} 01000000 1c000000 0100 0000 00000000 0900 0200 06060000 1c000000`,
    says: 'octet 46: malformed: length of option 9: expected exactly 1, found 2',
  },
  {
    file: `${SECTION} 01000000 1c000000 0100 0000 00000000 0e00 0400 06060000 1c000000`,
    says: 'octet 46: malformed: length of option 14: expected exactly 8, found 4',
  },
  {
    file: `${SECTION} ${INTERFACE}
      06000000 20000000 01000000 00000000 00000000 00000000 00000000 20000000`,
    says:
      'octet 56: malformed: interfaces described before the packet: ' +
      'expected at least 2, found 1',
  },
  {
    file: `${SECTION} ${INTERFACE}
      06000000 24000000 00000000 00000000 00000000 05000000 05000000 aabbccdd 24000000`,
    says: 'octet 68: malformed: captured length: expected at most 4, found 5',
  },
  {
    file: `${SECTION} ${INTERFACE}
      06000000 28000000 00000000 00000000 00000000 00000000 00000000 0200 0200 aabb0000 28000000`,
    says: 'octet 78: malformed: length of option 2: expected exactly 4, found 2',
  },
  {
    file: `${SECTION} ${INTERFACE} 03000000 10000000 05000000 10000000`,
    says: 'octet 56: malformed: captured length: expected at most 0, found 4',
  },
  {
    file: `${SECTION} 03000000 10000000 00000000 10000000`,
    says:
      'octet 28: malformed: interfaces described before the packet: ' +
      'expected at least 1, found 0',
  },
  {
    file: `${SECTION} ${INTERFACE} ${SECTION} 03000000 10000000 00000000 10000000`,
    says:
      'octet 76: malformed: interfaces described before the packet: ' +
      'expected at least 1, found 0',
  },
];

for (const { file, says } of FAULTS) {
  test(says, (t) => {
    const octets = hex(file);
    const { error } = readChunks([octets]);
    t.is(error && formatCaptureError(error), says);
    const slowly = readChunks(Array.from(octets, (octet) => Uint8Array.of(octet)));
    t.deepEqual(slowly.error, error);
  });
}

test('the table of interfaces is bounded', (t) => {
  const block = hex(INTERFACE);
  const blocks = Array.from({ length: 65_537 }, () => block);
  const { events, error } = readChunks([hex(SECTION), join(blocks)]);
  t.is(events.length, 1 + 65_536);
  t.is(
    error && formatCaptureError(error),
    `octet ${28 + 65_536 * 20}: malformed: interfaces in the section: ` +
      'expected at most 65536, found 65537',
  );
});

test('a block of the greatest length is read', (t) => {
  const comment = 'x'.repeat(65_535);
  const packet = { seconds: 0, nanoseconds: 0, octets: new Uint8Array(0) };
  const block = pcapngPacket({ ...packet, octets: new Uint8Array(0x100_0000 - 32) });
  t.is(block.length, 0x100_0000);
  const { events, error } = readChunks([
    hex(SECTION),
    pcapngInterface({ name: comment }),
    block.subarray(0, 1000),
    block.subarray(1000),
  ]);
  t.is(error, undefined);
  t.like(events[1], { name: comment });
  t.true(events[2]?.kind === 'packet' && events[2].octets.length === 0x100_0000 - 32);
});

const PACKET = { seconds: 0, nanoseconds: 0, octets: new Uint8Array(0) };
const REFUSED = [
  { name: 'a negative time', write: () => pcapRecord({ ...PACKET, seconds: -1 }) },
  { name: 'a time after 2106 in pcap', write: () => pcapRecord({ ...PACKET, seconds: 2 ** 32 }) },
  { name: 'half a second', write: () => pcapngPacket({ ...PACKET, seconds: 0.5 }) },
  { name: 'a second of nanoseconds', write: () => pcapngPacket({ ...PACKET, nanoseconds: 1e9 }) },
  {
    name: 'nanoseconds beyond 64 bits',
    write: () => pcapngPacket({ ...PACKET, seconds: 2 ** 35 }, { resolution: 9 }),
  },
  {
    name: 'picoseconds beyond 64 bits',
    write: () => pcapngPacket({ ...PACKET, seconds: 2 ** 35 }, { resolution: 12 }),
  },
  { name: 'a link type of 17 bits', write: () => pcapHeader({ linkType: 65_536 }) },
  { name: 'an unknown number', write: () => pcapngInterface({ snapLength: Number.NaN }) },
  {
    name: 'a packet too long to be read again',
    write: () => pcapRecord({ ...PACKET, octets: new Uint8Array(0x100_0000) }),
  },
  {
    name: 'a block too long to be read again',
    write: () => pcapngPacket({ ...PACKET, octets: new Uint8Array(0x100_0000) }),
  },
  { name: 'a zero octet in a text', write: () => pcapngSection({ comments: ['a\0b'] }) },
  { name: 'a text of 64 KiB', write: () => pcapngSection({ os: 'x'.repeat(65_536) }) },
];

for (const { name, write } of REFUSED) {
  test(`${name} is refused by the writer`, (t) => {
    t.throws(write, { instanceOf: RangeError });
  });
}
