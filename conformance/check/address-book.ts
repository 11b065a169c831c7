/**
 * Endpoints as plain numbers: address × 65536 + port. An IPv4 address is itself; an IPv6 address
 * gets the next number from 2^32 on.
 */
import { formatIpv4, formatIpv6, ipv4FromNumber, ipv6FromBigInt } from 'scapy-ts';

/** The most IPv6 addresses of one run; packets of further ones are left out and counted. */
const MAX_ADDRESSES = 262_144;
const FIRST_IPV6 = 2 ** 32;

/** The number of an endpoint, 0 <= value < 2^49; an IPv4 one is below 2^48. */
export type EndpointNumber = number;

/** Numbers IPv6 addresses, and writes endpoints as text. */
export interface AddressBook {
  /** The number of the IPv6 address at octet `at`; -1 when the book is full. */
  readonly ipv6At: (octets: Uint8Array, at: number) => number;
  /** `192.0.2.1:80` or `[2001:db8::1]:80`. */
  readonly format: (endpoint: EndpointNumber) => string;
  /** The same in two parts. */
  readonly split: (endpoint: EndpointNumber) => { readonly address: string; readonly port: number };
}

/** The endpoint at an address. */
export function endpointNumber(address: number, port: number): EndpointNumber {
  return address * 65_536 + port;
}

/** The address of an endpoint, as a number. */
export function addressPart(endpoint: EndpointNumber): number {
  return Math.floor(endpoint / 65_536);
}

/** The port of an endpoint. */
export function portPart(endpoint: EndpointNumber): number {
  return endpoint % 65_536;
}

function word(octets: Uint8Array, at: number): number {
  return (
    (((octets[at] ?? 0) << 24) |
      ((octets[at + 1] ?? 0) << 16) |
      ((octets[at + 2] ?? 0) << 8) |
      (octets[at + 3] ?? 0)) >>>
    0
  );
}

/** The map at `key`, made when it is not there. */
function childOf<V>(parent: Map<number, Map<number, V>>, key: number): Map<number, V> {
  let child = parent.get(key);
  if (child === undefined) {
    child = new Map();
    parent.set(key, child);
  }
  return child;
}

/** An empty book. */
export function createAddressBook(): AddressBook {
  const numbers = new Map<number, Map<number, Map<number, number>>>();
  const addresses: bigint[] = [];

  function ipv6At(octets: Uint8Array, at: number): number {
    const a = word(octets, at);
    const b = word(octets, at + 4);
    const c = word(octets, at + 8);
    const d = word(octets, at + 12);
    // A number holds 53 bits exactly: 128 bits are three keys.
    const high = a * 2 ** 21 + (b >>> 11);
    const middle = (b % 2 ** 11) * 2 ** 32 + c;
    const found = numbers.get(high)?.get(middle)?.get(d);
    if (found !== undefined) return FIRST_IPV6 + found;
    if (addresses.length >= MAX_ADDRESSES) return -1;
    childOf(childOf(numbers, high), middle).set(d, addresses.length);
    addresses.push((BigInt(a) << 96n) | (BigInt(b) << 64n) | (BigInt(c) << 32n) | BigInt(d));
    return FIRST_IPV6 + addresses.length - 1;
  }

  function split(endpoint: EndpointNumber): { readonly address: string; readonly port: number } {
    const address = addressPart(endpoint);
    const text =
      address < FIRST_IPV6
        ? formatIpv4(ipv4FromNumber(address))
        : formatIpv6(ipv6FromBigInt(addresses[address - FIRST_IPV6] ?? 0n));
    return { address: text, port: portPart(endpoint) };
  }

  function format(endpoint: EndpointNumber): string {
    const { address, port } = split(endpoint);
    return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  }

  return { ipv6At, format, split };
}
