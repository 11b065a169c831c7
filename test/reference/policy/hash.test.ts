import { crc32 as zlibCrc32 } from 'node:zlib';

import test from 'ava';
import fc from 'fast-check';
import {
  crc32,
  djb2,
  hashModulo,
  murmur3,
  remainder,
  sdbm,
  xor32,
  xxHash64,
  type HashName,
} from '../../../reference/policy/hash.ts';
import { octetsOf } from '../../../reference/policy/octets.ts';
import { runs } from '../../runs.ts';

const octets = fc.uint8Array({ maxLength: 300, size: 'max' });

test('CRC-32 has the check value of its catalogue, and is that of zlib', (t) => {
  t.is(crc32(octetsOf('123456789')), 0xcbf4_3926);
  fc.assert(
    fc.property(octets, (input) => {
      t.is(crc32(input), zlibCrc32(input));
    }),
    runs(500),
  );
});

// What xxHash64 is with seed 1 the tables of Envoy tell, in maglev.test.ts.
test('xxHash64 has the values with which its author checks it', (t) => {
  // xxHash, cli/xsum_sanity_check.c: the octets are the highest of a product that goes on and on.
  const input = new Uint8Array(222);
  let product = 2_654_435_761n;
  for (const index of input.keys()) {
    input[index] = Number(product >> 56n);
    product = BigInt.asUintN(64, product * 11_400_714_785_074_694_797n);
  }
  t.is(xxHash64(input.subarray(0, 0)), 0xef46_db37_51d8_e999n);
  t.is(xxHash64(input.subarray(0, 1)), 0xe934_a84a_db05_2768n);
  t.is(xxHash64(input.subarray(0, 4)), 0x9136_a0dc_a574_57een);
  t.is(xxHash64(input.subarray(0, 14)), 0x8282_dcc4_994e_35c8n);
  t.is(xxHash64(input), 0xb641_ae8c_b691_c174n);
});

test('MurmurHash3 x64 128 has the verification value of SMHasher', (t) => {
  // SMHasher, VerificationTest: keys 0 … 254 octets long, each with a seed of its own, hashed
  // again.
  const hashes = new Uint8Array(256 * 16);
  const key = Uint8Array.from({ length: 256 }, (_, index) => index);
  const write = (
    into: Uint8Array,
    at: number,
    [first, second]: readonly [bigint, bigint],
  ): void => {
    const view = new DataView(into.buffer);
    view.setBigUint64(at, first, true);
    view.setBigUint64(at + 8, second, true);
  };
  for (const length of key.keys()) {
    write(hashes, length * 16, murmur3(key.subarray(0, length), 256 - length));
  }
  const final = new Uint8Array(16);
  write(final, 0, murmur3(hashes, 0));
  t.is(new DataView(final.buffer).getUint32(0, true), 0x6384_ba69);
});

test('sdbm and djb2 are the sums of their definitions, modulo 2^32', (t) => {
  const byDefinition = (input: Uint8Array, start: bigint, factor: bigint): number => {
    let hash = start;
    for (const octet of input) hash = (hash * factor + BigInt(octet)) % 2n ** 32n;
    return Number(hash);
  };
  fc.assert(
    fc.property(octets, (input) => {
      t.is(sdbm(input), byDefinition(input, 0n, 65_599n));
      t.is(djb2(input), byDefinition(input, 5381n, 33n));
    }),
    runs(300),
  );
});

test('xor32 adds the words of an address without carry', (t) => {
  t.is(xor32(Uint8Array.of(0xff, 0, 0, 1)), 0xff00_0001);
  t.is(xor32(Uint8Array.of(1, 2, 3, 4, 0x10, 0x20, 0x30, 0x40)), 0x1122_3344);
  t.is(xor32(Uint8Array.of(0, 0, 0, 0, 0x80)), 0x8000_0000);
});

test('a hash modulo a number is what is left of the whole hash', (t) => {
  const input = octetsOf('/index.html');
  const whole: Readonly<Record<HashName, bigint>> = {
    sdbm: BigInt(sdbm(input)),
    djb2: BigInt(djb2(input)),
    xor32: BigInt(xor32(input)),
    crc32: BigInt(crc32(input)),
    xxhash64: xxHash64(input),
    murmur3: murmur3(input, 0)[0],
  };
  const names: readonly HashName[] = ['sdbm', 'djb2', 'xor32', 'crc32', 'xxhash64', 'murmur3'];
  for (const name of names) {
    t.is(hashModulo(name, input, 65_537), Number(whole[name] % 65_537n), name);
    t.is(remainder(whole[name], 7), Number(whole[name] % 7n), name);
  }
});
