/**
 * UDP. RFC 768.
 *
 *   | srcPort 16 | dstPort 16 | length 16 | checksum 16 |
 */
import { header } from './compile.ts';
import { cutOff, note, take } from './cursor.ts';
import { hex, whole } from './fields.ts';
import { PROTOCOL } from './protocol.ts';
import { transportChecksum, write16 } from './stack.ts';
import type { Cursor, Step } from './cursor.ts';
import type { Site } from './stack.ts';
import type { Given, Header, Written } from './table.ts';

/** A UDP header. */
export interface Udp {
  readonly kind: 'udp';
  readonly srcPort: number;
  readonly dstPort: number;
  /** Octets of header and payload. */
  readonly length: number;
  /** 0 over IPv4 means that the sender made none. */
  readonly checksum: number;
}

/** The UDP header. */
export const UDP: Header<Udp> = header<Udp>('udp', 'UDP', {
  srcPort: whole(16),
  dstPort: whole(16),
  length: whole(16, 'computed'),
  checksum: hex(16, 'computed'),
});

/** A UDP header; unset length and checksum are computed. */
export function udp(given: Given<Udp> = {}): Written<Udp> {
  return UDP.make(given);
}

/** Reads a UDP header; octets of the IP payload that its length does not count are raw. */
export function readUdp(cursor: Cursor): Step {
  const { octets, at, end } = cursor;
  const have = end - at;
  if (have < UDP.lengthOctets) return cutOff(cursor, UDP);
  const layer = UDP.read(octets, at);
  take(cursor, layer, UDP.lengthOctets);
  const { length } = layer;
  const field = 'length';
  if (length < UDP.lengthOctets) {
    note(cursor, UDP, { kind: 'invalid', field, at, need: UDP.lengthOctets, have: length });
  } else if (length <= have) {
    cursor.end = at + length;
  } else if (!cursor.partial) {
    note(cursor, UDP, { kind: 'truncated', field, at, need: length, have });
  }
  return 'raw';
}

/** Writes a UDP header. A checksum of 0 would mean that there is none, so it is written 0xffff. */
export function writeUdp(layer: Written<Udp>, site: Site): void {
  const { octets, at, end } = site;
  UDP.write(octets, at, layer, { length: end - at, checksum: 0 });
  if (layer.checksum === undefined) {
    const checksum = transportChecksum(site, PROTOCOL.udp);
    write16(octets, at + UDP.octetOf.checksum, checksum === 0 ? 0xffff : checksum);
  }
}
