/**
 * What a packet that is sent to the switch is to it; TCP as the rules see it, and UDP besides.
 *
 *   IPv4 ─┬─ TCP, UDP header     transport
 *         ├─ (offset > 0)        fragment
 *         ├─ ICMP error ─ IPv4 ─ TCP, UDP   error
 *         ├─ ICMP echo request   echo
 *         ├─ lengths impossible  opaque
 *         └─ all else, IPv6      other
 *
 * RFC 768, 791, 792.
 */
import { sumWords } from 'scapy-ts';
import type { IpView, SegmentView } from '../rules/frame-view.ts';
import { destinationAt, sameAddress, viewFrame } from '../rules/frame-view.ts';
import { TCP_AT } from '../tcp/header.ts';
import { seqNum } from '../tcp/seq-num.ts';
import { readUint16, readUint32, readUint8 } from '../tcp/word.ts';
import type { Protocol } from './config.ts';
import type { Segment } from './phase.ts';

/** Octets of a UDP header, and of an ICMP header. */
export const SHORT_HEADER_OCTETS = 8;

/** A whole UDP header, with the payload or the first part of it. */
export interface DatagramView {
  readonly kind: 'datagram';
  readonly ip: IpView;
  readonly isFirstFragment: boolean;
}

/** A later fragment of TCP or UDP. */
export interface LaterView {
  readonly kind: 'later';
  readonly ip: IpView;
}

/** An ICMP error about a segment or datagram, whose first octets it quotes. */
export interface ErrorView {
  readonly kind: 'error';
  readonly ip: IpView;
  readonly quote: IpView;
  /** Of what is quoted. */
  readonly protocol: Protocol;
}

/** An echo request. */
export interface EchoView {
  readonly kind: 'echo';
  readonly ip: IpView;
}

/** What the switch may pass on between client and server. */
export type CarriedView = SegmentView | DatagramView | LaterView | ErrorView;

/** What a packet is to the switch. */
export type PacketView =
  CarriedView | EchoView | { readonly kind: 'opaque' } | { readonly kind: 'other' };

const ETHER_TYPE_IPV4 = 0x0800;
const NUMBER = { icmp: 1, tcp: 6, udp: 17 } as const;
const ICMP_ECHO_REQUEST = 8;
/** Unreachable, time exceeded, parameter problem. RFC 792. */
const ICMP_ERRORS: ReadonlySet<number> = new Set([3, 11, 12]);
const IPV4_OCTETS = 20;

const OTHER: PacketView = { kind: 'other' };
const OPAQUE: PacketView = { kind: 'opaque' };

/** What the frame whose EtherType stands at `typeAt` carries. Never throws. */
export function viewPacket(frame: Uint8Array, typeAt: number): PacketView {
  if (readUint16(frame, typeAt) !== ETHER_TYPE_IPV4) return OTHER;
  const view = viewFrame(frame, typeAt);
  switch (view.kind) {
    case 'segment':
      return view;
    case 'fragment':
      return { kind: 'later', ip: view.ip };
    case 'icmp-error':
      return { kind: 'error', ip: view.ip, quote: view.quote, protocol: 'tcp' };
    case 'opaque':
      return OPAQUE;
    case 'plain':
      return viewPlain(frame, typeAt + 2);
    default:
      return view satisfies never;
  }
}

/** The protocol of a view's ports. */
export function protocolOf(view: SegmentView | DatagramView | ErrorView): Protocol {
  if (view.kind === 'error') return view.protocol;
  return view.kind === 'segment' ? 'tcp' : 'udp';
}

/** What of a segment the switch follows. */
export function readSegment(octets: Uint8Array, { transportAt }: IpView): Segment {
  return {
    flags: readUint8(octets, transportAt + TCP_AT.flags),
    seq: seqNum(readUint32(octets, transportAt + TCP_AT.seq)),
    ack: seqNum(readUint32(octets, transportAt + TCP_AT.ack)),
  };
}

/** Whether a packet is all there, and its IP header as it was sent. RFC 1812 section 5.2.2. */
export function isSound(frame: Uint8Array, ip: IpView): boolean {
  const isWhole = ip.ipAt + readUint16(frame, ip.ipAt + 2) <= frame.length;
  return isWhole && sumWords(frame, ip.ipAt, ip.transportAt) === 0xffff;
}

/** Whether an ICMP message is as it was sent. RFC 5508 REQ-3. */
export function isSoundIcmp(frame: Uint8Array, ip: IpView): boolean {
  return sumWords(frame, ip.transportAt, ip.end) === 0xffff;
}

function viewPlain(frame: Uint8Array, ipAt: number): PacketView {
  const ip = locate(frame, ipAt, frame.length);
  if (ip === undefined) return OPAQUE;
  const protocol = readUint8(frame, ipAt + 9);
  const fragmentField = readUint16(frame, ipAt + 6);
  const isLater = (fragmentField & 0x1fff) !== 0;
  const hasMore = (fragmentField & 0x2000) !== 0;
  if (protocol === NUMBER.udp) {
    if (isLater) return { kind: 'later', ip };
    if (ip.transportAt + SHORT_HEADER_OCTETS > ip.end) return OPAQUE;
    return { kind: 'datagram', ip, isFirstFragment: hasMore };
  }
  if (protocol !== NUMBER.icmp || isLater || hasMore) return OTHER;
  return viewIcmp(frame, ip);
}

function viewIcmp(frame: Uint8Array, ip: IpView): PacketView {
  const quoteAt = ip.transportAt + SHORT_HEADER_OCTETS;
  if (quoteAt > ip.end) return OPAQUE;
  const type = readUint8(frame, ip.transportAt);
  if (type === ICMP_ECHO_REQUEST) return { kind: 'echo', ip };
  if (!ICMP_ERRORS.has(type)) return OTHER;
  const quote = locate(frame, quoteAt, ip.end, ip.end);
  const isDatagram = readUint8(frame, quoteAt + 9) === NUMBER.udp;
  const isFirst = (readUint16(frame, quoteAt + 6) & 0x1fff) === 0;
  if (quote === undefined || !isDatagram || !isFirst) return OTHER;
  if (quote.transportAt + SHORT_HEADER_OCTETS > ip.end) return OTHER;
  // An error goes to the sender of what it quotes. RFC 1122 section 3.2.2.
  const isToSender = sameAddress(frame, ip, destinationAt(ip), quote.sourceAt);
  return isToSender ? { kind: 'error', ip, quote, protocol: 'udp' } : OTHER;
}

/** An IPv4 header within `limit`; a quote's total length does not bound what is quoted of it. */
function locate(
  frame: Uint8Array,
  ipAt: number,
  limit: number,
  quoteEnd?: number,
): IpView | undefined {
  const transportAt = ipAt + (readUint8(frame, ipAt) & 0xf) * 4;
  const end = quoteEnd ?? Math.min(limit, ipAt + readUint16(frame, ipAt + 2));
  const isPossible =
    readUint8(frame, ipAt) >> 4 === 4 && transportAt >= ipAt + IPV4_OCTETS && transportAt <= end;
  if (!isPossible) return undefined;
  return { version: 4, ipAt, sourceAt: ipAt + 12, addressOctets: 4, transportAt, end };
}
