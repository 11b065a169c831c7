/**
 * Changing a field of a frame and nothing else.
 *
 * The checksums are patched by the difference (RFC 1624), so that a defect in one field is no
 * defect of the checksum too, and what arrived corrupt stays corrupt.
 */
import {
  formatIpv4,
  formatIpv6,
  ipv4Address,
  ipv6Address,
  parse,
  sumWords,
  TCP_FLAG,
  updateChecksum,
  type Layer,
  type Packet,
} from 'scapy-ts';
import type { Endpoint, Owner } from '../driver/device.ts';

/** A TCP segment in a frame, and where its parts begin. */
export interface Segment {
  readonly frame: Uint8Array;
  readonly packet: Packet;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly flags: number;
  /** Offsets in the frame. */
  readonly ip: number;
  readonly tcp: number;
  readonly options: number;
  readonly payload: number;
  /** End of the IP packet; what follows is padding. */
  readonly end: number;
  readonly version: 4 | 6;
}

/** Offsets in a TCP header. RFC 9293 section 3.1. */
export const TCP = {
  sourcePort: 0,
  destinationPort: 2,
  seq: 4,
  ack: 8,
  flags: 12,
  window: 14,
  checksum: 16,
  urgent: 18,
} as const;

/** Offsets in an IPv4 header. RFC 791 section 3.1. */
export const IPV4 = {
  trafficClass: 1,
  totalLength: 2,
  id: 4,
  fragment: 6,
  ttl: 8,
  checksum: 10,
  source: 12,
  destination: 16,
} as const;

const ADDRESSES = { 4: { at: 12, length: 8 }, 6: { at: 8, length: 32 } } as const;

type IpLayer = Extract<Layer, { kind: 'ipv4' | 'ipv6' }>;

/** A parsed header has its addresses; the types of written ones do not say so. */
const NO_IPV4 = ipv4Address('0.0.0.0');
const NO_IPV6 = ipv6Address('::');

function isIp(layer: Layer): layer is IpLayer {
  return layer.kind === 'ipv4' || layer.kind === 'ipv6';
}

/** Source and destination address as text. */
function addresses(ip: IpLayer): readonly [string, string] {
  if (ip.kind === 'ipv4') return [formatIpv4(ip.src ?? NO_IPV4), formatIpv4(ip.dst ?? NO_IPV4)];
  return [formatIpv6(ip.src ?? NO_IPV6), formatIpv6(ip.dst ?? NO_IPV6)];
}

/** The TCP segment that `frame` carries itself, not in a tunnel or a quotation; undefined if none. */
export function segmentOf(frame: Uint8Array): Segment | undefined {
  const { layers, spans } = parse(frame);
  const ipIndex = layers.findIndex(isIp);
  const tcpIndex = layers.findIndex(({ kind }) => kind === 'tcp');
  const [ip, tcp] = [layers[ipIndex], layers[tcpIndex]];
  const [ipSpan, tcpSpan] = [spans[ipIndex], spans[tcpIndex]];
  if (ip === undefined || !isIp(ip) || tcp?.kind !== 'tcp') return undefined;
  if (ipSpan === undefined || tcpSpan === undefined) return undefined;
  const between = layers.slice(ipIndex + 1, tcpIndex);
  if (between.some((layer) => isIp(layer) || layer.kind.startsWith('icmp'))) return undefined;
  const padding = layers.findIndex(({ kind }) => kind === 'padding');
  const [from, to] = addresses(ip);
  return {
    frame,
    packet: layers,
    from: { address: from, port: tcp.srcPort ?? 0 },
    to: { address: to, port: tcp.dstPort ?? 0 },
    flags: tcp.flags ?? 0,
    ip: ipSpan.at,
    tcp: tcpSpan.at,
    options: tcpSpan.at + 20,
    payload: tcpSpan.at + tcpSpan.length,
    end: spans[padding]?.at ?? frame.length,
    version: ip.kind === 'ipv4' ? 4 : 6,
  };
}

/** Whether a segment has a flag. */
export function hasFlag({ flags }: Segment, flag: keyof typeof TCP_FLAG): boolean {
  return (flags & TCP_FLAG[flag]) !== 0;
}

/** Whether an IP header has more than its fixed part: IPv4 options, or IPv6 extension headers. */
export function hasIpOptions({ ip, tcp, version }: Segment): boolean {
  return tcp - ip > (version === 4 ? 20 : 40);
}

/** How many octets of payload a segment carries. */
export function payloadOctets({ payload, end }: Segment): number {
  return end - payload;
}

