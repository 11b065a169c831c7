/** Captures written out octet by octet, after draft-ietf-opsawg-pcap and -pcapng. */
import type { CaptureEvent } from '../capture/index.ts';
import { hex, join } from './capture-files.ts';
import type { WrittenCapture } from './capture-files.ts';

/** The octets that the packets of the vectors carry. */
export const PACKET: Uint8Array = hex('de ad be ef 01');

/** One packet of 60 octets, of which 5 were kept. */
export const PCAP_LITTLE_MICROSECONDS: Uint8Array = hex(`
  d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000
  00f15365 40e20100 05000000 3c000000 deadbeef01 # 1700000000 s, 123456 us, 5 of 60 octets
`);

/** The same packet, to the nanosecond; the numbers that readers ignore are set. */
export const PCAP_BIG_NANOSECONDS: Uint8Array = hex(`
  a1b23c4d 0002 0004 ffffffff ffffffff 00040000 04000071 # FCS bits over link type 113
  6553f100 075bcd15 00000005 0000003c deadbeef01         # 123456789 ns
`);

/** Every text and option that is read, an option that is skipped, padding of each length. */
export const PCAPNG_LITTLE: Uint8Array = hex(`
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

/** Every block that is read or skipped, with and without options. */
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

/** What PCAPNG_LITTLE says. */
export const LITTLE_EVENTS: readonly CaptureEvent[] = [
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

/** Files with all that they say. */
export const VECTORS: readonly (WrittenCapture & { readonly name: string })[] = [
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
