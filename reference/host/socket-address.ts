/**
 * Addresses as the kernel's socket calls take them, in both families.
 *
 *   sockaddr_in    family (host order) │ port │ address (4) │ 0 (8)
 *   sockaddr_in6   family (host order) │ port │ flow (4)    │ address (16) │ scope (4)
 */
import { formatIpv4, formatIpv6, ipv4FromNumber, ipv6FromBigInt } from 'scapy-ts';
import type { Endpoint } from '../rules/rule.ts';

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;

/** Room for the address of either family. */
export const SOCKET_ADDRESS_OCTETS = 28;

const INET_OCTETS = 16;
/** The first 96 bits of an IPv4 address inside an IPv6 socket. RFC 4291 section 2.5.5.2. */
const MAPPED = 0xffffn;

/** The address family of an endpoint. */
export function familyOf(endpoint: Endpoint): number {
  return typeof endpoint.address === 'number' ? AF_INET : AF_INET6;
}

/** The `sockaddr` of an endpoint. */
export function emitSocketAddress(endpoint: Endpoint): Uint8Array {
  const { address, port } = endpoint;
  const octets = Buffer.alloc(typeof address === 'number' ? INET_OCTETS : SOCKET_ADDRESS_OCTETS);
  octets.writeUInt16LE(familyOf(endpoint), 0);
  octets.writeUInt16BE(port, 2);
  if (typeof address === 'number') {
    octets.writeUInt32BE(address, 4);
  } else {
    octets.writeBigUInt64BE(address >> 64n, 8);
    octets.writeBigUInt64BE(address & 0xffff_ffff_ffff_ffffn, 16);
  }
  return octets;
}

/**
 * The endpoint of a `sockaddr`, undefined where it is of another family.
 *
 * An IPv4 address that an IPv6 socket took is an IPv4 address: that is what is on the wire.
 */
export function parseSocketAddress(octets: Buffer): Endpoint | undefined {
  const family = octets.readUInt16LE(0);
  const port = octets.readUInt16BE(2);
  if (family === AF_INET) return { address: ipv4FromNumber(octets.readUInt32BE(4)), port };
  if (family !== AF_INET6) return undefined;
  const address = (octets.readBigUInt64BE(8) << 64n) | octets.readBigUInt64BE(16);
  if (address >> 32n === MAPPED) {
    return { address: ipv4FromNumber(Number(address & 0xffff_ffffn)), port };
  }
  return { address: ipv6FromBigInt(address), port };
}

/** The address of an endpoint as text. */
export function formatEndpointAddress({ address }: Endpoint): string {
  return typeof address === 'number' ? formatIpv4(address) : formatIpv6(address);
}
