/**
 * IP headers of packets that are not whole segments: ICMP errors, what they quote, fragments.
 *
 * RFC 791 section 3.1, RFC 8200 sections 3 and 4.5.
 */
import type { AddressBook } from './address-book.ts';
import { i32, u16 } from './octets.ts';

/** An IP header, and the fragment header of IPv6. */
export interface IpHeader {
  readonly version: 4 | 6;
  /** Offsets of the header, of what it carries, and of its end by its own words. */
  readonly at: number;
  readonly payloadAt: number;
  readonly end: number;
  readonly protocol: number;
  /** Addresses as `AddressBook` numbers them. */
  readonly from: number;
  readonly to: number;
  /** 0 in an IPv6 packet that is no fragment. */
  readonly id: number;
  /** Octets before this fragment; `more` follow. */
  readonly offset: number;
  readonly more: boolean;
}

const FRAGMENT = 44;
const IPV4_OCTETS = 20;
const IPV6_OCTETS = 40;
const FRAGMENT_OCTETS = 8;

function readIpv4(octets: Uint8Array, at: number): IpHeader | undefined {
  const headerOctets = ((octets[at] ?? 0) & 15) * 4;
  if (headerOctets < IPV4_OCTETS || octets.length < at + headerOctets) return undefined;
  const fragment = u16(octets, at + 6);
  return {
    version: 4,
    at,
    payloadAt: at + headerOctets,
    end: at + u16(octets, at + 2),
    protocol: octets[at + 9] ?? 0,
    from: i32(octets, at + 12) >>> 0,
    to: i32(octets, at + 16) >>> 0,
    id: u16(octets, at + 4),
    offset: (fragment & 0x1fff) * 8,
    more: (fragment & 0x2000) !== 0,
  };
}

function readIpv6(octets: Uint8Array, at: number, book: AddressBook): IpHeader | undefined {
  const next = at + IPV6_OCTETS;
  if (octets.length < next + FRAGMENT_OCTETS) return undefined;
  const from = book.ipv6At(octets, at + 8);
  const to = book.ipv6At(octets, at + 24);
  if (from < 0 || to < 0) return undefined;
  const isFragment = octets[at + 6] === FRAGMENT;
  const word = isFragment ? u16(octets, next + 2) : 0;
  return {
    version: 6,
    at,
    payloadAt: isFragment ? next + FRAGMENT_OCTETS : next,
    end: next + u16(octets, at + 4),
    protocol: octets[isFragment ? next : at + 6] ?? 0,
    from,
    to,
    id: isFragment ? i32(octets, next + 4) : 0,
    offset: word & 0xfff8,
    more: (word & 1) !== 0,
  };
}

/** Reads the header at octet `at`; undefined when it is none, or was cut. Never throws. */
export function readIpHeader(
  octets: Uint8Array,
  at: number,
  book: AddressBook,
): IpHeader | undefined {
  const version = (octets[at] ?? 0) >> 4;
  if (version === 4) return readIpv4(octets, at);
  return version === 6 ? readIpv6(octets, at, book) : undefined;
}
