/**
 * How nginx hashes: `hash KEY` and `ip_hash` (nginx 1.22.1).
 *
 * A number modulo the sum of all weights leads to a server; who is not able leaves its keys to
 * others by another try with another number, and no key of those others moves. After 20 tries in
 * vain the key takes its turn.
 */
import { crc32 } from './hash.ts';
import { isEligible, type Pool } from './pool.ts';
import type { Choice, Scheduler } from './scheduler.ts';
import { createWeightedRoundRobin } from './weighted-round-robin.ts';
import { octetsOf } from './octets.ts';

/** How often another server is looked for by the key. */
const TRIES_MAX = 20;
/** Octets of an IPv4 address that count: those of its /24. */
const IPV4_PREFIX = 3;

/**
 * `hash KEY`: the sum of (crc32(try KEY) >> 16) & 0x7fff over the tries, of which the first has no
 * number.
 */
export function createNginxHash(pool: Pool): Scheduler {
  return createTries(pool, ({ key }) => {
    let hash = 0;
    let tries = 0;
    return () => {
      const attempt = tries === 0 ? key : Uint8Array.of(...octetsOf(`${tries}`), ...key);
      tries += 1;
      hash += (crc32(attempt) >>> 16) & 0x7fff;
      return hash;
    };
  });
}

/** `ip_hash`; the key is an address of 4 octets, of which 3 count, or of 16. */
export function createNginxAddressHash(pool: Pool): Scheduler {
  return createTries(pool, ({ key }) => {
    const counted = key.length === 4 ? key.subarray(0, IPV4_PREFIX) : key;
    let hash = 89;
    return () => {
      for (const octet of counted) hash = (hash * 113 + octet) % 6271;
      return hash;
    };
  });
}

function createTries(pool: Pool, numbersFor: (choice: Choice) => () => number): Scheduler {
  const total = pool.reduce((sum, { weight }) => sum + weight, 0);
  const turns = createWeightedRoundRobin(pool, 'smooth');
  return {
    choose(choice): number | undefined {
      if (choice.key.length === 0 || total === 0) return turns.choose(choice);
      const next = numbersFor(choice);
      for (let tried = 0; tried <= TRIES_MAX; tried += 1) {
        const place = placeOf(pool, next() % total);
        if (isEligible(pool, choice, place)) return place;
      }
      return turns.choose(choice);
    },
  };
}

/** The server in whose share of the weights, laid end to end, a number falls. */
function placeOf(pool: Pool, number: number): number {
  let left = number;
  return pool.findIndex(({ weight }) => {
    left -= weight;
    return left < 0;
  });
}
