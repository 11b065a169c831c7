/**
 * Hash functions that switches choose servers with; none of them is for secrets.
 *
 *   sdbm, djb2         32 bits, what HAProxy hashes URLs with
 *   xor32              32 bits, what HAProxy makes of addresses
 *   crc32              32 bits, ISO-HDLC, what HAProxy and nginx hash URLs with
 *   xxhash64           64 bits, what Envoy hashes names and requests with
 *   murmur3            128 bits as two halves, x64 variant, what Cilium and Katran hash names with
 */
import { createCRC32, createXXHash64, type IHasher } from 'hash-wasm';
import { hash128x64 } from 'murmur-hash';

/** Hash functions by the names that an operator gives them. */
export type HashName = 'sdbm' | 'djb2' | 'xor32' | 'crc32' | 'xxhash64' | 'murmur3';

const CRC32 = await createCRC32();
const XXHASH64: readonly [IHasher, IHasher] = [await createXXHash64(0), await createXXHash64(1)];

/** sdbm: h · 65599 + octet, from 0; 0 … 2^32 − 1. */
export function sdbm(octets: Uint8Array): number {
  let hash = 0;
  for (const octet of octets) hash = (Math.imul(hash, 65_599) + octet) | 0;
  return hash >>> 0;
}

/** djb2, Bernstein: h · 33 + octet, from 5381; 0 … 2^32 − 1. */
export function djb2(octets: Uint8Array): number {
  let hash = 5381;
  for (const octet of octets) hash = (Math.imul(hash, 33) + octet) | 0;
  return hash >>> 0;
}

/**
 * The words of 32 bits in network order, the last filled with 0, added without carry; 0 … 2^32 − 1.
 */
export function xor32(octets: Uint8Array): number {
  let hash = 0;
  for (const [at, octet] of octets.entries()) hash ^= octet << (24 - 8 * (at % 4));
  return hash >>> 0;
}

/** CRC-32 as in ISO 3309 and zlib; 0 … 2^32 − 1. */
export function crc32(octets: Uint8Array): number {
  return viewOf(CRC32.init().update(octets)).getUint32(0);
}

/** xxHash64 with a seed; 0 … 2^64 − 1. */
export function xxHash64(octets: Uint8Array, seed: 0 | 1 = 0): bigint {
  return viewOf(XXHASH64[seed].init().update(octets)).getBigUint64(0);
}

/** MurmurHash3 x64 128 with a seed of 32 bits: its two halves, each 0 … 2^64 − 1. */
export function murmur3(octets: Uint8Array, seed: number): readonly [bigint, bigint] {
  const both = BigInt(hash128x64(octets, { seed, output: 'bigint' }));
  return [both >> 64n, BigInt.asUintN(64, both)];
}

/** The remainder of a hash by `modulus`, 1 … 2^53 − 1; of murmur3 its first half, with seed 0. */
export function hashModulo(name: HashName, octets: Uint8Array, modulus: number): number {
  switch (name) {
    case 'sdbm':
      return sdbm(octets) % modulus;
    case 'djb2':
      return djb2(octets) % modulus;
    case 'xor32':
      return xor32(octets) % modulus;
    case 'crc32':
      return crc32(octets) % modulus;
    case 'xxhash64':
      return remainder(xxHash64(octets), modulus);
    case 'murmur3':
      return remainder(murmur3(octets, 0)[0], modulus);
    default:
      return name satisfies never;
  }
}

/** What is left of `hash` when it is divided by `modulus`, 1 … 2^53 − 1. */
export function remainder(hash: bigint, modulus: number): number {
  return Number(hash % BigInt(modulus));
}

function viewOf(hasher: IHasher): DataView {
  const digest = hasher.digest('binary');
  return new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
}
