/**
 * Rewriting: a frame and one direction of a rule, in place.
 *
 *   Ethernet  destination ......... owner's MAC              client ▶ owner only
 *   IP        address of one side . checksum by difference   TTL − 1 on a router
 *   TCP       port of that side, seq, ack, window,
 *             TSval, TSecr, SACK .. checksum by difference
 *
 * A checksum is never computed anew but moved by the difference of the header words before and
 * after (RFC 1624 equation 3): payload and padding do not enter, and a packet that was corrupt
 * stays corrupt by the same amount (RFC 1812 section 5.2.2).
 */
import { sumWords, updateChecksum } from 'scapy-ts';
import { FLAG_BIT, TCP_AT } from '../tcp/header.ts';
import { OPTION_KIND, walkOptions } from '../tcp/options.ts';
import { readUint16, readUint32, readUint8, writeUint16, writeUint32 } from '../tcp/word.ts';
import type { FragmentView, IcmpErrorView, IpView, SegmentView } from './frame-view.ts';
import { destinationAt, hopLimitAt, sameAddress } from './frame-view.ts';
import type { Plan } from './plan.ts';

const IPV4_CHECKSUM_AT = 10;
const ICMP_CHECKSUM_AT = 2;
const NO_OCTETS = new Uint8Array(0);
const TIMESTAMPS_OCTETS = 10;
const SACK_BLOCK_OCTETS = 8;

/** Rewrites a TCP segment in place; its payload is not touched. */
export function rewriteSegment(frame: Uint8Array, view: SegmentView, plan: Plan): void {
  const { ip, headerEnd } = view;
  const before = tcpSum(frame, ip, headerEnd);
  rewriteNetwork(frame, ip, plan, plan.address);
  writePort(frame, ip, plan.side, plan.port);
  rewriteTcp(frame, ip.transportAt, headerEnd, plan);
  const after = tcpSum(frame, ip, headerEnd);
  moveChecksum(frame, ip.transportAt + TCP_AT.checksum, before, after);
}

/** Rewrites a later fragment in place: only the addresses, for it has no TCP header. */
export function rewriteFragment(frame: Uint8Array, view: FragmentView, plan: Plan): void {
  rewriteNetwork(frame, view.ip, plan, plan.address);
}

/**
 * Rewrites an ICMP error in place, so that its receiver recognises the segment that it quotes.
 *
 * An error travels as a reply to that segment would, and takes the plan of its own direction: the
 * quoted sequence number moves as a reply's acknowledgement number. RFC 5508 section 4.2.
 */
export function rewriteIcmpError(frame: Uint8Array, view: IcmpErrorView, plan: Plan): void {
  const { ip, quote } = view;
  const quotedSide = plan.side === 'source' ? 'destination' : 'source';
  const reporterAt = addressAt(ip, plan.side);
  // A router on the way reports under its own address: only the quoted host's own is translated.
  const isRouter = !sameAddress(frame, ip, reporterAt, addressAt(quote, quotedSide));
  const before = icmpSum(frame, ip);
  rewriteNetwork(frame, ip, plan, isRouter ? NO_OCTETS : plan.address);
  rewriteQuote(frame, quote, quotedSide, plan);
  moveChecksum(frame, ip.transportAt + ICMP_CHECKSUM_AT, before, icmpSum(frame, ip));
}

function rewriteNetwork(frame: Uint8Array, ip: IpView, plan: Plan, address: Uint8Array): void {
  if (plan.mac !== undefined) frame.set(plan.mac, 0);
  const before = ipHeaderSum(frame, ip);
  frame.set(address, addressAt(ip, plan.side));
  const hopsAt = hopLimitAt(ip);
  frame[hopsAt] = readUint8(frame, hopsAt) - plan.hops;
  if (ip.version === 4) {
    moveChecksum(frame, ip.ipAt + IPV4_CHECKSUM_AT, before, ipHeaderSum(frame, ip));
  }
}

