/** Our layers in tshark's words. */
import { formatIpv4, formatIpv6, formatMac } from '../../index.ts';
import type { ParsedLayer, TcpOption } from '../../index.ts';

/** Wireshark's word for a checksum that is right. */
export const GOOD = 1;

/** Names of tshark's fields with their values, in the order of the packet. */
export type Values = readonly (readonly [field: string, value: string | number])[];

/** tshark's fields of one layer, from ours. */
export function expected(layer: ParsedLayer, before: ParsedLayer | undefined): Values {
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
    default:
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

/** The fields that are compared. */
export const FIELDS: readonly string[] = `
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
export const OPTIONS: readonly string[] = `
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
