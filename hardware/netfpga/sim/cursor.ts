/** Numbers in octets, little-endian, one behind the other. */

const WORD = 2 ** 32;

/** Octets that are written or read from the first to the last, numbers little-endian. */
export interface Cursor {
  readonly octets: Uint8Array;
  readonly view: DataView;
  at: number;
}

/** The beginning of `octets`. */
export function cursorOf(octets: Uint8Array): Cursor {
  return { octets, view: new DataView(octets.buffer, octets.byteOffset, octets.length), at: 0 };
}

/** Writes 8 bits. */
export function putU8(to: Cursor, value: number): void {
  to.view.setUint8(to.at, value);
  to.at += 1;
}

/** Writes 16 bits. */
export function putU16(to: Cursor, value: number): void {
  to.view.setUint16(to.at, value, true);
  to.at += 2;
}

/** Writes 32 bits. */
export function putU32(to: Cursor, value: number): void {
  to.view.setUint32(to.at, value, true);
  to.at += 4;
}

/** Writes 64 bits; `value` is at most 2^53 - 1. */
export function putU64(to: Cursor, value: number): void {
  putU32(to, value % WORD);
  putU32(to, Math.floor(value / WORD));
}

/** Writes octets. */
export function putOctets(to: Cursor, octets: Uint8Array): void {
  to.octets.set(octets, to.at);
  to.at += octets.length;
}

/** Reads 8 bits. */
export function takeU8(from: Cursor): number {
  from.at += 1;
  return from.view.getUint8(from.at - 1);
}

/** Reads 16 bits. */
export function takeU16(from: Cursor): number {
  from.at += 2;
  return from.view.getUint16(from.at - 2, true);
}

/** Reads 32 bits. */
export function takeU32(from: Cursor): number {
  from.at += 4;
  return from.view.getUint32(from.at - 4, true);
}

/** Reads 64 bits, of which 53 are told. */
export function takeU64(from: Cursor): number {
  return takeU32(from) + takeU32(from) * WORD;
}

/** The next octets, in place. */
export function takeOctets(from: Cursor, length: number): Uint8Array {
  from.at += length;
  return from.octets.subarray(from.at - length, from.at);
}

/** A number of items, and as many items. */
export function takeList<T>(from: Cursor, take: (from: Cursor) => T): readonly T[] {
  return Array.from({ length: takeU32(from) }, () => take(from));
}
