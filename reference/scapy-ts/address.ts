/**
 * Link and network addresses as plain numbers: equal addresses are `===`, and a wrong mix does not
 * compile. Text is read strictly (no `010.1.1.1`, no zone index) and written in the usual form;
 * IPv6 as RFC 5952 says.
 */
import type { Result } from './result.ts';

declare const macBrand: unique symbol;
declare const ipv4Brand: unique symbol;
declare const ipv6Brand: unique symbol;

/** An Ethernet address, 0 <= value < 2^48, the first octet on the wire highest. */
export type MacAddress = number & { readonly [macBrand]: true };

/** An IPv4 address, 0 <= value < 2^32, the first octet on the wire highest. */
export type Ipv4Address = number & { readonly [ipv4Brand]: true };

/** An IPv6 address, 0 <= value < 2^128, the first octet on the wire highest. */
export type Ipv6Address = bigint & { readonly [ipv6Brand]: true };

/** Why a text is no address. */
export interface AddressError {
  readonly kind: 'address';
  readonly family: 'mac' | 'ipv4' | 'ipv6';
  readonly text: string;
}

const MAC_LIMIT = 2 ** 48;
const IPV4_LIMIT = 2 ** 32;
const IPV6_LIMIT = 1n << 128n;
const DECIMAL_OCTET = /^(?:0|[1-9][0-9]{0,2})$/;
const HEX_OCTET = /^[0-9a-f]{2}$/i;
const HEX_GROUP = /^[0-9a-f]{1,4}$/i;

/** The Ethernet address of a number; throws RangeError outside 0 … 2^48 − 1. */
export function macFromNumber(value: number): MacAddress {
  if (!isMac(value)) throw outside('MAC', value);
  return value;
}

/** The IPv4 address of a number; throws RangeError outside 0 … 2^32 − 1. */
export function ipv4FromNumber(value: number): Ipv4Address {
  if (!isIpv4(value)) throw outside('IPv4', value);
  return value;
}

/** The IPv6 address of a bigint; throws RangeError outside 0 … 2^128 − 1. */
export function ipv6FromBigInt(value: bigint): Ipv6Address {
  if (!isIpv6(value)) throw outside('IPv6', value);
  return value;
}

/** Reads `02:00:00:00:00:01` (six pairs of hexadecimal digits, `:` or `-` between them). */
export function parseMac(text: string): Result<MacAddress, AddressError> {
  const parts = text.split(text.includes('-') ? '-' : ':');
  if (parts.length !== 6) return failure('mac', text);
  let value = 0;
  for (const part of parts) {
    if (!HEX_OCTET.test(part)) return failure('mac', text);
    value = value * 256 + Number.parseInt(part, 16);
  }
  return { ok: true, value: macFromNumber(value) };
}

/** Reads dotted decimal: four numbers of 0 … 255 without leading zeros. */
export function parseIpv4(text: string): Result<Ipv4Address, AddressError> {
  const parts = text.split('.');
  if (parts.length !== 4) return failure('ipv4', text);
  let value = 0;
  for (const part of parts) {
    if (!DECIMAL_OCTET.test(part) || Number(part) > 255) return failure('ipv4', text);
    value = value * 256 + Number(part);
  }
  return { ok: true, value: ipv4FromNumber(value) };
}

/** Reads the text forms of RFC 4291 section 2.2, the mixed one (`::ffff:10.0.0.1`) too. */
export function parseIpv6(text: string): Result<Ipv6Address, AddressError> {
  const halves = text.split('::');
  const head = ipv6Groups(halves[0] ?? '', halves.length === 1);
  const tail = ipv6Groups(halves[1] ?? '', true);
  if (halves.length > 2 || head === undefined || tail === undefined) return failure('ipv6', text);
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return failure('ipv6', text);
  const gap: number[] = Array.from({ length: missing }, () => 0);
  let value = 0n;
  for (const group of [...head, ...gap, ...tail]) value = (value << 16n) | BigInt(group);
  return { ok: true, value: ipv6FromBigInt(value) };
}

/** The Ethernet address that a literal says; throws TypeError when it says none. */
export function mac(text: string): MacAddress {
  return literal(parseMac(text));
}

/** The IPv4 address that a literal says; throws TypeError when it says none. */
export function ipv4Address(text: string): Ipv4Address {
  return literal(parseIpv4(text));
}

/** The IPv6 address that a literal says; throws TypeError when it says none. */
export function ipv6Address(text: string): Ipv6Address {
  return literal(parseIpv6(text));
}

/** `02:00:00:00:00:01`. */
export function formatMac(address: MacAddress): string {
  const digits = address.toString(16).padStart(12, '0');
  return (digits.match(/../g) ?? []).join(':');
}

/** `10.0.0.1`. */
export function formatIpv4(address: Ipv4Address): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** `2001:db8::1`: the canonical text of RFC 5952; IPv4-mapped addresses end in dotted decimal. */
export function formatIpv6(address: Ipv6Address): string {
  if (address >> 32n === 0xffffn) {
    return `::ffff:${formatIpv4(ipv4FromNumber(Number(address & 0xffff_ffffn)))}`;
  }
  const groups: string[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) {
    groups.push(((address >> shift) & 0xffffn).toString(16));
  }
  const { at, length } = longestZeroRun(groups);
  if (length < 2) return groups.join(':');
  return `${groups.slice(0, at).join(':')}::${groups.slice(at + length).join(':')}`;
}

/** One sentence for people. */
export function formatAddressError(error: AddressError): string {
  const form = { mac: 'an Ethernet address', ipv4: 'an IPv4 address', ipv6: 'an IPv6 address' };
  return `${JSON.stringify(error.text)} is not ${form[error.family]}`;
}

/** The first of the longest runs of zero groups; a run of one is left alone (RFC 5952 4.2). */
function longestZeroRun(groups: readonly string[]): { at: number; length: number } {
  let best = { at: 0, length: 0 };
  let start = 0;
  groups.forEach((group, index) => {
    if (group !== '0') start = index + 1;
    else if (index + 1 - start > best.length) best = { at: start, length: index + 1 - start };
  });
  return best;
}

/** The 16-bit groups of one side of `::`, or undefined; dotted decimal only where the text ends. */
function ipv6Groups(text: string, last: boolean): readonly number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (HEX_GROUP.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const dotted = parseIpv4(part);
    if (!dotted.ok || !last || index !== parts.length - 1) return undefined;
    groups.push(dotted.value >>> 16, dotted.value & 0xffff);
  }
  return groups;
}

function isMac(value: number): value is MacAddress {
  return Number.isInteger(value) && value >= 0 && value < MAC_LIMIT;
}

function isIpv4(value: number): value is Ipv4Address {
  return Number.isInteger(value) && value >= 0 && value < IPV4_LIMIT;
}

function isIpv6(value: bigint): value is Ipv6Address {
  return value >= 0n && value < IPV6_LIMIT;
}

function literal<T>(result: Result<T, AddressError>): T {
  if (!result.ok) throw new TypeError(formatAddressError(result.error));
  return result.value;
}

function failure(family: AddressError['family'], text: string): Result<never, AddressError> {
  return { ok: false, error: { kind: 'address', family, text } };
}

function outside(family: string, value: number | bigint): RangeError {
  return new RangeError(`${value} is outside the range of ${family} addresses`);
}
