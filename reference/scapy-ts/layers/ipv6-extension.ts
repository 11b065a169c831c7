/**
 * IPv6 extension headers. RFC 8200 section 4; authentication is RFC 4302.
 *
 *   ipv6Extension  | nextHeader 8 | length 8 | body … |
 *   ipv6Fragment   | nextHeader 8 | reserved 8 | fragmentOffset 13 | reservedBits 2 | mf 1 | id 32 |
 *
 * `length` counts units of 8 octets after the first 8; in the authentication header, units of 4
 * after the first 8.
 */
import { header } from './compile.ts';
import { cutOff, note, take } from './cursor.ts';
import { hex, named, octetsField, whole } from './fields.ts';
import { PROTOCOL, PROTOCOL_NAMES } from './protocol.ts';
import { nextProtocol } from './stack.ts';
import type { Cursor, Step } from './cursor.ts';
import type { Site } from './stack.ts';
import type { Given, Header, Written } from './table.ts';

/** An extension header other than the fragment header. */
export interface Ipv6Extension {
  readonly kind: 'ipv6Extension';
  /** Its own protocol number, which the header before it says; not in these octets. */
  readonly protocol: number;
  readonly nextHeader: number;
  readonly length: number;
  /** What follows the first two octets; padded with zeros to whole units when built. */
  readonly body: Uint8Array;
}

/** The fragment header. */
export interface Ipv6Fragment {
  readonly kind: 'ipv6Fragment';
  readonly nextHeader: number;
  readonly reserved: number;
  /** Place of the payload in the packet, in units of 8 octets. */
  readonly fragmentOffset: number;
  readonly reservedBits: number;
  /** More fragments, one bit. */
  readonly mf: number;
  readonly id: number;
}

/** The extension header. */
export const IPV6_EXTENSION: Header<Ipv6Extension> = header<Ipv6Extension>(
  'ipv6Extension',
  'IPv6 extension',
  {
    protocol: named(whole(0, PROTOCOL.destination), PROTOCOL_NAMES),
    nextHeader: named(whole(8, 'computed'), PROTOCOL_NAMES),
    length: whole(8, 'computed'),
    body: octetsField(),
  },
);

/** The fragment header. */
export const IPV6_FRAGMENT: Header<Ipv6Fragment> = header<Ipv6Fragment>(
  'ipv6Fragment',
  'IPv6 fragment',
  {
    nextHeader: named(whole(8, 'computed'), PROTOCOL_NAMES),
    reserved: hex(8),
    fragmentOffset: whole(13),
    reservedBits: whole(2),
    mf: whole(1),
    id: hex(32),
  },
);

/** An extension header, unset destination options; length and next header are computed. */
export function ipv6Extension(given: Given<Ipv6Extension> = {}): Written<Ipv6Extension> {
  return IPV6_EXTENSION.make(given);
}

/** A fragment header; an unset next header is computed. */
export function ipv6Fragment(given: Given<Ipv6Fragment> = {}): Written<Ipv6Fragment> {
  return IPV6_FRAGMENT.make(given);
}

/** Reads an extension header whose own number is `cursor.protocol`. */
export function readIpv6Extension(cursor: Cursor): Step {
  const { octets, at, end, protocol } = cursor;
  const have = end - at;
  if (have < IPV6_EXTENSION.lengthOctets) return cutOff(cursor, IPV6_EXTENSION);
  const need = 8 + unitOctets(protocol) * (octets[at + 1] ?? 0);
  if (need > have) {
    note(cursor, IPV6_EXTENSION, { kind: 'truncated', field: 'length', at, need, have });
    return 'raw';
  }
  const body = octets.subarray(at + IPV6_EXTENSION.lengthOctets, at + need);
  const layer = { ...IPV6_EXTENSION.read(octets, at, body), protocol };
  take(cursor, layer, need);
  return stepAfterIpv6(cursor, layer.nextHeader);
}

/** Reads a fragment header; what a later fragment holds is raw. */
export function readIpv6Fragment(cursor: Cursor): Step {
  const { octets, at, end } = cursor;
  if (end - at < IPV6_FRAGMENT.lengthOctets) return cutOff(cursor, IPV6_FRAGMENT);
  const layer = IPV6_FRAGMENT.read(octets, at);
  take(cursor, layer, IPV6_FRAGMENT.lengthOctets);
  if (layer.fragmentOffset > 0) return 'raw';
  if (layer.mf === 1) cursor.partial = true;
  return stepAfterIpv6(cursor, layer.nextHeader);
}

/** What a next header number announces. */
export function stepAfterIpv6(cursor: Cursor, protocol: number): Step {
  switch (protocol) {
    case PROTOCOL.tcp:
      return 'tcp';
    case PROTOCOL.udp:
      return 'udp';
    case PROTOCOL.icmpv6:
      return 'icmpv6';
    case PROTOCOL.fragment:
      return 'ipv6Fragment';
    case PROTOCOL.hopByHop:
    case PROTOCOL.routing:
    case PROTOCOL.destination:
    case PROTOCOL.authentication:
    case PROTOCOL.mobility:
      cursor.protocol = protocol;
      return 'ipv6Extension';
    case PROTOCOL.ipv4:
      return 'ipv4';
    case PROTOCOL.ipv6:
      return 'ipv6';
    default:
      return 'raw';
  }
}

/** Octets of an extension header when built. */
export function sizeOfIpv6Extension({ protocol, body }: Written<Ipv6Extension>): number {
  const unit = unitOctets(protocol ?? PROTOCOL.destination);
  const size = IPV6_EXTENSION.lengthOctets + (body?.length ?? 0);
  return Math.max(8, Math.ceil(size / unit) * unit);
}

/** Writes an extension header. */
export function writeIpv6Extension(layer: Written<Ipv6Extension>, site: Site): void {
  const { octets, at, payload } = site;
  const unit = unitOctets(layer.protocol ?? PROTOCOL.destination);
  IPV6_EXTENSION.write(octets, at, layer, {
    nextHeader: nextProtocol(site, PROTOCOL.none),
    length: (payload - at - 8) / unit,
  });
  if (layer.body !== undefined) octets.set(layer.body, at + IPV6_EXTENSION.lengthOctets);
}

/** Writes a fragment header. */
export function writeIpv6Fragment(layer: Written<Ipv6Fragment>, site: Site): void {
  const nextHeader = nextProtocol(site, PROTOCOL.none);
  IPV6_FRAGMENT.write(site.octets, site.at, layer, { nextHeader });
}

/** The unit in which an extension header counts its length. RFC 4302 section 2.2. */
function unitOctets(protocol: number): 4 | 8 {
  return protocol === PROTOCOL.authentication ? 4 : 8;
}
