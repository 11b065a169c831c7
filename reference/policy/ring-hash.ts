/** Ring hashing over a pool, with a bound for the load or without. */
import { boundedSlots } from './bounded-load.ts';
import { crc32, xxHash64 } from './hash.ts';
import { createKeyed } from './keyed.ts';
import { eligiblePlaces, isEligible, rememberEligible, weightOf, type Pool } from './pool.ts';
import { envoyRing, firstPoint, nginxRing, type Ring, type RingSize } from './ring.ts';
import type { Choice, Scheduler } from './scheduler.ts';

/** What of a ring an operator may choose. */
export type RingOptions = (
  ({ readonly variant: 'envoy' } & RingSize) | { readonly variant: 'nginx' }
) & {
  /**
   * The most connections that a server may have, in percent of its share of all, 101 or more; a key
   * whose server has so many goes to the next on the ring. Without it there is no bound.
   */
  readonly boundPercent?: number;
};

/**
 * Ring hashing; a key's hash is its xxHash64 (`envoy`) or its CRC-32 (`nginx`).
 *
 * Envoy makes its ring anew when servers come or go, nginx walks on from who is not able.
 */
export function createRingHash(pool: Pool, options: RingOptions): Scheduler {
  const ringFor = options.variant === 'envoy' ? envoyRings(pool, options) : nginxRings(pool);
  const hash =
    options.variant === 'envoy' ? xxHash64 : (key: Uint8Array): bigint => BigInt(crc32(key));
  return createKeyed(pool, (choice) => {
    const ring = ringFor(choice);
    if (ring === undefined) return undefined;
    const mayTake = filterOf(pool, choice, options.boundPercent);
    const start = firstPoint(ring, hash(choice.key));
    for (let step = 0; step < ring.points.length; step += 1) {
      const place = ring.owners[(start + step) % ring.points.length];
      if (place !== undefined && mayTake(place)) return place;
    }
    return undefined;
  });
}

function envoyRings(pool: Pool, size: RingSize): (choice: Choice) => Ring | undefined {
  return rememberEligible(pool, (places) => {
    const { points, owners } = envoyRing(
      places.flatMap((place) => pool[place] ?? []),
      size,
    );
    return { points, owners: owners.map((index) => places[index] ?? 0) };
  });
}

function nginxRings(pool: Pool): () => Ring {
  const ring = nginxRing(pool);
  return () => ring;
}

/** Who may take one more. */
function filterOf(
  pool: Pool,
  choice: Choice,
  boundPercent: number | undefined,
): (place: number) => boolean {
  if (boundPercent === undefined) return (place) => isEligible(pool, choice, place);
  const places = eligiblePlaces(pool, choice);
  const active = places.reduce((sum, place) => sum + choice.active(place), 0);
  const slots = boundedSlots(
    places.map((place) => weightOf(pool, place)),
    active,
    boundPercent,
  );
  const roomy = new Set(
    places.filter((place, index) => choice.active(place) < (slots[index] ?? 0)),
  );
  return (place) => roomy.has(place);
}
