/** 128-bit fields: two 64-bit reads through one scratch view, which is faster than eight shifts. */

const scratch = new Uint8Array(16);
const view = new DataView(scratch.buffer);

/** The 16 octets at `at`, the first highest. */
export function readWide(octets: Uint8Array, at: number): bigint {
  for (let index = 0; index < 16; index += 1) scratch[index] = octets[at + index] ?? 0;
  return (view.getBigUint64(0) << 64n) | view.getBigUint64(8);
}

/** Writes `value` into the 16 octets at `at`, the highest first. */
export function writeWide(octets: Uint8Array, at: number, value: bigint): void {
  view.setBigUint64(0, value >> 64n);
  view.setBigUint64(8, value);
  octets.set(scratch, at);
}
