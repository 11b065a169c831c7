/** What build, parse, verifyChecksums and the printing functions do in single cases. */
import test from 'ava';

import {
  build,
  diff,
  ether,
  formatDiff,
  formatParseError,
  hexdump,
  icmpv4,
  ipv4,
  ipv4Address,
} from '../index.ts';
import { ipv6, ipv6Extension, ipv6Fragment, layer, padding, parse, PROTOCOL } from '../index.ts';
import { raw, show, summary, tcp, tcpFlags, udp, verifyChecksums } from '../index.ts';
import type { Packet } from '../index.ts';

function octetsOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
}

function hexOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

const LINK = { dst: '02:00:00:00:00:02', src: '02:00:00:00:00:01' };

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

test('the first fragment of a datagram is no error, and its checksum is not verified', (t) => {
  const first: Packet = [ipv4({ mf: 1 }), udp({ length: 3000 }), raw(new Uint8Array(24))];
  t.deepEqual(parse(build(first), 'ipv4').errors, []);
  t.deepEqual(
    verifyChecksums(build([ipv4({ mf: 1 }), tcp()]), 'ipv4').map((one) => one.layer),
    ['ipv4'],
  );
  const firstV6: Packet = [ipv6(), ipv6Fragment({ mf: 1 }), udp({ length: 3000 }), raw('x')];
  t.deepEqual(parse(build(firstV6), 'ipv6').errors, []);
  t.deepEqual(verifyChecksums(build([ipv6(), ipv6Fragment({ mf: 1 }), tcp()]), 'ipv6'), []);
});

test('a UDP checksum of 0 is none over IPv4, and wrong over IPv6 (RFC 8200 8.1)', (t) => {
  const none = udp({ checksum: 0 });
  t.deepEqual(
    verifyChecksums(build([ipv4(), none]), 'ipv4').map((one) => one.layer),
    ['ipv4'],
  );
  t.deepEqual(
    verifyChecksums(build([ipv6(), none]), 'ipv6').map((one) => [one.layer, one.valid]),
    [['udp', false]],
  );
});

test('what an inner length leaves over is raw, what the outermost leaves over is padding', (t) => {
  const octets = build([
    ipv4({ totalLength: 36 }),
    udp({ length: 12 }),
    raw(octetsOf('01020304')),
    raw(octetsOf('a1a2a3a4')),
    padding(octetsOf('ff')),
  ]);
  t.deepEqual(
    parse(octets, 'ipv4').layers.map((l) => ('octets' in l ? [l.kind, hexOf(l.octets)] : l.kind)),
    ['ipv4', 'udp', ['raw', '01020304'], ['raw', 'a1a2a3a4'], ['padding', 'ff']],
  );
});

test('an authentication header counts units of four octets (RFC 4302 2.2)', (t) => {
  const body = new Uint8Array(10);
  const octets = build([ipv6(), ipv6Extension({ protocol: PROTOCOL.authentication, body }), tcp()]);
  t.is(octets.length, 40 + 12 + 20);
  t.is(octets[41], 1);
  t.deepEqual(
    parse(octets, 'ipv6').layers.map(({ kind }) => kind),
    ['ipv6', 'ipv6Extension', 'tcp'],
  );
});

test('identifier and sequence number of an echo are the halves of the rest', (t) => {
  t.is(icmpv4({ type: 8, id: 7, sequence: 1 }).rest, 0x0007_0001);
  t.is(icmpv4({ type: 8, id: 0xffff }).rest, 0xffff_0000);
});

test('a packet keeps its octets when others are built', (t) => {
  const ones = new Uint8Array(100).fill(1);
  const packets = Array.from({ length: 2000 }, (_, n) => build([raw(ones), raw(String(n))]));
  t.deepEqual(
    packets.map((octets) => Number(Buffer.from(octets.subarray(100)).toString())),
    packets.map((_, n) => n),
  );
  t.true(packets.every((octets) => octets.subarray(0, 100).every((octet) => octet === 1)));
});

test('a diff sees what is added at the end of a list or of octets', (t) => {
  const mss = { kind: 'mss', mss: 1460 } as const;
  const changes = diff([tcp({ options: [] }), raw('Hi')], [tcp({ options: [mss] }), raw('Hi!')]);
  t.deepEqual(
    changes.map(({ field, before, after }) => [field, before, after]),
    [
      ['options', 'none', 'mss 1460'],
      ['octets', '2 octets, from 2: none', '3 octets, from 2: 21'],
    ],
  );
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
  t.deepEqual(errors(6), ['ether.src at octet 6: the layer needs 14 octets, 6 are there']);
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
