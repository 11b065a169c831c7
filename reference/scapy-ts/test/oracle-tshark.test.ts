/** tshark as the oracle: ten thousand packets, field by field against `tshark -T json`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import test from 'ava';
import fc from 'fast-check';

import { oracle } from '../../../test/oracle.ts';
import { build, formatIpv4, formatIpv6, formatMac, parse, parseIpv6 } from '../index.ts';
import { pcapHeader, pcapRecord } from '../index.ts';
import type { Layer, Packet, ParsedLayer, TcpOption } from '../index.ts';
import { frame } from './arbitrary.ts';

const PACKETS = 10_000;
const SEED = Number(process.env['PRISMSPEC_SEED'] ?? '2');

type Values = readonly (readonly [field: string, value: string | number])[];

/** tshark's fields of one layer, from ours. */
function expected(layer: ParsedLayer, before: ParsedLayer | undefined): Values {
  switch (layer.kind) {
    case 'ether':
      return [
        ['eth.dst', formatMac(layer.dst)],
        ['eth.src', formatMac(layer.src)],
        ['eth.type', layer.etherType],
      ];
    case 'dot1q': {
      const stag = before?.kind === 'ether' && before.etherType === 0x88a8;
      const prefix = stag ? 'ieee8021ad' : 'vlan';
      return [
        [`${prefix}.priority`, layer.pcp],
        [`${prefix}.dei`, layer.dei],
        [`${prefix}.id`, layer.vid],
      ];
    }
    case 'arp':
      return [
        ['arp.hw.type', layer.hardwareType],
        ['arp.proto.type', layer.protocolType],
        ['arp.hw.size', layer.hardwareLength],
        ['arp.proto.size', layer.protocolLength],
        ['arp.opcode', layer.operation],
        ['arp.src.hw_mac', formatMac(layer.senderMac)],
        ['arp.src.proto_ipv4', formatIpv4(layer.senderIp)],
        ['arp.dst.hw_mac', formatMac(layer.targetMac)],
        ['arp.dst.proto_ipv4', formatIpv4(layer.targetIp)],
      ];
    case 'ipv4':
      return [
        ['ip.version', layer.version],
        ['ip.hdr_len', layer.ihl * 4],
        ['ip.dsfield.dscp', layer.dscp],
        ['ip.dsfield.ecn', layer.ecn],
        ['ip.len', layer.totalLength],
        ['ip.id', layer.id],
        ['ip.flags.rb', layer.reserved],
        ['ip.flags.df', layer.df],
        ['ip.flags.mf', layer.mf],
        ['ip.frag_offset', layer.fragmentOffset],
        ['ip.ttl', layer.ttl],
        ['ip.proto', layer.protocol],
        ['ip.checksum', layer.checksum],
        ['ip.checksum.status', GOOD],
        ['ip.src', formatIpv4(layer.src)],
        ['ip.dst', formatIpv4(layer.dst)],
      ];
    case 'ipv6':
      return [
        ['ip.version', layer.version],
        ['ipv6.version', layer.version],
        ['ipv6.tclass.dscp', layer.dscp],
        ['ipv6.tclass.ecn', layer.ecn],
        ['ipv6.flow', layer.flowLabel],
        ['ipv6.plen', layer.payloadLength],
        ['ipv6.nxt', layer.nextHeader],
        ['ipv6.hlim', layer.hopLimit],
        ['ipv6.src', formatIpv6(layer.src)],
        ['ipv6.dst', formatIpv6(layer.dst)],
      ];
    case 'ipv6Extension': {
      const prefix = layer.protocol === 0 ? 'ipv6.hopopts' : 'ipv6.dstopts';
      return [
        [`${prefix}.nxt`, layer.nextHeader],
        [`${prefix}.len`, layer.length],
      ];
    }
    case 'ipv6Fragment':
      return [
        ['ipv6.fraghdr.nxt', layer.nextHeader],
        ['ipv6.fraghdr.offset', layer.fragmentOffset],
        ['ipv6.fraghdr.more', layer.mf],
        ['ipv6.fraghdr.ident', layer.id],
      ];
    case 'tcp':
      return [
        ['tcp.srcport', layer.srcPort],
        ['tcp.dstport', layer.dstPort],
        ['tcp.seq', layer.seq],
        ['tcp.ack_raw', layer.ack],
        ['tcp.hdr_len', layer.dataOffset * 4],
        ['tcp.flags', (layer.reserved << 9) | layer.flags],
        ['tcp.window_size_value', layer.window],
        ['tcp.checksum', layer.checksum],
        ['tcp.urgent_pointer', layer.urgent],
        ...layer.options.flatMap(expectedOption),
      ];
    case 'tcpQuote':
      // tshark shows only the ports where ICMPv6 quotes no more than eight octets.
      return [
        ['tcp.srcport', layer.srcPort],
        ['tcp.dstport', layer.dstPort],
        ...(before?.kind === 'ipv4' ? [['tcp.seq', layer.seq] as const] : []),
      ];
    case 'udp':
      return [
        ['udp.srcport', layer.srcPort],
        ['udp.dstport', layer.dstPort],
        ['udp.length', layer.length],
        ['udp.checksum', layer.checksum],
      ];
    case 'icmpv4':
    case 'icmpv6':
      return expectedIcmp(layer.kind === 'icmpv4' ? 'icmp' : 'icmpv6', layer);
    case 'raw':
    case 'padding':
      return [];
  }
}

