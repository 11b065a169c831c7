/**
 * Reads a captured frame by offsets, without building layers: the way that every packet takes.
 *
 * Ethernet with any tags, Linux cooked captures, loopback and raw IP; IPv4 with options, IPv6 with
 * extension headers; TCP. What is something else is named, and left out of the judgement.
 */
import type { AddressBook } from './address-book.ts';
import { endpointNumber } from './address-book.ts';
import { digestPayload, fold, i32, sumHeader, u16, type Digest } from './octets.ts';
import { HEADER_OCTETS, type ChecksumState, type Seen } from './seen.ts';
import { readOptions } from './tcp-options.ts';

/** What a frame turned out to be; only `tcp` fills the segment. */
export type Reading = 'tcp' | 'not-ip' | 'not-tcp' | 'icmp' | 'fragment' | 'malformed' | 'cut';

/** A frame and how it was captured. */
export interface Captured {
  readonly octets: Uint8Array;
  /** Octets on the wire; more than `octets.length` when the capture cut the frame. */
  readonly originalLength: number;
}

const ETHER_TYPE = { ipv4: 0x0800, ipv6: 0x86dd } as const;
const TAGS: readonly number[] = [0x8100, 0x88a8, 0x9100];
/** Frames with more tags, or more IPv6 extension headers, than these are not IP to us. */
const MAX_TAGS = 4;
const MAX_EXTENSIONS = 8;
const LINK = { loopback: 0, ethernet: 1, cooked: 113, cooked2: 276 } as const;
const RAW_IP: readonly number[] = [12, 14, 101, 228, 229];
/** Address families of IPv4 and IPv6 in a loopback header, on the systems that write it. */
const LOOPBACK_FAMILIES: readonly number[] = [2, 10, 24, 28, 30];
const PROTOCOL = { hopByHop: 0, icmpv4: 1, tcp: 6, routing: 43, fragment: 44, icmpv6: 58 } as const;
const SKIPPED_EXTENSIONS: readonly number[] = [PROTOCOL.hopByHop, PROTOCOL.routing, 60, 135, 139];
const IPV6_OCTETS = 40;
const TCP_OCTETS = 20;

const digest: Digest = { sum: 0, hash: 0 };

/** The EtherType behind the tags that start at `at`; sets where IP begins, and the tags. */
function behindTags(octets: Uint8Array, at: number, seen: Seen): number {
  let type = u16(octets, at);
  let next = at + 2;
  for (let count = 0; type !== ETHER_TYPE.ipv4 && TAGS.includes(type); count += 1) {
    if (count === MAX_TAGS) return -1;
    seen.tags = (Math.imul(seen.tags, 31) + ((type << 16) | u16(octets, next)) + 1) | 0;
    type = u16(octets, next + 2);
    next += 4;
  }
  seen.ipAt = next;
  return type;
}

function versionType(octets: Uint8Array, at: number): number {
  const version = (octets[at] ?? 0) >> 4;
  return version === 4 ? ETHER_TYPE.ipv4 : version === 6 ? ETHER_TYPE.ipv6 : -1;
}

function readEthernet(octets: Uint8Array, seen: Seen): number {
  seen.destinationMac = (Math.imul(u16(octets, 0), 0x10001) ^ i32(octets, 2)) | 0;
  return behindTags(octets, 12, seen);
}

/** The EtherType of what a frame carries, or -1; sets where IP begins. */
function readLink(octets: Uint8Array, linkType: number, seen: Seen): number {
  seen.tags = 0;
  seen.destinationMac = 0;
  if (linkType === LINK.ethernet) return readEthernet(octets, seen);
  if (RAW_IP.includes(linkType)) {
    seen.ipAt = 0;
    return versionType(octets, 0);
  }
  if (linkType === LINK.cooked) return behindTags(octets, 14, seen);
  if (linkType === LINK.cooked2) {
    seen.ipAt = 20;
    return u16(octets, 0);
  }
  if (linkType !== LINK.loopback) return -1;
  const family = (octets[0] ?? 0) | (octets[3] ?? 0);
  // Some switches write Ethernet frames under link type 0.
  if (!LOOPBACK_FAMILIES.includes(family) || octets[1] !== 0 || octets[2] !== 0) {
    return readEthernet(octets, seen);
  }
  seen.ipAt = 4;
  return versionType(octets, 4);
}

