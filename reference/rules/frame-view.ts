/**
 * Where the things that a rule reads and writes stand in a frame; nothing is copied or decoded.
 *
 *   Ethernet ─ 802.1Q … ─┬─ IPv4 ───────────────┬─ TCP header        segment
 *                        └─ IPv6 ─ extensions ──┼─ (offset > 0)      fragment, never TCP
 *                                               ├─ TCP, not legible  opaque
 *                                               ├─ ICMP ─ IP ─ TCP   icmp-error
 *                                               └─ all else          plain
 *
 * IEEE 802.3, 802.1Q; RFC 791, 792, 4443, 8200, 9293.
 */
import { TCP_AT } from '../tcp/header.ts';
import { readUint16, readUint8 } from '../tcp/word.ts';

/** Octets of an Ethernet header without tags. */
export const ETHERNET_OCTETS = 14;

const TAG_OCTETS = 4;
const ETHER_TYPE = { ipv4: 0x0800, ipv6: 0x86dd } as const;
/** Customer and service tag. IEEE 802.1Q. */
const TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8]);
const PROTOCOL = { icmp: 1, tcp: 6, icmpv6: 58 } as const;
/** Hop-by-hop options, destination options. RFC 8200 section 4. */
const SKIPPED: ReadonlySet<number> = new Set([0, 60]);
/** Those, and what TCP is not looked for behind: a route that may go on, a fragment. */
const EXTENSIONS: ReadonlySet<number> = new Set([...SKIPPED, 43, 44]);
const IPV4_OCTETS = 20;
const IPV6_OCTETS = 40;
const ICMP_OCTETS = 8;
/** Ports and sequence number: what every ICMP error quotes at least. RFC 792. */
const QUOTED_TCP_OCTETS = 8;
/** Unreachable, time exceeded, parameter problem. RFC 792. */
const ICMP_ERRORS: ReadonlySet<number> = new Set([3, 11, 12]);
/** Unreachable, packet too big, time exceeded, parameter problem. RFC 4443. */
const ICMPV6_ERRORS: ReadonlySet<number> = new Set([1, 2, 3, 4]);

/** One IP header; all `…At` and `end` are offsets from the frame's first octet. */
export interface IpView {
  readonly version: 4 | 6;
  readonly ipAt: number;
  /** The source address; the destination follows it. */
  readonly sourceAt: number;
  readonly addressOctets: 4 | 16;
  /** What the IP header and its options or extensions carry. */
  readonly transportAt: number;
  /** Past the packet's last octet, as the IP header says and the frame has; padding may follow. */
  readonly end: number;
}

/** A whole TCP header, with the payload or the first part of it. */
export interface SegmentView {
  readonly kind: 'segment';
  readonly ip: IpView;
  /** Past the TCP options. */
  readonly headerEnd: number;
  /** More fragments of this datagram follow. */
  readonly isFirstFragment: boolean;
}

/** A later IPv4 fragment of a TCP segment: it has no ports. */
export interface FragmentView {
  readonly kind: 'fragment';
  readonly ip: IpView;
}

/** TCP whose lengths are impossible, or that lies behind something that the switch cannot read. */
export interface OpaqueView {
  readonly kind: 'opaque';
  readonly ip: IpView;
}

/** An ICMP error about a TCP segment, whose first octets it quotes. */
export interface IcmpErrorView {
  readonly kind: 'icmp-error';
  readonly ip: IpView;
  readonly quote: IpView;
}

/** What a rule can translate. */
export type RuleView = SegmentView | FragmentView | IcmpErrorView;

/** What a frame is to the rules; `plain` is none of their business. */
export type FrameView = RuleView | OpaqueView | { readonly kind: 'plain' };

interface IpPayload {
  readonly ip: IpView;
  readonly protocol: number | undefined;
}

/** The view of a frame that is none of the rules' business. */
export const PLAIN: FrameView = { kind: 'plain' };

/** Where the EtherType behind all tags stands. */
export function findEtherType(frame: Uint8Array): number {
  let at = 12;
  while (TAGS.has(readUint16(frame, at))) at += TAG_OCTETS;
  return at;
}

/** What the frame whose EtherType stands at `typeAt` is to the rules. Never throws. */
export function viewFrame(frame: Uint8Array, typeAt: number): FrameView {
  const type = readUint16(frame, typeAt);
  if (type === ETHER_TYPE.ipv4) return viewIpv4(frame, typeAt + 2);
  return type === ETHER_TYPE.ipv6 ? viewIpv6(frame, typeAt + 2) : PLAIN;
}

/** Whether an IPv4 header carries options. */
export function hasIpOptions(ip: IpView): boolean {
  return ip.version === 4 && ip.transportAt > ip.ipAt + IPV4_OCTETS;
}

/** Where the destination address stands. */
export function destinationAt(ip: IpView): number {
  return ip.sourceAt + ip.addressOctets;
}

/** Whether two addresses of `ip`'s version stand at two places of a frame. */
export function sameAddress(frame: Uint8Array, ip: IpView, at: number, otherAt: number): boolean {
  for (let index = 0; index < ip.addressOctets; index += 1) {
    if (frame[at + index] !== frame[otherAt + index]) return false;
  }
  return true;
}

/** Where TTL (IPv4) or hop limit (IPv6) stands. */
export function hopLimitAt(ip: IpView): number {
  return ip.ipAt + (ip.version === 4 ? 8 : 7);
}

