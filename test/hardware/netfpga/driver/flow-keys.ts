/** Keys of flows, and where the description of the hash says that they may stand. */
import fc from 'fast-check';
import type { FlowKey } from '../../../../hardware/netfpga/driver/hash.ts';

const address = fc.integer({ min: 0, max: 0xffff_ffff });
const port = fc.integer({ min: 0, max: 0xffff });

/** Any key. */
export const flowKey: fc.Arbitrary<FlowKey> = fc.record({
  hosts: fc.boolean(),
  src: address,
  dst: address,
  srcPort: port,
  dstPort: port,
});

const POLYNOMIAL = 0x42f0_e1eb_a9ea_3693n;

/** The key as a number of 97 bits. */
export function keyBits({ hosts, src, dst, srcPort, dstPort }: FlowKey): bigint {
  const ends = (BigInt(src) << 64n) | (BigInt(dst) << 32n) | BigInt(srcPort * 0x1_0000 + dstPort);
  return ((hosts ? 1n : 0n) << 96n) | ends;
}

/** The remainder of a polynomial of `bits` coefficients times x^64: schoolbook division. */
export function slowCrc(value: bigint, bits: number): bigint {
  let rest = value << 64n;
  for (let at = BigInt(bits) + 63n; at >= 64n; at -= 1n) {
    if ((rest >> at) & 1n) rest ^= ((1n << 64n) | POLYNOMIAL) << (at - 64n);
  }
  return rest;
}

/** The rows of `key` in a table of 2^`flowsLog2` rows, one of each of the four ways. */
export function slowRows(key: FlowKey, flowsLog2: number): readonly number[] {
  const crc = slowCrc(keyBits(key), 97);
  const perWay = 2n ** BigInt(flowsLog2 - 2);
  return [0n, 1n, 2n, 3n].map((way) => Number(way * perWay + ((crc >> (16n * way)) % perWay)));
}
