/** Numbers as P4Runtime writes them: octets, big-endian. P4Runtime 1.4 section 8.3. */

/** The canonical form of `value` (not negative): no leading zero octets, one octet for 0. */
export function bytestringOf(value: bigint): Uint8Array {
  const digits = value.toString(16);
  const whole = digits.length % 2 === 0 ? digits : `0${digits}`;
  return Uint8Array.from(whole.match(/../gu) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** The number that `octets` are, canonical or not; 0 when there are none. */
export function numberOf(octets: Uint8Array): bigint {
  let value = 0n;
  for (const octet of octets) value = (value << 8n) | BigInt(octet);
  return value;
}

/** Whether `value` is an unsigned number of `bits` bits. */
export function fits(value: bigint, bits: number): boolean {
  return value >= 0n && value >> BigInt(bits) === 0n;
}

/** `value` as messages show it: `0x1f`. */
export function formatValue(value: bigint): string {
  return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}
