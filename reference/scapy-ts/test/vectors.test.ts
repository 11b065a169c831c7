/** Packets as literals: what others wrote, octet for octet. */
import test from 'ava';

import { arp, build, diff, dot1q, ether, formatDiff, formatParseError, hexdump } from '../index.ts';
import { icmpv4, ipv4, ipv6, layer, padding, parse, raw, show, summary, tcp } from '../index.ts';
import { ipv4Address, ipv6Extension, PROTOCOL, tcpFlags, udp, verifyChecksums } from '../index.ts';
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

test('a field can be forced wrong, and is parsed as it is', (t) => {
  const octets = build([
    ipv4({ src: '10.0.0.1', dst: '10.0.0.2', totalLength: 9999, checksum: 0xbad }),
    tcp({ checksum: 0xbad, window: 0 }),
  ]);
  const { layers, errors } = parse(octets, 'ipv4');
  t.is(layer(layers, 'ipv4')?.totalLength, 9999);
  t.is(layer(layers, 'tcp')?.checksum, 0xbad);
  t.deepEqual(errors, [
    { kind: 'truncated', layer: 'ipv4', field: 'totalLength', at: 2, need: 9999, have: 40 },
  ]);
  t.deepEqual(errors.map(formatParseError), [
    'ipv4.totalLength at octet 2: the layer needs 9999 octets, 40 are there',
  ]);
});

test('a value that does not fit its field throws, with its name', (t) => {
  const cases: readonly (readonly [Packet, RegExp])[] = [
    [[ipv4({ ttl: 256 })], /^ipv4\.ttl: 256 does not fit 8 bits$/],
    [[ipv4({ ttl: -1 })], /^ipv4\.ttl: -1 does not fit 8 bits$/],
    [[ipv4({ fragmentOffset: 8192 })], /^ipv4\.fragmentOffset: 8192 does not fit 13 bits$/],
    [[tcp({ seq: 2 ** 32 })], /^tcp\.seq: 4294967296 does not fit 32 bits$/],
    [[tcp({ seq: 0.5 })], /^tcp\.seq: 0\.5 does not fit 32 bits$/],
    [[ipv4(), tcp(), raw(new Uint8Array(65_500))], /^ipv4\.totalLength: 65540 does not fit 16/],
    [[tcp({ options: [{ kind: 'mss', mss: 65_536 }] })], /^mss\.mss: 65536 does not fit 16 bits$/],
  ];
  for (const [packet, message] of cases) {
    t.throws(() => build(packet), { instanceOf: RangeError, message });
  }
  t.throws(() => tcp({ flags: 'SX' }), { instanceOf: TypeError, message: /"X" is no TCP flag/ });
  t.throws(() => ipv4({ src: '10.0.0.256' }), { instanceOf: TypeError });
});

test('octets of a later fragment are not taken for a TCP header', (t) => {
  const segment = build([tcp({ srcPort: 1, dstPort: 2 })]);
  const fragment = build([ipv4({ fragmentOffset: 1, protocol: 6 }), raw(segment)]);
  t.deepEqual(
    parse(fragment, 'ipv4').layers.map(({ kind }) => kind),
    ['ipv4', 'raw'],
  );
  t.deepEqual(
    verifyChecksums(fragment, 'ipv4').map((one) => one.layer),
    ['ipv4'],
  );
});

test('behind a source route or a routing header with addresses left nothing is verified', (t) => {
  const verified = (packet: Packet, first: 'ipv4' | 'ipv6'): readonly string[] =>
    verifyChecksums(build(packet), first).map((one) => one.layer);
  const route = [ipv4Address('10.0.0.3')];
  const routed = (pointer: number): Packet => [
    ipv4({ options: [{ kind: 'looseSourceRoute', pointer, route }] }),
    tcp(),
  ];
  t.deepEqual(verified(routed(4), 'ipv4'), ['ipv4']);
  t.deepEqual(verified(routed(8), 'ipv4'), ['ipv4', 'tcp']);
  const header = (left: number): Packet => [
    ipv6(),
    ipv6Extension({ protocol: PROTOCOL.routing, body: new Uint8Array([2, left, 0, 0, 0, 0]) }),
    tcp(),
  ];
  t.deepEqual(verified(header(1), 'ipv6'), []);
  t.deepEqual(verified(header(0), 'ipv6'), ['tcp']);
});

test('the letters of the flags are those of scapy', (t) => {
  t.is(tcpFlags('S'), 0x002);
  t.is(tcpFlags('FSRPAUECN'), 0x1ff);
  t.is(tcpFlags(''), 0);
});

test('a truncated header tells the first field that is not whole', (t) => {
  const octets = build([ether(LINK), ipv4(), tcp()]);
  const errors = (length: number): readonly string[] =>
    parse(octets.subarray(0, length)).errors.map(formatParseError);
  t.deepEqual(errors(0), ['ether.dst at octet 0: the layer needs 14 octets, 0 are there']);
  t.deepEqual(errors(13), ['ether.etherType at octet 12: the layer needs 14 octets, 13 are there']);
  t.deepEqual(errors(47), [
    'ipv4.totalLength at octet 16: the layer needs 40 octets, 33 are there',
    'tcp.flags at octet 46: the layer needs 20 octets, 13 are there',
  ]);
});

test('a checksum of ffff for 0000 is valid but not the one a sender computes', (t) => {
  // 4500 + 0014 + 40fd + 79ee = ffff: the checksum of this header is 0000.
  const octets = octetsOf('4500 0014 0000 0000 40 fd ffff 00000000 79ee0000');
  t.deepEqual(verifyChecksums(octets, 'ipv4'), [
    { layer: 'ipv4', index: 0, at: 10, found: 0xffff, computed: 0x0000, valid: true },
  ]);
});

test('show, summary, hexdump and diff', (t) => {
  const packet = [ipv4({ src: '10.0.0.1', dst: '10.0.0.2' }), raw('Hi')];
  const octets = build(packet);
  t.is(summary(packet), 'IPv4 10.0.0.1 > 10.0.0.2 / Raw 2 octets');
  t.is(
    hexdump(octets),
    [
      '0000  45 00 00 16 00 01 00 00  40 fd 65 e8 0a 00 00 01  E.......@.e.....',
      '0010  0a 00 00 02 48 69                                 ....Hi',
    ].join('\n'),
  );
  t.regex(show(packet), /^IPv4\n {2}version +4\n {2}ihl +computed\n/);
  t.regex(show(parse(octets, 'ipv4').layers), / {2}ihl +5\n[^]* {2}checksum +0x65e8\n/);
  const changed = [ipv4({ src: '10.0.0.1', dst: '10.0.0.3', ttl: 63 }), raw('HI'), raw('!')];
  t.is(
    formatDiff(diff(packet, changed)),
    [
      'ipv4.ttl: 64 -> 63',
      'ipv4.dst: 10.0.0.2 -> 10.0.0.3',
      'raw.octets: 2 octets, from 1: 69 -> 2 octets, from 1: 49',
      'raw.kind: absent -> raw',
    ]
      .map((line, at) => `${[0, 0, 1, 2][at] ?? ''} ${line}`)
      .join('\n'),
  );
});
