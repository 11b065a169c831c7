/**
 * IPv4. RFC 791 section 3.1; the second octet is RFC 2474 (dscp) and RFC 3168 (ecn).
 *
 *   | version 4 | ihl 4 | dscp 6 | ecn 2 | totalLength 16 |
 *   | id 16 | reserved 1 | df 1 | mf 1 | fragmentOffset 13 |
 *   | ttl 8 | protocol 8 | checksum 16 |
 *   | src 32 | dst 32 | options … |
 */
import { checksum } from '../checksum.ts';
import { header } from './compile.ts';
import { cutOff, endAt, note, take } from './cursor.ts';
import { hex, ipv4Field, named, whole } from './fields.ts';
import { IPV4_OPTIONS } from './ipv4-options.ts';
import { PROTOCOL, PROTOCOL_NAMES } from './protocol.ts';
import { nextProtocol, write16 } from './stack.ts';
import type { Given, Header, Written } from './table.ts';
import type { Ipv4Address } from '../address.ts';
import type { Cursor, Step } from './cursor.ts';
import type { Site } from './stack.ts';
import type { Ipv4Option } from './ipv4-options.ts';

/** An IPv4 header. */
export interface Ipv4 {
  readonly kind: 'ipv4';
  readonly version: number;
  /** Header length in 32-bit words. */
  readonly ihl: number;
  readonly dscp: number;
  readonly ecn: number;
  /** Octets of header and payload. */
  readonly totalLength: number;
  readonly id: number;
  /** The bit before DF, one bit. */
  readonly reserved: number;
  /** Don't fragment, one bit. */
  readonly df: number;
  /** More fragments, one bit. */
  readonly mf: number;
  /** Place of the payload in the datagram, in units of 8 octets. */
  readonly fragmentOffset: number;
  readonly ttl: number;
  readonly protocol: number;
  readonly checksum: number;
  readonly src: Ipv4Address;
  readonly dst: Ipv4Address;
  readonly options: readonly Ipv4Option[];
}

/** The IPv4 header. */
export const IPV4: Header<Ipv4> = header<Ipv4>('ipv4', 'IPv4', {
  version: whole(4, 4),
  ihl: whole(4, 'computed'),
  dscp: whole(6),
  ecn: whole(2),
  totalLength: whole(16, 'computed'),
  id: whole(16, 1),
  reserved: whole(1),
  df: whole(1),
  mf: whole(1),
  fragmentOffset: whole(13),
  ttl: whole(8, 64),
  protocol: named(whole(8, 'computed'), PROTOCOL_NAMES),
  checksum: hex(16, 'computed'),
  src: ipv4Field(),
  dst: ipv4Field(),
  options: { bits: 0, unset: [], show: (options) => IPV4_OPTIONS.show(options) },
});

/** An IPv4 header; unset lengths, protocol and checksum are computed, ttl is 64, id is 1. */
export function ipv4(given: Given<Ipv4> = {}): Written<Ipv4> {
  return IPV4.make(given);
}

const NO_OPTIONS: readonly Ipv4Option[] = [];

/** Reads an IPv4 header. */
export function readIpv4(cursor: Cursor): Step {
  const { octets, at, end } = cursor;
  const have = end - at;
  if (have < IPV4.lengthOctets) return cutOff(cursor, IPV4);
  const version = (octets[at] ?? 0) >> 4;
  const ihl = (octets[at] ?? 0) & 15;
  const length = ihl * 4;
  if (version !== 4) {
    note(cursor, IPV4, { kind: 'invalid', field: 'version', at, need: 4, have: version });
    return 'raw';
  }
  if (ihl < 5) {
    note(cursor, IPV4, { kind: 'invalid', field: 'ihl', at, need: 5, have: ihl });
    return 'raw';
  }
  if (length > have) {
    note(cursor, IPV4, { kind: 'truncated', field: 'ihl', at, need: length, have });
    return 'raw';
  }
  const options =
    ihl === 5 ? NO_OPTIONS : IPV4_OPTIONS.read(octets, at + IPV4.lengthOctets, at + length);
  const layer = IPV4.read(octets, at, options);
  take(cursor, layer, length);
  limit(cursor, layer, at, length);
  if (layer.fragmentOffset > 0) return 'raw';
  if (layer.mf === 1) cursor.partial = true;
  return stepAfter(layer.protocol);
}

/** Ends the payload where the total length says, as far as that can be. */
function limit(cursor: Cursor, { totalLength }: Ipv4, at: number, length: number): void {
  const have = cursor.end - at;
  const field = 'totalLength';
  if (totalLength < length) {
    note(cursor, IPV4, { kind: 'invalid', field, at, need: length, have: totalLength });
  } else if (totalLength <= have) {
    endAt(cursor, at + totalLength);
    return;
  } else if (!cursor.partial) {
    note(cursor, IPV4, { kind: 'truncated', field, at, need: totalLength, have });
  }
  cursor.partial = true;
  endAt(cursor, cursor.end);
}

function stepAfter(protocol: number): Step {
  switch (protocol) {
    case PROTOCOL.tcp:
      return 'tcp';
    case PROTOCOL.udp:
      return 'udp';
    case PROTOCOL.icmpv4:
      return 'icmpv4';
    case PROTOCOL.ipv4:
      return 'ipv4';
    case PROTOCOL.ipv6:
      return 'ipv6';
    default:
      return 'raw';
  }
}

/** Octets of the header when built; options are padded with zeros to whole words. */
export function sizeOfIpv4({ options }: Written<Ipv4>): number {
  if (options === undefined || options.length === 0) return IPV4.lengthOctets;
  return IPV4.lengthOctets + ((IPV4_OPTIONS.size(options) + 3) & ~3);
}

/** Writes an IPv4 header. */
export function writeIpv4(layer: Written<Ipv4>, site: Site): void {
  const { octets, at, payload, end } = site;
  IPV4.write(octets, at, layer, {
    ihl: (payload - at) / 4,
    totalLength: end - at,
    protocol: nextProtocol(site, PROTOCOL.experimental),
    checksum: 0,
  });
  if (layer.options !== undefined) {
    IPV4_OPTIONS.write(octets, at + IPV4.lengthOctets, layer.options);
  }
  if (layer.checksum === undefined) {
    write16(octets, at + IPV4.octetOf.checksum, checksum(octets, at, payload));
  }
}