function ipv4Checksum(octets: Uint8Array, at: number, headerOctets: number): ChecksumState {
  return fold(sumHeader(octets, at, at + headerOctets)) === 0xffff ? 'valid' : 'invalid';
}

/** Where the IPv4 packet ends; the reading instead where it is no whole TCP packet. */
function readIpv4(frame: Captured, seen: Seen): Reading | number {
  const { octets, originalLength } = frame;
  const at = seen.ipAt;
  if (octets.length < at + 20) return originalLength < at + 20 ? 'malformed' : 'cut';
  const headerOctets = ((octets[at] ?? 0) & 15) * 4;
  const total = u16(octets, at + 2);
  // A sender that leaves the cutting to its network card may write no length.
  const end = total === 0 ? originalLength : at + total;
  if ((octets[at] ?? 0) >> 4 !== 4 || headerOctets < 20) return 'malformed';
  if (end > originalLength || end < at + headerOctets) return 'malformed';
  if (octets.length < at + headerOctets) return 'cut';
  const protocol = octets[at + 9];
  const fragment = u16(octets, at + 6);
  if ((fragment & 0x3fff) !== 0) return 'fragment';
  if (protocol !== PROTOCOL.tcp) return protocol === PROTOCOL.icmpv4 ? 'icmp' : 'not-tcp';
  seen.family = 4;
  seen.tcpAt = at + headerOctets;
  seen.extraOctets = headerOctets - 20;
  seen.trafficClass = octets[at + 1] ?? 0;
  seen.id = u16(octets, at + 4);
  seen.dontFragment = (fragment & 0x4000) !== 0;
  seen.ttl = octets[at + 8] ?? 0;
  seen.ipChecksum = ipv4Checksum(octets, at, headerOctets);
  return end;
}

/** The same for IPv6. RFC 8200 section 4. */
function readIpv6(frame: Captured, seen: Seen): Reading | number {
  const { octets, originalLength } = frame;
  const at = seen.ipAt;
  if (octets.length < at + IPV6_OCTETS) {
    return originalLength < at + IPV6_OCTETS ? 'malformed' : 'cut';
  }
  if ((octets[at] ?? 0) >> 4 !== 6) return 'malformed';
  const length = u16(octets, at + 4);
  const end = length === 0 ? originalLength : at + IPV6_OCTETS + length;
  if (end > originalLength) return 'malformed';
  let protocol = octets[at + 6] ?? 0;
  let next = at + IPV6_OCTETS;
  for (let count = 0; SKIPPED_EXTENSIONS.includes(protocol); count += 1) {
    if (count === MAX_EXTENSIONS || next + 8 > end) return 'malformed';
    if (next + 8 > octets.length) return 'cut';
    // With a routing header the destination of the pseudo-header is elsewhere.
    if (protocol === PROTOCOL.routing) return 'not-tcp';
    protocol = octets[next] ?? 0;
    next += 8 + (octets[next + 1] ?? 0) * 8;
  }
  if (protocol === PROTOCOL.fragment) return 'fragment';
  if (protocol !== PROTOCOL.tcp) return protocol === PROTOCOL.icmpv6 ? 'icmp' : 'not-tcp';
  seen.family = 6;
  seen.tcpAt = next;
  seen.extraOctets = next - at - IPV6_OCTETS;
  seen.trafficClass = (u16(octets, at) >> 4) & 0xff;
  seen.id = 0;
  seen.dontFragment = true;
  seen.ttl = octets[at + 7] ?? 0;
  seen.ipChecksum = 'unknown';
  return end;
}