function rewriteTcp(frame: Uint8Array, tcpAt: number, headerEnd: number, plan: Plan): void {
  const flags = readUint8(frame, tcpAt + TCP_AT.flags);
  const hasAck = (flags & FLAG_BIT.ack) !== 0;
  shift(frame, tcpAt + TCP_AT.seq, plan.seq);
  if (hasAck) shift(frame, tcpAt + TCP_AT.ack, plan.ack);
  // The window of a SYN is never scaled. RFC 7323 section 2.2.
  if ((flags & FLAG_BIT.syn) === 0) rescaleWindow(frame, tcpAt + TCP_AT.window, plan);
  walkOptions(frame, tcpAt + TCP_AT.options, headerEnd, (kind, at, lengthOctets) => {
    if (kind === OPTION_KIND.timestamps && lengthOctets === TIMESTAMPS_OCTETS) {
      shift(frame, at + 2, plan.tsValue);
      // Without ACK, or as 0, TSecr echoes nothing. RFC 7323 section 3.2.
      if (hasAck && readUint32(frame, at + 6) !== 0) shift(frame, at + 6, plan.tsEcho);
    }
    const hasBlocks = kind === OPTION_KIND.sack && lengthOctets % SACK_BLOCK_OCTETS === 2;
    if (hasBlocks && hasAck) {
      for (let edge = at + 2; edge < at + lengthOctets; edge += 4) shift(frame, edge, plan.ack);
    }
  });
}

function rescaleWindow(frame: Uint8Array, at: number, plan: Plan): void {
  const { in: sent, out: read } = plan.window;
  writeUint16(frame, at, Math.min(0xffff, (readUint16(frame, at) << sent) >>> read));
}

/** Ports, sequence number and, where the quote reaches that far, the TCP checksum. */
function rewriteQuote(frame: Uint8Array, quote: IpView, side: Plan['side'], plan: Plan): void {
  const seqAt = quote.transportAt + TCP_AT.seq;
  const ipBefore = ipHeaderSum(frame, quote);
  const tcpBefore = tcpSum(frame, quote, seqAt + 4);
  frame.set(plan.address, addressAt(quote, side));
  writePort(frame, quote, side, plan.port);
  shift(frame, seqAt, plan.ack);
  if (quote.version === 4) {
    moveChecksum(frame, quote.ipAt + IPV4_CHECKSUM_AT, ipBefore, ipHeaderSum(frame, quote));
  }
  const checksumAt = quote.transportAt + TCP_AT.checksum;
  if (checksumAt + 2 <= quote.end) {
    moveChecksum(frame, checksumAt, tcpBefore, tcpSum(frame, quote, seqAt + 4));
  }
}

/** Where the address of one side stands. */
function addressAt(ip: IpView, side: Plan['side']): number {
  return side === 'source' ? ip.sourceAt : destinationAt(ip);
}

function shift(frame: Uint8Array, at: number, delta: number): void {
  writeUint32(frame, at, readUint32(frame, at) + delta);
}

function writePort(frame: Uint8Array, ip: IpView, side: Plan['side'], port: number): void {
  const at = side === 'source' ? TCP_AT.srcPort : TCP_AT.dstPort;
  writeUint16(frame, ip.transportAt + at, port);
}

function moveChecksum(frame: Uint8Array, at: number, before: number, after: number): void {
  writeUint16(frame, at, updateChecksum(readUint16(frame, at), before, after));
}

function ipHeaderSum(frame: Uint8Array, ip: IpView): number {
  return sumWords(frame, ip.ipAt, ip.transportAt);
}

/** What a rule can change of the words under a TCP checksum. RFC 9293 section 3.1. */
function tcpSum(frame: Uint8Array, ip: IpView, to: number): number {
  return sumWords(frame, ip.transportAt, to, addressSum(frame, ip));
}

/** ICMPv6 has a pseudo-header, ICMP has none. RFC 4443 section 2.3. */
function icmpSum(frame: Uint8Array, ip: IpView): number {
  return sumWords(frame, ip.transportAt, ip.end, ip.version === 6 ? addressSum(frame, ip) : 0);
}

function addressSum(frame: Uint8Array, ip: IpView): number {
  return sumWords(frame, ip.sourceAt, ip.sourceAt + 2 * ip.addressOctets);
}
