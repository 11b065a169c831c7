/** HMAC-SHA-256 with the key that all processes of a Prism share. RFC 2104. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Seal } from '../../handoff/codec.ts';

const SEAL_OCTETS = 32;
/** RFC 2104 section 3: a key shorter than the hash makes the seal weaker. */
const KEY_OCTETS_MIN = 32;

/** The seal of a key; throws RangeError if that is shorter than 32 octets. */
export function sealOf(key: Uint8Array): Seal {
  if (key.length < KEY_OCTETS_MIN) {
    throw new RangeError(`a key of ${key.length} octets: at least ${KEY_OCTETS_MIN}`);
  }
  return (octets) => createHmac('sha256', key).update(octets).digest();
}

/** `octets` with their seal before them. */
export function addSeal(octets: Uint8Array, seal: Seal): Uint8Array {
  return Buffer.concat([seal(octets), octets]);
}

/** What was sealed, undefined where the seal is not that of the octets. */
export function removeSeal(sealed: Uint8Array, seal: Seal): Uint8Array | undefined {
  const octets = sealed.subarray(SEAL_OCTETS);
  if (sealed.length < SEAL_OCTETS) return undefined;
  return timingSafeEqual(sealed.subarray(0, SEAL_OCTETS), seal(octets)) ? octets : undefined;
}