/** Both addresses; false when there is no number left for one. */
function readEnds(octets: Uint8Array, seen: Seen, book: AddressBook): boolean {
  const { ipAt, tcpAt, family } = seen;
  const from = family === 4 ? i32(octets, ipAt + 12) >>> 0 : book.ipv6At(octets, ipAt + 8);
  const to = family === 4 ? i32(octets, ipAt + 16) >>> 0 : book.ipv6At(octets, ipAt + 24);
  seen.source = endpointNumber(from, u16(octets, tcpAt));
  seen.destination = endpointNumber(to, u16(octets, tcpAt + 2));
  const ends = Math.imul(from | 0, 0x2c1b3c6d) ^ Math.imul(to | 0, 0x297a2d39);
  seen.endsHash = Math.imul(ends ^ (ends >>> 15) ^ i32(octets, tcpAt), 0x5bd1e995);
  return from >= 0 && to >= 0;
}

function pseudoHeaderSum(octets: Uint8Array, seen: Seen, lengthOctets: number): number {
  const { ipAt, family } = seen;
  const addresses =
    family === 4
      ? sumHeader(octets, ipAt + 12, ipAt + 20)
      : sumHeader(octets, ipAt + 8, ipAt + IPV6_OCTETS);
  return addresses + PROTOCOL.tcp + (lengthOctets >>> 16) + (lengthOctets & 0xffff);
}

function tcpChecksum(octets: Uint8Array, seen: Seen, end: number): ChecksumState {
  if (end > octets.length) return 'unknown';
  const pseudo = pseudoHeaderSum(octets, seen, end - seen.tcpAt);
  const sum = pseudo + sumHeader(octets, seen.tcpAt, seen.payloadAt) + digest.sum;
  if (fold(sum) === 0xffff) return 'valid';
  return u16(octets, seen.tcpAt + 16) === fold(pseudo) ? 'partial' : 'invalid';
}

function hasTrailer(octets: Uint8Array, end: number): boolean {
  for (let at = end; at < octets.length; at += 1) if (octets[at] !== 0) return true;
  return false;
}

function readTcp(octets: Uint8Array, end: number, seen: Seen): Reading {
  const at = seen.tcpAt;
  if (end < at + TCP_OCTETS) return 'malformed';
  if (octets.length < at + TCP_OCTETS) return 'cut';
  const payloadAt = at + ((octets[at + 12] ?? 0) >> 4) * 4;
  if (payloadAt < at + TCP_OCTETS || payloadAt > end) return 'malformed';
  if (payloadAt > octets.length || payloadAt > HEADER_OCTETS) return 'cut';
  seen.payloadAt = payloadAt;
  seen.header = octets;
  seen.headerOctets = payloadAt;
  seen.seq = i32(octets, at + 4);
  seen.ack = i32(octets, at + 8);
  seen.flags = u16(octets, at + 12) & 0xfff;
  seen.window = u16(octets, at + 14);
  seen.urgent = u16(octets, at + 18);
  seen.length = end - payloadAt;
  const captured = Math.min(end, octets.length);
  seen.hashed = captured - payloadAt;
  digestPayload(octets, payloadAt, captured, digest);
  seen.hash = digest.hash;
  seen.tcpChecksum = tcpChecksum(octets, seen, end);
  seen.padded = hasTrailer(octets, end);
  readOptions(octets, at + TCP_OCTETS, payloadAt, seen);
  return 'tcp';
}

/** Keeps the headers of a segment: the frame itself is gone when the next one is read. */
export function keepHeader(seen: Seen): void {
  const { header, kept, payloadAt } = seen;
  for (let at = 0; at < payloadAt; at += 1) kept[at] = header[at] ?? 0;
  seen.header = kept;
}

/**
 * Reads one frame into `seen`. Never throws, whatever the octets.
 */
export function readFrame(
  frame: Captured,
  linkType: number,
  book: AddressBook,
  seen: Seen,
): Reading {
  const { octets } = frame;
  const type = readLink(octets, linkType, seen);
  if (type !== ETHER_TYPE.ipv4 && type !== ETHER_TYPE.ipv6) return 'not-ip';
  const end = type === ETHER_TYPE.ipv4 ? readIpv4(frame, seen) : readIpv6(frame, seen);
  if (typeof end === 'string') return end;
  const reading = readTcp(octets, end, seen);
  if (reading !== 'tcp') return reading;
  return readEnds(octets, seen, book) ? 'tcp' : 'not-tcp';
}