function expectedIcmp(
  prefix: 'icmp' | 'icmpv6',
  layer: Extract<ParsedLayer, { readonly kind: 'icmpv4' | 'icmpv6' }>,
): Values {
  const { type, code, checksum, rest } = layer;
  const common: Values = [
    [`${prefix}.type`, type],
    [`${prefix}.code`, code],
    [`${prefix}.checksum`, checksum],
    [`${prefix}.checksum.status`, GOOD],
  ];
  if (prefix === 'icmp' && type === 3 && code === 4)
    return [...common, ['icmp.mtu', rest & 0xffff]];
  if (prefix === 'icmpv6' && type === 2) return [...common, ['icmpv6.mtu', rest]];
  if (prefix === 'icmp' && (type === 0 || type === 8)) {
    return [...common, ['icmp.ident', rest >>> 16], ['icmp.seq', rest & 0xffff]];
  }
  if (prefix === 'icmpv6' && type >= 128) {
    const id: Values = [['icmpv6.echo.identifier', rest >>> 16]];
    return [...common, ...id, ['icmpv6.echo.sequence_number', rest & 0xffff]];
  }
  return common;
}

function expectedOption(option: TcpOption): Values {
  switch (option.kind) {
    case 'mss':
      return [['tcp.options.mss_val', option.mss]];
    case 'windowScale':
      return [['tcp.options.wscale.shift', option.shift]];
    case 'timestamps':
      return [
        ['tcp.options.timestamp.tsval', option.value],
        ['tcp.options.timestamp.tsecr', option.echo],
      ];
    case 'sack':
      return option.blocks.flatMap(({ left, right }): Values => [
        ['tcp.options.sack_le', left],
        ['tcp.options.sack_re', right],
      ]);
    case 'md5':
      return [['tcp.options.md5.digest', Buffer.from(option.digest).toString('hex')]];
    default:
      return [];
  }
}

/** Wireshark's word for a checksum that is right. */
const GOOD = 1;

const FIELDS = `
  eth.dst eth.src eth.type vlan.priority vlan.dei vlan.id ieee8021ad.priority ieee8021ad.dei
  ieee8021ad.id arp.hw.type arp.proto.type arp.hw.size arp.proto.size arp.opcode arp.src.hw_mac
  arp.src.proto_ipv4 arp.dst.hw_mac arp.dst.proto_ipv4 ip.version ip.hdr_len ip.dsfield.dscp
  ip.dsfield.ecn ip.len ip.id ip.flags.rb ip.flags.df ip.flags.mf ip.frag_offset ip.ttl
  ip.proto ip.checksum ip.checksum.status ip.src ip.dst ipv6.version ipv6.tclass.dscp
  ipv6.tclass.ecn ipv6.flow ipv6.plen ipv6.nxt ipv6.hlim ipv6.src ipv6.dst ipv6.hopopts.nxt
  ipv6.hopopts.len ipv6.dstopts.nxt ipv6.dstopts.len ipv6.fraghdr.nxt ipv6.fraghdr.offset
  ipv6.fraghdr.more ipv6.fraghdr.ident tcp.srcport tcp.dstport tcp.seq tcp.ack_raw tcp.hdr_len
  tcp.flags tcp.window_size_value tcp.checksum tcp.checksum.status tcp.urgent_pointer
  tcp.options.mss_val tcp.options.wscale.shift tcp.options.timestamp.tsval
  tcp.options.timestamp.tsecr tcp.options.sack_le tcp.options.sack_re tcp.options.md5.digest
  udp.srcport udp.dstport udp.length udp.checksum udp.checksum.status icmp.type icmp.code
  icmp.checksum icmp.checksum.status icmp.mtu icmp.ident icmp.seq icmpv6.type icmpv6.code
  icmpv6.checksum icmpv6.checksum.status icmpv6.mtu icmpv6.echo.identifier
  icmpv6.echo.sequence_number
`
  .split(/\s+/)
  .filter(Boolean);

