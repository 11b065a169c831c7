/** Packets as literals: what others wrote, octet for octet. */
import test from 'ava';

import {
  arp,
  build,
  dot1q,
  ether,
  icmpv4,
  ipv4,
  ipv6,
  padding,
  parse,
  raw,
  tcp,
} from '../index.ts';
import { udp } from '../index.ts';
import type { Packet } from '../index.ts';

function octetsOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
}

function hexOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

const LINK = { dst: '02:00:00:00:00:02', src: '02:00:00:00:00:01' };
const LINK_HEX = '020000000002 020000000001';

/** Written down from the RFCs; the checksums were computed by hand and by another program. */
const VECTORS: readonly (readonly [name: string, packet: Packet, hex: string])[] = [
  [
    'an ARP request (RFC 826)',
    [
      ether({ dst: 'ff:ff:ff:ff:ff:ff', src: LINK.src }),
      arp({ senderMac: LINK.src, senderIp: '10.0.0.1', targetIp: '10.0.0.2' }),
    ],
    'ffffffffffff 020000000001 0806 0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002',
  ],
  [
    'a SYN with the options of Linux',
    [
      ether(LINK),
      ipv4({ src: '10.0.0.1', dst: '10.0.0.2', df: 1, id: 0 }),
      tcp({
        srcPort: 40000,
        dstPort: 80,
        seq: 0xffff_ffff,
        window: 64240,
        options: [
          { kind: 'mss', mss: 1460 },
          { kind: 'sackPermitted' },
          { kind: 'timestamps', value: 1, echo: 0 },
          { kind: 'nop' },
          { kind: 'windowScale', shift: 7 },
        ],
      }),
    ],
    `${LINK_HEX} 0800
     4500 003c 0000 4000 40 06 26ba 0a000001 0a000002
     9c40 0050 ffffffff 00000000 a0 02 faf0 9c7b 0000
     020405b4 0402 080a0000000100000000 01 030307`,
  ],
  [
    'SACK blocks and timestamps in the order of RFC 7323 appendix A',
    [
      ipv4({ src: '10.0.0.1', dst: '10.0.0.2' }),
      tcp({
        srcPort: 1,
        dstPort: 2,
        flags: 'A',
        options: [
          { kind: 'nop' },
          { kind: 'nop' },
          { kind: 'timestamps', value: 0x01020304, echo: 0x05060708 },
          { kind: 'nop' },
          { kind: 'nop' },
          { kind: 'sack', blocks: [{ left: 0xffff_fff0, right: 0x10 }] },
        ],
        checksum: 0,
        window: 0,
      }),
    ],
    `4500 0040 0001 0000 40 06 66b5 0a000001 0a000002
     0001 0002 00000000 00000000 b0 10 0000 0000 0000
     0101 080a 01020304 05060708 0101 050a fffffff0 00000010`,
  ],
  [
    'two VLAN tags: 802.1ad outside, 802.1Q inside, with padding',
    [
      ether(LINK),
      dot1q({ vid: 100 }),
      dot1q({ pcp: 7, dei: 1, vid: 4094 }),
      ipv4({ src: '10.0.0.1', dst: '10.0.0.2', protocol: 253 }),
      padding(new Uint8Array([1, 2])),
    ],
    `${LINK_HEX} 88a8 0064 8100 fffe 0800
     4500 0014 0001 0000 40 fd 65ea 0a000001 0a000002 0102`,
  ],
  [
    'a UDP checksum of 0 is written ffff (RFC 768)',
    [
      ipv6({ src: '::1', dst: '::2' }),
      udp({ srcPort: 0, dstPort: 0 }),
      raw(new Uint8Array([0xff, 0xd7])),
    ],
    `6000 0000 000a 11 40 00000000000000000000000000000001 00000000000000000000000000000002
     0000 0000 000a ffff ffd7`,
  ],
  [
    'a Path-MTU error (RFC 1191)',
    [
      ipv4({ src: '192.0.2.1', dst: '10.0.0.1' }),
      icmpv4({ type: 3, code: 4, mtu: 1400 }),
      ipv4({ src: '10.0.0.1', dst: '10.0.0.2', totalLength: 1500, df: 1, protocol: 6 }),
      { kind: 'tcpQuote', srcPort: 40000, dstPort: 80, seq: 1 },
    ],
    `4500 0038 0001 0000 40 01 aec2 c0000201 0a000001
     0304 5af2 0000 0578
     4500 05dc 0001 4000 40 06 2119 0a000001 0a000002 9c40 0050 00000001`,
  ],
];

for (const [name, packet, hex] of VECTORS) {
  test(`builds and parses ${name}`, (t) => {
    const octets = octetsOf(hex);
    t.is(hexOf(build(packet)), hexOf(octets));
    const first = packet[0]?.kind;
    const parsed = parse(octets, first === 'ipv4' || first === 'ipv6' ? first : 'ether');
    t.deepEqual(parsed.errors, []);
    t.deepEqual(
      parsed.layers.map(({ kind }) => kind),
      packet.map(({ kind }) => kind),
    );
  });
}
