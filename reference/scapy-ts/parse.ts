/**
 * Octets to layers.
 *
 * Never throws, and loses nothing: what is not understood is raw, what follows the end that the
 * outermost length says is padding, so that building the layers gives the same octets again.
 */
import { readArp } from './layers/arp.ts';
import { take } from './layers/cursor.ts';
import { readDot1q, readEther } from './layers/ether.ts';
import { readIcmpv4, readIcmpv6 } from './layers/icmp.ts';
import { readIpv4 } from './layers/ipv4.ts';
import { readIpv6Extension, readIpv6Fragment } from './layers/ipv6-extension.ts';
import { readIpv6 } from './layers/ipv6.ts';
import { readTcp } from './layers/tcp.ts';
import { readUdp } from './layers/udp.ts';
import type { ParsedLayer } from './layer.ts';
import type { Cursor, Span, Step } from './layers/cursor.ts';
import type { ParseError } from './parse-error.ts';

/** What the first octet of a packet belongs to. */
export type FirstLayer = 'ether' | 'ipv4' | 'ipv6';

/** The layers of a packet, where each stands, and what could not be understood. */
export interface Parsed {
  /** Their octet fields are views of the octets that were parsed, not copies. */
  readonly layers: readonly ParsedLayer[];
  /** One for each layer. */
  readonly spans: readonly Span[];
  readonly errors: readonly ParseError[];
}

const READERS: Readonly<Record<Exclude<Step, 'raw'>, (cursor: Cursor) => Step>> = {
  ether: readEther,
  dot1q: readDot1q,
  arp: readArp,
  ipv4: readIpv4,
  ipv6: readIpv6,
  ipv6Extension: readIpv6Extension,
  ipv6Fragment: readIpv6Fragment,
  tcp: readTcp,
  udp: readUdp,
  icmpv4: readIcmpv4,
  icmpv6: readIcmpv6,
};

/** The layers of the octets, from `first` on. */
export function parse(octets: Uint8Array, first: FirstLayer = 'ether'): Parsed {
  const cursor: Cursor = {
    octets,
    at: 0,
    end: octets.length,
    packetEnd: -1,
    protocol: 0,
    quoted: false,
    partial: false,
    layers: [],
    spans: [],
    errors: [],
  };
  let step: Step = first;
  while (step !== 'raw') step = READERS[step](cursor);
  const packetEnd = cursor.packetEnd < 0 ? octets.length : cursor.packetEnd;
  takeOctets(cursor, 'raw', cursor.end);
  takeOctets(cursor, 'raw', packetEnd);
  takeOctets(cursor, 'padding', octets.length);
  return { layers: cursor.layers, spans: cursor.spans, errors: cursor.errors };
}

function takeOctets(cursor: Cursor, kind: 'raw' | 'padding', end: number): void {
  const { at } = cursor;
  if (at < end) take(cursor, { kind, octets: cursor.octets.subarray(at, end) }, end - at);
}
