/**
 * The internet checksum: RFC 1071 (whole) and RFC 1624 equation 3 (incremental).
 *
 * A *sum* is the folded ones'-complement sum of 16-bit words, 0 <= sum <= 0xffff; a *checksum* is
 * what stands in the packet, `~sum & 0xffff`.
 */
import type { Ipv4Address, Ipv6Address } from './address.ts';

/** The addresses of an IP header that go into a pseudo-header. */
export type PseudoHeaderAddresses =
  | { readonly kind: 'ipv4'; readonly src: Ipv4Address; readonly dst: Ipv4Address }
  | { readonly kind: 'ipv6'; readonly src: Ipv6Address; readonly dst: Ipv6Address };

/** As many octets as cannot bring a sum to 2^31, where V8 leaves integer arithmetic. */
const OCTETS_PER_FOLD = 32_768;

/** From here on a DataView is faster than octets, its making included. */
const OCTETS_FOR_VIEW = 256;

/** Sum of the octets `from` … `to` − 1; an odd last octet is padded with a zero. RFC 1071. */
export function sumWords(octets: Uint8Array, from: number, to: number, initial = 0): number {
  let sum = initial;
  let at = from;
  while (to - at > OCTETS_PER_FOLD) {
    sum = fold(sum + sumEven(octets, at, at + OCTETS_PER_FOLD));
    at += OCTETS_PER_FOLD;
  }
  const even = at + ((to - at) & ~1);
  sum += sumEven(octets, at, even);
  if (even < to) sum += (octets[even] ?? 0) << 8;
  return fold(sum);
}

/** Checksum of the octets `from` … `to` − 1, on top of an `initial` sum. RFC 1071. */
export function checksum(octets: Uint8Array, from: number, to: number, initial = 0): number {
  return ~sumWords(octets, from, to, initial) & 0xffff;
}

/**
 * The checksum after words whose sum was `before` have become words whose sum is `after`.
 *
 * RFC 1624 equation 3, `~(~HC + ~m + m')`. Equal sums leave the checksum as it is, so that 0x0000
 * and 0xffff are never exchanged without need; a wrong checksum stays wrong by the same amount.
 */
export function updateChecksum(found: number, before: number, after: number): number {
  if (before === after) return found;
  return ~fold((~found & 0xffff) + (~before & 0xffff) + after) & 0xffff;
}

/** Sum of the pseudo-header of RFC 9293 section 3.1 (IPv4) or RFC 8200 section 8.1 (IPv6). */
export function pseudoHeaderSum(
  ip: PseudoHeaderAddresses,
  protocol: number,
  lengthOctets: number,
): number {
  const rest = protocol + (lengthOctets >>> 16) + (lengthOctets & 0xffff);
  if (ip.kind === 'ipv4') {
    const { src, dst } = ip;
    return fold((src >>> 16) + (src & 0xffff) + (dst >>> 16) + (dst & 0xffff) + rest);
  }
  // 2^16 = 1 modulo 65535, so the words of a number add up to the number modulo 65535.
  return fold(Number((ip.src + ip.dst) % 0xffffn) + rest);
}

function sumEven(octets: Uint8Array, from: number, to: number): number {
  if (to - from >= OCTETS_FOR_VIEW) return sumView(octets, from, to);
  let sum = 0;
  for (let at = from; at < to; at += 2) sum += ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
  return sum;
}

function sumView(octets: Uint8Array, from: number, to: number): number {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  // Two sums, so that the processor need not wait for one before it begins the other.
  let high = 0;
  let low = 0;
  let at = from;
  for (; at + 16 <= to; at += 16) {
    const a = view.getUint32(at);
    const b = view.getUint32(at + 4);
    const c = view.getUint32(at + 8);
    const d = view.getUint32(at + 12);
    high += (a >>> 16) + (b >>> 16) + (c >>> 16) + (d >>> 16);
    low += (a & 0xffff) + (b & 0xffff) + (c & 0xffff) + (d & 0xffff);
  }
  for (; at < to; at += 2) low += view.getUint16(at);
  return high + low;
}

function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded >>> 16) + (folded & 0xffff);
  return folded;
}
