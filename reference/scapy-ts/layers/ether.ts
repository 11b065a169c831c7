/**
 * Ethernet II and 802.1Q tags. IEEE 802.3 clause 3, IEEE 802.1Q clause 9.
 *
 *   ether  | dst 48 | src 48 | etherType 16 |
 *   dot1q  | pcp 3 | dei 1 | vid 12 | etherType 16 |      (follows 0x8100 or 0x88a8)
 */
import { header } from './compile.ts';
import { cutOff, take } from './cursor.ts';
import { ETHER_TYPE, ETHER_TYPE_NAMES } from './ether-type.ts';
import { hex, macField, named, whole } from './fields.ts';
import { nextEtherType } from './stack.ts';
import type { Given, Header, Written } from './table.ts';
import type { MacAddress } from '../address.ts';
import type { Cursor, Step } from './cursor.ts';
import type { Site } from './stack.ts';

/** An Ethernet II header, without the frame check sequence. */
export interface Ether {
  readonly kind: 'ether';
  readonly dst: MacAddress;
  readonly src: MacAddress;
  readonly etherType: number;
}

/** What follows the 0x8100 or 0x88a8 of an 802.1Q or 802.1ad tag. */
export interface Dot1q {
  readonly kind: 'dot1q';
  /** Priority code point, 3 bits. */
  readonly pcp: number;
  /** Drop eligible indicator, one bit. */
  readonly dei: number;
  /** VLAN identifier, 12 bits. */
  readonly vid: number;
  readonly etherType: number;
}

/** The Ethernet header. */
export const ETHER: Header<Ether> = header<Ether>('ether', 'Ethernet', {
  dst: macField(),
  src: macField(),
  etherType: named(hex(16, 'computed'), ETHER_TYPE_NAMES),
});

/** The 802.1Q tag. */
export const DOT1Q: Header<Dot1q> = header<Dot1q>('dot1q', '802.1Q', {
  pcp: whole(3),
  dei: whole(1),
  vid: whole(12, 1),
  etherType: named(hex(16, 'computed'), ETHER_TYPE_NAMES),
});

/** An Ethernet header; an unset type follows from the next layer. */
export function ether(given: Given<Ether> = {}): Written<Ether> {
  return ETHER.make(given);
}

/** An 802.1Q tag; an unset type follows from the next layer. */
export function dot1q(given: Given<Dot1q> = {}): Written<Dot1q> {
  return DOT1Q.make(given);
}

/** Reads an Ethernet header. */
export function readEther(cursor: Cursor): Step {
  if (cursor.end - cursor.at < ETHER.lengthOctets) return cutOff(cursor, ETHER);
  const layer = ETHER.read(cursor.octets, cursor.at);
  take(cursor, layer, ETHER.lengthOctets);
  return stepAfter(layer.etherType);
}

/** Reads an 802.1Q tag. */
export function readDot1q(cursor: Cursor): Step {
  if (cursor.end - cursor.at < DOT1Q.lengthOctets) return cutOff(cursor, DOT1Q);
  const layer = DOT1Q.read(cursor.octets, cursor.at);
  take(cursor, layer, DOT1Q.lengthOctets);
  return stepAfter(layer.etherType);
}

/** Writes an Ethernet header. */
export function writeEther(layer: Written<Ether>, site: Site): void {
  ETHER.write(site.octets, site.at, layer, { etherType: nextEtherType(site) });
}

/** Writes an 802.1Q tag. */
export function writeDot1q(layer: Written<Dot1q>, site: Site): void {
  DOT1Q.write(site.octets, site.at, layer, { etherType: nextEtherType(site) });
}

function stepAfter(etherType: number): Step {
  switch (etherType) {
    case ETHER_TYPE.ipv4:
      return 'ipv4';
    case ETHER_TYPE.ipv6:
      return 'ipv6';
    case ETHER_TYPE.arp:
      return 'arp';
    case ETHER_TYPE.dot1q:
    case ETHER_TYPE.dot1ad:
      return 'dot1q';
    default:
      return 'raw';
  }
}
