/**
 * One TCP segment as a capture shows it: what pairing and judging need, without its payload.
 *
 * These are filled again and again: a capture of a gigabyte has millions of them. Numbers of 32
 * bits are kept signed, which engines hold without allocating.
 */

import type { Connection, Path } from './connection.ts';

/** Which of the captures a frame is in. */
export type CaptureName = 'client' | 'backend' | 'controller';

/** What a checksum came to; `partial` is the sum that a sender leaves to its network card. */
export type ChecksumState = 'unknown' | 'valid' | 'invalid' | 'partial';

/** Octets of a frame that are kept: two tags, the longest IPv4 and TCP headers, and some more. */
export const HEADER_OCTETS = 192;
/** Payloads from here on, in octets, are long enough to tell segments apart. */
export const TELLING_OCTETS = 16;

/** A segment; the offsets count from the start of the frame. */
export interface Seen {
  capture: CaptureName;
  interfaceId: number;
  /** Number of the frame in its capture, from 1, as Wireshark counts. */
  frame: number;
  timeUs: number;
  /** Endpoints as `AddressBook` numbers them. */
  source: number;
  destination: number;
  /** Of both endpoints, in this order; 32 bits. */
  endsHash: number;
  /** Folded octets of the destination MAC address, and of the VLAN tags; 0 when there are none. */
  destinationMac: number;
  tags: number;
  family: 4 | 6;
  ipAt: number;
  tcpAt: number;
  payloadAt: number;
  /** Octets between the IPv4 header's fixed part and TCP: options or extension headers. */
  extraOctets: number;
  /** DSCP and ECN. */
  trafficClass: number;
  id: number;
  dontFragment: boolean;
  ttl: number;
  ipChecksum: ChecksumState;
  seq: number;
  ack: number;
  /** Reserved bits and flags: the low 12 bits of the word. */
  flags: number;
  window: number;
  urgent: number;
  tcpChecksum: ChecksumState;
  /** Octets of payload on the wire, and as many of them as were captured and went into `hash`. */
  length: number;
  hashed: number;
  hash: number;
  /** Octets behind the IP packet that are not all 0. */
  padded: boolean;
  hasTimestamps: boolean;
  tsValue: number;
  tsEcho: number;
  /** Where the first edge of a SACK option is; 0 when there is none. */
  sackAt: number;
  sackBlocks: number;
  /** From a SYN; -1 when the option is not there. */
  mss: number;
  windowScale: number;
  sackPermitted: boolean;
  /** An option that the judge does not know, or one whose length cannot be. */
  oddOptions: boolean;
  badOptions: boolean;
  /** The frame itself while it is at hand, then `kept`. */
  header: Uint8Array;
  readonly kept: Uint8Array;
  headerOctets: number;
  tsAt: number;
  /** Where it belongs: a connection in the client's capture, else a path to an owner. */
  connection: Connection | undefined;
  path: Path | undefined;
  /** In the client's capture: octets between what its server had sent before and this. */
  ahead: number | undefined;
  /** It holds other octets than were sent before at the same sequence numbers. */
  differs: boolean;
  /** It has not found its partner yet, nor been given up. */
  waiting: boolean;
  /** Later segments that found their partner while this one waits for its own. */
  passedOver: number;
}

/** An empty segment to be filled. */
export function createSeen(): Seen {
  const kept = new Uint8Array(HEADER_OCTETS);
  return {
    capture: 'client',
    interfaceId: 0,
    frame: 0,
    timeUs: 0.5,
    source: 0.5,
    destination: 0.5,
    endsHash: 0,
    destinationMac: 0,
    tags: 0,
    family: 4,
    ipAt: 0,
    tcpAt: 0,
    payloadAt: 0,
    extraOctets: 0,
    trafficClass: 0,
    id: 0,
    dontFragment: false,
    ttl: 0,
    ipChecksum: 'unknown',
    seq: 0,
    ack: 0,
    flags: 0,
    window: 0,
    urgent: 0,
    tcpChecksum: 'unknown',
    length: 0,
    hashed: 0,
    hash: 0,
    padded: false,
    hasTimestamps: false,
    tsValue: 0,
    tsEcho: 0,
    sackAt: 0,
    sackBlocks: 0,
    mss: -1,
    windowScale: -1,
    sackPermitted: false,
    oddOptions: false,
    badOptions: false,
    header: kept,
    kept,
    headerOctets: 0,
    tsAt: 0,
    connection: undefined,
    path: undefined,
    ahead: undefined,
    differs: false,
    waiting: false,
    passedOver: 0,
  };
}

/** TCP flags that the judge looks at. RFC 9293 section 3.1. */
export const FLAG = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 0x10, urg: 0x20 } as const;

/** Whether a segment has all of `flags`. */
export function has(seen: Seen, flags: number): boolean {
  return (seen.flags & flags) === flags;
}

/** Octets of sequence space that a segment takes. RFC 9293 section 3.4. */
function sequenceLength(seen: Seen): number {
  return seen.length + (seen.flags & FLAG.syn ? 1 : 0) + (seen.flags & FLAG.fin ? 1 : 0);
}

/** The position behind a segment. */
export function endOf(seen: Seen): number {
  return (seen.seq + sequenceLength(seen)) | 0;
}

/** Whether two numbers are further apart than windows allow. RFC 7323 section 2.3. */
export function isFar(distance: number): boolean {
  return Math.abs(distance | 0) > 2 ** 30;
}
