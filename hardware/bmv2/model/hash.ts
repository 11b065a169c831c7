/** The algorithms of BMv2 that the model has, over octets. */
import { checksum } from 'scapy-ts';
import { readWide } from './bits.ts';

/** The internet checksum, an odd last octet padded with zero. RFC 1071. */
export function sum16(octets: Uint8Array): number {
  return checksum(octets, 0, octets.length);
}

/** A table for a CRC that takes the least significant bit first. */
function reflectedTable(polynomial: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, octet) => {
    let value = octet;
    for (let bit = 0; bit < 8; bit += 1) {
      value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    }
    return value;
  });
}

function reflectedCrc(octets: Uint8Array, table: Uint32Array, initial: number): number {
  let crc = initial;
  for (const octet of octets) crc = (table[(crc ^ octet) & 0xff] ?? 0) ^ (crc >>> 8);
  return crc;
}

const CRC16 = reflectedTable(0xa001);
const CRC32 = reflectedTable(0xedb8_8320);

/** CRC-16/ARC: polynomial 0x8005, reflected, initially 0. */
export function crc16(octets: Uint8Array): number {
  return reflectedCrc(octets, CRC16, 0);
}

/** The CRC of Ethernet. IEEE 802.3 section 3.2.9. */
export function crc32(octets: Uint8Array): number {
  return ~reflectedCrc(octets, CRC32, 0xffff_ffff) >>> 0;
}

/** Exclusive or of all 16-bit words, an odd last octet padded with zero. */
export function xor16(octets: Uint8Array): number {
  let all = 0;
  for (const [index, octet] of octets.entries()) all ^= index % 2 === 0 ? octet << 8 : octet;
  return all;
}

/** The first 8 octets as a number; if there are less, those. */
export function first64(octets: Uint8Array): bigint {
  const size = Math.min(8, octets.length);
  return size === 0 ? 0n : readWide(octets, 0, size * 8);
}