/** Sums of what the two checksums cover, without the checksums themselves. */
function coveredSums(
  frame: Uint8Array,
  { ip, tcp, end, version }: Segment,
): { readonly ip: number; readonly tcp: number } {
  const header = sumWords(frame, ip + IPV4.source, tcp, sumWords(frame, ip, ip + IPV4.checksum));
  const { at, length } = ADDRESSES[version];
  const pseudo = sumWords(frame, ip + at, ip + at + length);
  const fixed = sumWords(frame, tcp, tcp + TCP.checksum, pseudo);
  return { ip: header, tcp: sumWords(frame, tcp + TCP.urgent, end, fixed) };
}

/**
 * A copy of the segment's frame after `change`, with both checksums patched by the difference.
 *
 * `change` may write any octet of the IP packet; it must not move anything.
 */
export function edited(
  segment: Segment,
  change: (octets: DataView, segment: Segment) => void,
): Uint8Array {
  const { frame, ip, tcp, version } = segment;
  const after = frame.slice();
  const view = new DataView(after.buffer);
  change(view, segment);
  const [was, is] = [coveredSums(frame, segment), coveredSums(after, segment)];
  if (version === 4) {
    const at = ip + IPV4.checksum;
    view.setUint16(at, updateChecksum(view.getUint16(at), was.ip, is.ip));
  }
  const at = tcp + TCP.checksum;
  view.setUint16(at, updateChecksum(view.getUint16(at), was.tcp, is.tcp));
  return after;
}

/** A copy of `frame` after `change`, which patches nothing: for defects of the checksums. */
export function overwritten(frame: Uint8Array, change: (octets: DataView) => void): Uint8Array {
  const after = frame.slice();
  change(new DataView(after.buffer));
  return after;
}

/** A view of a frame's octets. */
export function viewOf(frame: Uint8Array): DataView {
  return new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
}

/** Adds `by` to the 32-bit number at `at`, modulo 2^32. */
export function add32(octets: DataView, at: number, by: number): void {
  octets.setUint32(at, Number(BigInt.asUintN(32, BigInt(octets.getUint32(at)) + BigInt(by))));
}

/** Writes an IPv4 or IPv6 address. */
export function writeAddress(octets: DataView, at: number, address: string): void {
  if (!address.includes(':')) {
    octets.setUint32(at, ipv4Address(address));
    return;
  }
  const number = ipv6Address(address);
  octets.setBigUint64(at, number >> 64n);
  octets.setBigUint64(at + 8, BigInt.asUintN(64, number));
}

/** Sends a segment to an owner. */
export function sendTo(octets: DataView, { ip, tcp, version }: Segment, owner: Owner): void {
  const { at, length } = ADDRESSES[version];
  writeAddress(octets, ip + at + length / 2, owner.address);
  octets.setUint16(tcp + TCP.destinationPort, owner.port);
  writeMac(octets, owner.mac);
}

/** Lets a segment come from an end. */
export function sendFrom(octets: DataView, { ip, tcp, version }: Segment, from: Endpoint): void {
  writeAddress(octets, ip + ADDRESSES[version].at, from.address);
  octets.setUint16(tcp + TCP.sourcePort, from.port);
}

/** Writes the MAC address that a frame is for. */
export function writeMac(octets: DataView, mac: string): void {
  mac.split(':').forEach((octet, at) => {
    octets.setUint8(at, Number.parseInt(octet, 16));
  });
}

/** An option of a segment: its kind, and offset and length of the whole in the frame. */
export interface OptionPlace {
  readonly kind: number;
  readonly at: number;
  readonly length: number;
}

/** The options of a segment up to the end of the list or the first malformed one. */
export function optionsOf({ frame, options, payload }: Segment): readonly OptionPlace[] {
  const places: OptionPlace[] = [];
  for (let at = options; at < payload;) {
    const kind = frame[at] ?? 0;
    if (kind === 0) break;
    const length = kind === 1 ? 1 : (frame[at + 1] ?? 0);
    if (length === 0 || (kind !== 1 && length < 2) || at + length > payload) break;
    places.push({ kind, at, length });
    at += length;
  }
  return places;
}

/** Option kinds. IANA. */
export const OPTION = { nop: 1, mss: 2, windowScale: 3, sack: 5, timestamps: 8 } as const;

/** Offsets in the frame of every SACK edge, left and right in turn. RFC 2018 section 3. */
export function sackEdges(segment: Segment): readonly number[] {
  return optionsOf(segment)
    .filter(({ kind, length }) => kind === OPTION.sack && length % 8 === 2)
    .flatMap(({ at, length }) => numbersIn(at, length));
}

/** Offsets of the 32-bit numbers of an option that begins at `at`. */
export function numbersIn(at: number, length: number): readonly number[] {
  return Array.from({ length: Math.floor((length - 2) / 4) }, (_, index) => at + 2 + 4 * index);
}
