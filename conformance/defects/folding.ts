/** Sums of 16-bit words as a device adds them that folds carries once too seldom. */

/** The words of an IPv4 address in dotted text. */
export function wordsOf(address: string): readonly number[] {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return [(a << 8) | b, (c << 8) | d];
}

/**
 * `onto` and the words `is` in the place of `was`, with the carries folded once: more than 0xffff
 * where there is a second carry. RFC 1624 equation 3, but for its last fold.
 */
export function foldedOnce(was: readonly number[], is: readonly number[], onto = 0): number {
  const sum = [...was.map((word) => ~word & 0xffff), ...is].reduce((a, b) => a + b, onto);
  return (sum >>> 16) + (sum & 0xffff);
}
