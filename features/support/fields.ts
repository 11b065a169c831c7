/** The fields of a frame by the names that scenarios use, as text. */
import { formatIpv4, formatIpv6, formatMac, layer, parse, TCP_FLAG, type Packet } from 'scapy-ts';
import { writeOptions } from '../../conformance/traffic/option-text.ts';

const LETTERS: readonly (readonly [string, number])[] = [
  ['F', TCP_FLAG.FIN],
  ['S', TCP_FLAG.SYN],
  ['R', TCP_FLAG.RST],
  ['P', TCP_FLAG.PSH],
  ['A', TCP_FLAG.ACK],
  ['U', TCP_FLAG.URG],
  ['E', TCP_FLAG.ECE],
  ['C', TCP_FLAG.CWR],
  ['N', TCP_FLAG.AE],
];

function flagLetters(flags: number): string {
  return LETTERS.flatMap(([letter, bit]) => ((flags & bit) === 0 ? [] : [letter])).join('');
}

/** Numbers are compared as numbers, so that a table may write them in hexadecimal. */
export function normalize(text: string): string {
  return /^(?:0x[0-9a-f]+|\d+)$/u.test(text) ? String(Number(text)) : text;
}

function addresses(packet: Packet): readonly [string, string] {
  const v4 = layer(packet, 'ipv4');
  if (v4?.src !== undefined && v4.dst !== undefined) {
    return [formatIpv4(v4.src), formatIpv4(v4.dst)];
  }
  const v6 = layer(packet, 'ipv6');
  if (v6?.src === undefined || v6.dst === undefined) return ['none', 'none'];
  return [formatIpv6(v6.src), formatIpv6(v6.dst)];
}

/** The value of a field of a frame; throws our own fault on a name that is none. */
export function fieldOf(frame: Uint8Array, name: string): string {
  const { layers } = parse(frame);
  const [tcp, ip, ether] = [layer(layers, 'tcp'), layer(layers, 'ipv4'), layer(layers, 'ether')];
  const [source, destination] = addresses(layers);
  const values: Readonly<Record<string, () => string | number | undefined>> = {
    'source address': () => source,
    'destination address': () => destination,
    'source port': () => tcp?.srcPort,
    'destination port': () => tcp?.dstPort,
    'destination MAC': () => (ether === undefined ? undefined : formatMac(ether.dst)),
    seq: () => tcp?.seq,
    ack: () => tcp?.ack,
    flags: () => flagLetters(tcp?.flags ?? 0),
    window: () => tcp?.window,
    urgent: () => tcp?.urgent,
    options: () => writeOptions(tcp?.options ?? []),
    'TCP checksum': () => tcp?.checksum,
    'IPv4 checksum': () => ip?.checksum,
    ttl: () => ip?.ttl,
    id: () => ip?.id,
    dscp: () => ip?.dscp,
    ecn: () => ip?.ecn,
    df: () => ip?.df,
  };
  const read = values[name];
  if (read === undefined) throw new Error(`no field of a frame is called ${name}`);
  return String(read() ?? 'none');
}
