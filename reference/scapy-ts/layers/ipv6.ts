/**
 * IPv6. RFC 8200 section 3; the traffic class is RFC 2474 (dscp) and RFC 3168 (ecn).
 *
 *   | version 4 | dscp 6 | ecn 2 | flowLabel 20 |
 *   | payloadLength 16 | nextHeader 8 | hopLimit 8 |
 *   | src 128 | dst 128 |
 */
import { header } from './compile.ts';
import { cutOff, endAt, note, take } from './cursor.ts';
import { hex, ipv6Field, named, whole } from './fields.ts';
import { stepAfterIpv6 } from './ipv6-extension.ts';
import { PROTOCOL, PROTOCOL_NAMES } from './protocol.ts';
import { nextProtocol } from './stack.ts';
import type { Cursor, Step } from './cursor.ts';
import type { Site } from './stack.ts';
import type { Given, Header, Written } from './table.ts';
import type { Ipv6Address } from '../address.ts';

/** An IPv6 header. */
export interface Ipv6 {
  readonly kind: 'ipv6';
  readonly version: number;
  readonly dscp: number;
  readonly ecn: number;
  readonly flowLabel: number;
  /** Octets after this header, extension headers included. */
  readonly payloadLength: number;
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly src: Ipv6Address;
  readonly dst: Ipv6Address;
}

/** The IPv6 header. */
export const IPV6: Header<Ipv6> = header<Ipv6>('ipv6', 'IPv6', {
  version: whole(4, 6),
  dscp: whole(6),
  ecn: whole(2),
  flowLabel: hex(20),
  payloadLength: whole(16, 'computed'),
  nextHeader: named(whole(8, 'computed'), PROTOCOL_NAMES),
  hopLimit: whole(8, 64),
  src: ipv6Field(),
  dst: ipv6Field(),
});

/** An IPv6 header; unset length and next header are computed, the hop limit is 64. */
export function ipv6(given: Given<Ipv6> = {}): Written<Ipv6> {
  return IPV6.make(given);
}

/** Reads an IPv6 header. */
export function readIpv6(cursor: Cursor): Step {
  const { octets, at, end } = cursor;
  if (end - at < IPV6.lengthOctets) return cutOff(cursor, IPV6);
  const layer = IPV6.read(octets, at);
  if (layer.version !== 6) {
    note(cursor, IPV6, { kind: 'invalid', field: 'version', at, need: 6, have: layer.version });
    return 'raw';
  }
  take(cursor, layer, IPV6.lengthOctets);
  const need = IPV6.lengthOctets + layer.payloadLength;
  const have = end - at;
  if (need <= have) endAt(cursor, at + need);
  else {
    const field = 'payloadLength';
    if (!cursor.partial) note(cursor, IPV6, { kind: 'truncated', field, at, need, have });
    cursor.partial = true;
    endAt(cursor, end);
  }
  return stepAfterIpv6(cursor, layer.nextHeader);
}

/** Writes an IPv6 header. */
export function writeIpv6(layer: Written<Ipv6>, site: Site): void {
  IPV6.write(site.octets, site.at, layer, {
    payloadLength: site.end - site.payload,
    nextHeader: nextProtocol(site, PROTOCOL.none),
  });
}
