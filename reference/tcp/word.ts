/** Octets, and words of 16 and 32 bits in network order, read and written in place. */

/** The octet at `at`; past the end it counts as 0. */
export function readUint8(octets: Uint8Array, at: number): number {
  return octets[at] ?? 0;
}

/** The 16-bit word at octet `at`; octets past the end count as 0. */
export function readUint16(octets: Uint8Array, at: number): number {
  return (readUint8(octets, at) << 8) | readUint8(octets, at + 1);
}

/** The 32-bit word at octet `at`, unsigned; octets past the end count as 0. */
export function readUint32(octets: Uint8Array, at: number): number {
  return ((readUint16(octets, at) << 16) | readUint16(octets, at + 2)) >>> 0;
}

/** Writes `value` modulo 2^16. */
export function writeUint16(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 8;
  octets[at + 1] = value;
}

/** Writes `value` modulo 2^32. */
export function writeUint32(octets: Uint8Array, at: number, value: number): void {
  writeUint16(octets, at, value >>> 16);
  writeUint16(octets, at + 2, value);
}
