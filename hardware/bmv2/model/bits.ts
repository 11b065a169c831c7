/**
 * Numbers of any width at any bit of some octets, the most significant bit first.
 *
 * What lies behind the last octet reads as 0.
 */

/** The widest number that is exact in double precision, in bits. */
export const NUMBER_BITS = 53;

/** How much of a wider number is read or written at once, in bits. */
const CHUNK_BITS = 32;

/** Reads `width` bits, 1 <= width <= 53, from bit `bit` on. */
export function readBits(octets: Uint8Array, bit: number, width: number): number {
  let at = bit >>> 3;
  let left = width + (bit & 7) - 8;
  let value = (octets[at] ?? 0) & (0xff >>> (bit & 7));
  if (left <= 0) return value >>> -left;
  for (; left >= 8; left -= 8) value = value * 256 + (octets[++at] ?? 0);
  return left === 0 ? value : value * (1 << left) + ((octets[at + 1] ?? 0) >>> (8 - left));
}

/** Reads `width` bits, 1 <= width, from bit `bit` on. */
export function readWide(octets: Uint8Array, bit: number, width: number): bigint {
  const first = width % CHUNK_BITS;
  let value = first === 0 ? 0n : BigInt(readBits(octets, bit, first));
  for (let done = first; done < width; done += CHUNK_BITS) {
    value = (value << 32n) | BigInt(readBits(octets, bit + done, CHUNK_BITS));
  }
  return value;
}

/** Writes `value`, 0 <= value < 2^width, width <= 53, where all bits are 0 yet. */
export function writeBits(octets: Uint8Array, bit: number, width: number, value: number): void {
  const end = bit + width;
  let at = (end - 1) >>> 3;
  let left = width;
  let rest = value;
  const tail = (at + 1) * 8 - end;
  if (tail > 0) {
    const taken = 8 - tail;
    octets[at] = (octets[at] ?? 0) | ((rest & ((1 << taken) - 1)) << tail);
    rest = Math.floor(rest / (1 << taken));
    left -= taken;
    at -= 1;
  }
  for (; left > 0; left -= 8) {
    octets[at] = (octets[at] ?? 0) | (rest & 0xff);
    rest = Math.floor(rest / 256);
    at -= 1;
  }
}

/** Writes `value`, 0 <= value < 2^width, where all bits are 0 yet. */
export function writeWide(octets: Uint8Array, bit: number, width: number, value: bigint): void {
  let rest = value;
  let left = width;
  for (; left >= CHUNK_BITS; left -= CHUNK_BITS) {
    writeBits(octets, bit + left - CHUNK_BITS, CHUNK_BITS, Number(rest & 0xffff_ffffn));
    rest >>= 32n;
  }
  if (left > 0) writeBits(octets, bit, left, Number(rest));
}
