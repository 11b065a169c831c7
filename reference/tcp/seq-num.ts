/**
 * Sequence space: numbers modulo 2^32 that go round. RFC 9293 section 3.4.
 *
 * Two positions can only be compared by the signed distance between them, never by `<`.
 */

declare const seqNumBrand: unique symbol;

/** A position in one direction of one TCP connection, 0 <= value < 2^32. */
export type SeqNum = number & { readonly [seqNumBrand]: true };

/** The position of a number, modulo 2^32; throws RangeError unless it is a safe integer. */
export function seqNum(value: number): SeqNum {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a sequence number: ${value}`);
  return brand(value);
}

/** The position `deltaOctets` behind `seq` in the stream; a negative delta goes back. */
export function seqAdd(seq: SeqNum, deltaOctets: number): SeqNum {
  return brand(seq + deltaOctets);
}

/** Signed distance in octets from `from` to `to`, in [-2^31, 2^31). RFC 9293 section 3.4. */
export function seqDistance(from: SeqNum, to: SeqNum): number {
  return (to - from) | 0;
}

function brand(value: number): SeqNum {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the brand's constructor
  return (value >>> 0) as SeqNum;
}