/** No guessing of payloads, no reassembly, no relative numbers; every checksum is verified. */
const OPTIONS = `
  -d tcp.port==0-65535,data
  -d udp.port==0-65535,data
  -o ip.check_checksum:TRUE
  -o tcp.check_checksum:TRUE
  -o udp.check_checksum:TRUE
  -o ip.defragment:FALSE
  -o ipv6.defragment:FALSE
  -o tcp.relative_sequence_numbers:FALSE
  -o tcp.desegment_tcp_streams:FALSE
  -o tcp.analyze_sequence_numbers:FALSE
`
  .split(/\s+/)
  .filter(Boolean);

interface Shown {
  readonly _source: { readonly layers: Readonly<Record<string, readonly string[]>> };
}

function ask(frames: readonly Uint8Array[]): readonly Shown[] {
  const folder = mkdtempSync(join(tmpdir(), 'tshark-oracle-'));
  try {
    const file = join(folder, 'packets.pcap');
    const records = frames.map((octets, seconds) =>
      pcapRecord({ seconds, nanoseconds: 0, octets }),
    );
    writeFileSync(file, Buffer.concat([pcapHeader(), ...records]));
    const fields = FIELDS.flatMap((name) => ['-e', name]);
    const args = ['-n', '-r', file, '-T', 'json', ...OPTIONS, ...fields];
    const run = spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 2 ** 29 });
    if (run.status !== 0) throw new Error(run.stderr);
    const shown: readonly Shown[] = JSON.parse(run.stdout);
    return shown;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One form for all: numbers in decimal, IPv6 addresses as ours, octets without separators. */
function normal(name: string, value: string | number): string {
  if (typeof value === 'number') return String(value);
  if (name === 'ipv6.src' || name === 'ipv6.dst') {
    const address = parseIpv6(value);
    return address.ok ? formatIpv6(address.value) : `no address: ${value}`;
  }
  if (name.endsWith('.digest')) return value.replaceAll(':', '');
  if (name.endsWith('_mac') || name.startsWith('eth.')) {
    return value.includes(':') ? value : String(Number(value));
  }
  if (name === 'ip.src' || name === 'ip.dst' || name.endsWith('_ipv4')) return value;
  if (value === 'True' || value === 'False') return value === 'True' ? '1' : '0';
  return String(Number(value));
}

function collect(values: Values): Readonly<Record<string, readonly string[]>> {
  const collected: Record<string, string[]> = {};
  for (const [name, value] of values) (collected[name] ??= []).push(normal(name, value));
  return collected;
}

/** With a source route tshark shows its last address as the destination. */
function comparable(packet: Packet): boolean {
  return !packet.some((layer) => {
    const options = layer.kind === 'ipv4' ? (layer.options ?? []) : [];
    return options.some(({ kind }) => kind.endsWith('SourceRoute'));
  });
}

/** The length of RFC 4884 in the high octet would end the quoted packet early. */
function withoutExtensionLength(layer: Layer): Layer {
  if (layer.kind !== 'icmpv6' || (layer.type !== 1 && layer.type !== 3)) return layer;
  return { ...layer, rest: (layer.rest ?? 0) & 0xff_ffff };
}

function isQuote(layers: readonly ParsedLayer[]): boolean {
  return layers.filter(({ kind }) => kind === 'ipv4' || kind === 'ipv6').length > 1;
}

function expectedOf(layers: readonly ParsedLayer[]): Values {
  const values = layers.flatMap((layer, index) => expected(layer, layers[index - 1]));
  const transport = layers.find(({ kind }) => kind === 'tcp' || kind === 'udp');
  if (transport === undefined || isQuote(layers)) return values;
  return [...values, [`${transport.kind}.checksum.status`, GOOD]];
}

test(`tshark shows the same fields and finds every checksum right, ${PACKETS} packets`, (t) => {
  t.timeout(120_000);
  if (!oracle(t, 'tshark')) return;
  const packets: readonly Packet[] = fc
    .sample(frame.filter(comparable), { numRuns: PACKETS, seed: SEED })
    .map((packet) => packet.map(withoutExtensionLength));
  const frames = packets.map(build);
  const shown = ask(frames);
  t.is(shown.length, PACKETS);
  for (const [index, { _source }] of shown.entries()) {
    const { layers } = parse(frames[index] ?? new Uint8Array(0));
    const names = Object.entries(_source.layers).filter(([name]) => {
      return !(isQuote(layers) && name === 'tcp.checksum.status');
    });
    const theirs = names.flatMap(([name, list]) => {
      return list.map((value): Values[number] => [name, value]);
    });
    const place = `packet ${index} of PRISMSPEC_SEED=${SEED}`;
    t.deepEqual(collect(theirs), collect(expectedOf(layers)), place);
  }
});
