/** Numbers in octets, and the one pass over a payload: its sum for the checksum, and a hash. */

/** 16 bits, big endian; 0 where the octets end. */
export function u16(octets: Uint8Array, at: number): number {
  return ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
}

/** 32 bits, big endian, signed. */
export function i32(octets: Uint8Array, at: number): number {
  return (
    ((octets[at] ?? 0) << 24) |
    ((octets[at + 1] ?? 0) << 16) |
    ((octets[at + 2] ?? 0) << 8) |
    (octets[at + 3] ?? 0)
  );
}

/** The ones'-complement sum in 16 bits. RFC 1071. */
export function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = Math.floor(folded / 0x10000) + (folded & 0xffff);
  return folded;
}

/** Sum of the 16-bit words `from` … `to` − 1, unfolded; for headers, which are even and short. */
export function sumHeader(octets: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at += 2) sum += u16(octets, at);
  return sum;
}

/** What one pass over a payload gives. */
export interface Digest {
  /** Sum of 16-bit words in 16 bits, an odd last octet padded with 0. */
  sum: number;
  /** 32 bits, signed: tells payloads apart, and is no proof against one who wants a collision. */
  hash: number;
}

const FIRST = 0x9e3779b1 | 0;
const SECOND = 0x85ebca6b | 0;

/** Captures that are read at a time, each into a buffer of its own. */
const MAX_VIEWS = 3;
// Packets lie in few buffers, one after the other: a view for each packet would cost more than it.
const views: DataView[] = [];
let oldest = 0;

/** A view of the whole buffer that `octets` lie in. */
function viewOf({ buffer }: Uint8Array): DataView {
  for (const view of views) if (view.buffer === buffer) return view;
  const made = new DataView(buffer);
  views[oldest] = made;
  oldest = (oldest + 1) % MAX_VIEWS;
  return made;
}

/** One more word of a hash; turned, so that no bit of a word can take back one of the word before. */
function mix(hash: number, word: number): number {
  return Math.imul(((hash << 5) | (hash >>> 27)) ^ word, FIRST);
}

/**
 * Fills `digest` from the octets `from` … `to` − 1.
 *
 * Every octet of a capture goes through this. So words are read in pairs of 16 bits (2^32 and 1 are
 * the same modulo 65535, and so are sums), and of two chains of hashes one need not wait for the other.
 */
export function digestPayload(octets: Uint8Array, from: number, to: number, digest: Digest): void {
  let sum = 0;
  let even = (to - from) | 0;
  let odd = SECOND;
  let at = from;
  if (to - from >= 16) {
    const words = viewOf(octets);
    const start = octets.byteOffset;
    for (; at + 16 <= to; at += 16) {
      const a = words.getUint32(start + at);
      const b = words.getUint32(start + at + 4);
      const c = words.getUint32(start + at + 8);
      const d = words.getUint32(start + at + 12);
      sum += a + b + (c + d);
      even = (mix(even, a) + b) | 0;
      odd = (mix(odd, c) + d) | 0;
    }
  }
  for (; at < to; at += 2) {
    const word = at + 1 < to ? u16(octets, at) : (octets[at] ?? 0) << 8;
    sum += word;
    even = mix(even, word);
  }
  digest.sum = fold(sum);
  digest.hash = Math.imul(even ^ (even >>> 15), FIRST) ^ Math.imul(odd ^ (odd >>> 13), SECOND);
}
