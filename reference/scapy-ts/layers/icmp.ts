/**
 * ICMP (RFC 792, RFC 1191) and ICMPv6 (RFC 4443): one form, two checksums.
 *
 *   | type 8 | code 8 | checksum 16 |
 *   | rest 32 |                          mtu, pointer, gateway, or id 16 and sequence 16
 *
 * After an error follow the layers of the packet that it quotes.
 */
import { header } from './compile.ts';
import { checksum } from '../checksum.ts';
import { cutOff, take } from './cursor.ts';
import { hex, named, whole } from './fields.ts';
import { PROTOCOL } from './protocol.ts';
import { transportChecksum, write16 } from './stack.ts';
import type { Cursor, Step } from './cursor.ts';
import type { Site } from './stack.ts';
import type { FieldTable, Given, Header, Written } from './table.ts';

interface Icmp {
  readonly type: number;
  readonly code: number;
  readonly checksum: number;
  /** The second 32 bits; what they mean depends on the type. */
  readonly rest: number;
}

/** An ICMP header. */
export interface Icmpv4 extends Icmp {
  readonly kind: 'icmpv4';
}

/** An ICMPv6 header. */
export interface Icmpv6 extends Icmp {
  readonly kind: 'icmpv6';
}

/** What a factory takes: the fields, and names for the parts of `rest`. */
export type GivenIcmp<L extends Icmpv4 | Icmpv6> = Given<L> & {
  /** Next-hop MTU: the low 16 bits of `rest` in ICMP (RFC 1191), all of it in ICMPv6. */
  readonly mtu?: number;
  /** Identifier of an echo: the high 16 bits of `rest`. */
  readonly id?: number;
  /** Sequence number of an echo: the low 16 bits of `rest`. */
  readonly sequence?: number;
};

const TYPES_V4: Readonly<Record<number, string>> = {
  0: 'echo reply',
  3: 'destination unreachable',
  4: 'source quench',
  5: 'redirect',
  8: 'echo request',
  11: 'time exceeded',
  12: 'parameter problem',
};

const TYPES_V6: Readonly<Record<number, string>> = {
  1: 'destination unreachable',
  2: 'packet too big',
  3: 'time exceeded',
  4: 'parameter problem',
  128: 'echo request',
  129: 'echo reply',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbour solicitation',
  136: 'neighbour advertisement',
};

function icmpFields(types: Readonly<Record<number, string>>, unset: number): FieldTable<Icmpv4> {
  return {
    type: named(whole(8, unset), types),
    code: whole(8),
    checksum: hex(16, 'computed'),
    rest: hex(32),
  };
}

/** The ICMP header. */
export const ICMPV4: Header<Icmpv4> = header<Icmpv4>('icmpv4', 'ICMP', icmpFields(TYPES_V4, 8));

/** The ICMPv6 header. */
export const ICMPV6: Header<Icmpv6> = header<Icmpv6>('icmpv6', 'ICMPv6', icmpFields(TYPES_V6, 128));

/** An ICMP header, unset an echo request; an unset checksum is computed. */
export function icmpv4(given: GivenIcmp<Icmpv4> = {}): Written<Icmpv4> {
  return ICMPV4.make({ ...given, rest: restOf(given) });
}

/** An ICMPv6 header, unset an echo request; an unset checksum is computed. */
export function icmpv6(given: GivenIcmp<Icmpv6> = {}): Written<Icmpv6> {
  return ICMPV6.make({ ...given, rest: restOf(given) });
}

/** Whether the message quotes the packet that caused it. RFC 1122 section 3.2.2, RFC 4443 2.1. */
export function quotesPacket(kind: 'icmpv4' | 'icmpv6', type: number): boolean {
  if (kind === 'icmpv6') return type >= 1 && type <= 4;
  return type === 3 || type === 4 || type === 5 || type === 11 || type === 12;
}

function restOf(given: GivenIcmp<Icmpv4> | GivenIcmp<Icmpv6>): number | undefined {
  const { rest, mtu, id, sequence } = given;
  if (mtu !== undefined) return mtu;
  if (id === undefined && sequence === undefined) return rest;
  return (id ?? 0) * 0x1_0000 + (sequence ?? 0);
}

/** Reads an ICMP header; after an error the quoted packet follows. */
export function readIcmpv4(cursor: Cursor): Step {
  if (cursor.end - cursor.at < ICMPV4.lengthOctets) return cutOff(cursor, ICMPV4);
  const layer = ICMPV4.read(cursor.octets, cursor.at);
  take(cursor, layer, ICMPV4.lengthOctets);
  return quotesPacket('icmpv4', layer.type) ? quote(cursor, 'ipv4') : 'raw';
}

/** Reads an ICMPv6 header; after an error the quoted packet follows. */
export function readIcmpv6(cursor: Cursor): Step {
  if (cursor.end - cursor.at < ICMPV6.lengthOctets) return cutOff(cursor, ICMPV6);
  const layer = ICMPV6.read(cursor.octets, cursor.at);
  take(cursor, layer, ICMPV6.lengthOctets);
  return quotesPacket('icmpv6', layer.type) ? quote(cursor, 'ipv6') : 'raw';
}

function quote(cursor: Cursor, step: Step): Step {
  cursor.quoted = true;
  cursor.partial = true;
  return cursor.at < cursor.end ? step : 'raw';
}

/** Writes an ICMP header. */
export function writeIcmpv4(layer: Written<Icmpv4>, { octets, at, end }: Site): void {
  ICMPV4.write(octets, at, layer, { checksum: 0 });
  if (layer.checksum === undefined) {
    write16(octets, at + ICMPV4.octetOf.checksum, checksum(octets, at, end));
  }
}

/** Writes an ICMPv6 header. */
export function writeIcmpv6(layer: Written<Icmpv6>, site: Site): void {
  const { octets, at } = site;
  ICMPV6.write(octets, at, layer, { checksum: 0 });
  if (layer.checksum === undefined) {
    write16(octets, at + ICMPV6.octetOf.checksum, transportChecksum(site, PROTOCOL.icmpv6));
  }
}
