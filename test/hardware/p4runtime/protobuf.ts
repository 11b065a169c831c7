/**
 * Protobuf by hand, so that what the library writes is compared with something else.
 *
 * A field is its number and wire type (0 varint, 2 with a length) and then its value:
 * https://protobuf.dev/programming-guides/encoding/
 */

function varint(value: bigint): readonly number[] {
  return value < 128n ? [Number(value)] : [Number((value & 127n) | 128n), ...varint(value >> 7n)];
}

/** A field that is a number, not negative. */
export function number(field: number, value: number | bigint): readonly number[] {
  return [...varint(BigInt(field * 8)), ...varint(BigInt(value))];
}

/** A field that is octets, or a message of such fields. */
export function message(
  field: number,
  ...parts: readonly (readonly number[])[]
): readonly number[] {
  const octets = parts.flat();
  return [...varint(BigInt(field * 8 + 2)), ...varint(BigInt(octets.length)), ...octets];
}

/** A field that is text. */
export function text(field: number, letters: string): readonly number[] {
  return message(field, [...new TextEncoder().encode(letters)]);
}

/** Octets of fields. */
export function octetsOf(...parts: readonly (readonly number[])[]): Buffer {
  return Buffer.from(parts.flat());
}
