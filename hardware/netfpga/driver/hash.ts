/**
 * Where a flow may stand: CRC-64/ECMA-182 of its key, 16 bits of it for each way.
 *
 *   hosts 1 │ src 32 │ dst 32 │ src_port 16 │ dst_port 16   most significant bit first, start 0
 *
 *   63       47       31       15        0
 *   ├─ way 3 ┼─ way 2 ┼─ way 1 ┼─ way 0 ─┤   an index is the low bits of its part
 */
import { HASH } from './registers.ts';

/** What the core tells one flow from another by; addresses and ports as numbers. */
export interface FlowKey {
  /** A pair of hosts, whatever the ports, which then are 0. */
  readonly hosts: boolean;
  readonly src: number;
  readonly dst: number;
  readonly srcPort: number;
  readonly dstPort: number;
}

const POLYNOMIAL_HIGH = Number(HASH.polynomial >> 32n);
const POLYNOMIAL_LOW = Number(HASH.polynomial & 0xffff_ffffn);
const WAY_BITS = Math.log2(HASH.ways);

/** The largest table, as a logarithm: a part of the hash has no more bits. */
export const FLOWS_LOG2_MAX: number = HASH.wayStride + WAY_BITS;

/** High and low 32 bits of the CRC of some numbers, each of so many bits (1 to 32). */
export function crc64(
  parts: readonly (readonly [value: number, bits: number])[],
): readonly [high: number, low: number] {
  let [high, low] = [0, 0];
  for (const [value, bits] of parts) {
    for (let bit = bits - 1; bit >= 0; bit -= 1) {
      const feedback = (high >>> 31) ^ ((value >>> bit) & 1);
      high = (high << 1) | (low >>> 31);
      low <<= 1;
      if (feedback === 0) continue;
      high ^= POLYNOMIAL_HIGH;
      low ^= POLYNOMIAL_LOW;
    }
  }
  return [high >>> 0, low >>> 0];
}

/** The rows that `key` may stand in, one of each way, in a table of 2^`flowsLog2` rows. */
export function rowsOf(key: FlowKey, flowsLog2: number): readonly number[] {
  const [high, low] = crc64([
    [key.hosts ? 1 : 0, 1],
    [key.src, 32],
    [key.dst, 32],
    [key.srcPort, 16],
    [key.dstPort, 16],
  ]);
  const indexBits = flowsLog2 - WAY_BITS;
  return [low, low >>> HASH.wayStride, high, high >>> HASH.wayStride].map(
    (part, way) => (way << indexBits) | (part & ((1 << indexBits) - 1)),
  );
}