function viewIpv4(frame: Uint8Array, ipAt: number): FrameView {
  const end = Math.min(frame.length, ipAt + readUint16(frame, ipAt + 2));
  const ip = locateIpv4(frame, ipAt, end);
  const isSound =
    readUint8(frame, ipAt) >> 4 === 4 &&
    ip.transportAt >= ipAt + IPV4_OCTETS &&
    ip.transportAt <= end;
  const protocol = frame[ipAt + 9];
  const fragmentField = readUint16(frame, ipAt + 6);
  const fragmentOffset = fragmentField & 0x1fff;
  const hasMore = (fragmentField & 0x2000) !== 0;
  if (protocol === PROTOCOL.tcp) {
    if (!isSound) return { kind: 'opaque', ip };
    return fragmentOffset > 0 ? { kind: 'fragment', ip } : viewTcp(frame, ip, hasMore);
  }
  const isWhole = (fragmentField & 0x3fff) === 0;
  if (protocol === PROTOCOL.icmp && isSound && isWhole) return viewIcmp(frame, ip, ICMP_ERRORS);
  return PLAIN;
}

function viewIpv6(frame: Uint8Array, ipAt: number): FrameView {
  const end = Math.min(frame.length, ipAt + IPV6_OCTETS + readUint16(frame, ipAt + 4));
  const { ip, protocol } = walkExtensions(frame, ipAt, end);
  const isSound = readUint8(frame, ipAt) >> 4 === 6;
  if (protocol === PROTOCOL.icmpv6 && isSound) return viewIcmp(frame, ip, ICMPV6_ERRORS);
  if (protocol === undefined) return { kind: 'opaque', ip };
  if (protocol !== PROTOCOL.tcp) return PLAIN;
  return isSound ? viewTcp(frame, ip, false) : { kind: 'opaque', ip };
}

function viewTcp(frame: Uint8Array, ip: IpView, isFirstFragment: boolean): FrameView {
  const headerOctets = (readUint8(frame, ip.transportAt + TCP_AT.dataOffset) >> 4) * 4;
  const headerEnd = ip.transportAt + headerOctets;
  if (headerOctets < TCP_AT.options || headerEnd > ip.end) return { kind: 'opaque', ip };
  return { kind: 'segment', ip, headerEnd, isFirstFragment };
}

function viewIcmp(frame: Uint8Array, ip: IpView, errors: ReadonlySet<number>): FrameView {
  if (!errors.has(readUint8(frame, ip.transportAt))) return PLAIN;
  const quote = locateQuote(frame, ip.version, ip.transportAt + ICMP_OCTETS, ip.end);
  if (quote === undefined) return PLAIN;
  // An error goes to the sender of what it quotes. RFC 1122 section 3.2.2.
  const isToSender = sameAddress(frame, ip, destinationAt(ip), quote.sourceAt);
  return isToSender ? { kind: 'icmp-error', ip, quote } : PLAIN;
}

/** The quoted packet, if it is TCP with its ports and sequence number. */
function locateQuote(
  frame: Uint8Array,
  version: 4 | 6,
  ipAt: number,
  end: number,
): IpView | undefined {
  const { ip, protocol } =
    version === 4 ? locateQuotedIpv4(frame, ipAt, end) : walkExtensions(frame, ipAt, end);
  const isSound = ip.transportAt >= ipAt + IPV4_OCTETS;
  const hasSeq = ip.transportAt + QUOTED_TCP_OCTETS <= end;
  return protocol === PROTOCOL.tcp && isSound && hasSeq ? ip : undefined;
}

function locateQuotedIpv4(frame: Uint8Array, ipAt: number, end: number): IpPayload {
  const isFirst = (readUint16(frame, ipAt + 6) & 0x1fff) === 0;
  return { ip: locateIpv4(frame, ipAt, end), protocol: isFirst ? frame[ipAt + 9] : undefined };
}

function locateIpv4(frame: Uint8Array, ipAt: number, end: number): IpView {
  const transportAt = ipAt + (readUint8(frame, ipAt) & 0xf) * 4;
  return { version: 4, ipAt, sourceAt: ipAt + 12, addressOctets: 4, transportAt, end };
}

/**
 * Skips hop-by-hop and destination options. RFC 8200 section 4.
 *
 * `protocol` is undefined where TCP may follow but cannot be read: behind a truncated header, a
 * routing header (the destination may not be the final one), a fragment header.
 */
function walkExtensions(frame: Uint8Array, ipAt: number, end: number): IpPayload {
  let protocol = readUint8(frame, ipAt + 6);
  let at = ipAt + IPV6_OCTETS;
  while (SKIPPED.has(protocol) && at + 8 <= end) {
    protocol = readUint8(frame, at);
    at += (readUint8(frame, at + 1) + 1) * 8;
  }
  const ip = ipv6View(ipAt, at, end);
  if (!EXTENSIONS.has(protocol)) return { ip, protocol };
  const hidden = readUint8(frame, at);
  const mayBeTcp = hidden === PROTOCOL.tcp || EXTENSIONS.has(hidden);
  return { ip, protocol: mayBeTcp ? undefined : hidden };
}

function ipv6View(ipAt: number, transportAt: number, end: number): IpView {
  return { version: 6, ipAt, sourceAt: ipAt + 8, addressOctets: 16, transportAt, end };
}
