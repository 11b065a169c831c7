/**
 * Ways of spreading keys over servers by hashes alone.
 *
 * Servers are places of a list of weights; a weight of 0 says that there is none at this place, so
 * that the others keep their numbers when servers come and go. A key is its hash of 32 bits.
 */
import { maglevTable } from '../../policy/maglev.ts';
import { firstPoint, nginxRing, type Ring } from '../../policy/ring.ts';
import type { PoolServer } from '../../policy/scheduler.ts';
import { staticCycle } from '../../policy/static-cycle.ts';
import { createRandom, drawUint32 } from '../../sim/network/random.ts';

/** Makes a table of weights: the key `hash` belongs to the server in entry `hash` mod length. */
export type Spread = (weights: readonly number[]) => Uint16Array;

/** Mod N: one entry for each unit of weight, in HAProxy's static order. */
export function spreadByModulo(weights: readonly number[]): Uint16Array {
  const places = [...weights.keys()].filter((place) => weights[place] !== 0);
  const cycle = staticCycle(places.map((place) => weights[place] ?? 0));
  return cycle.map((index) => places[index] ?? 0);
}

/** Maglev as Envoy does it, whose turns follow the weights; `size` is prime. */
export function spreadByMaglev(size: number): Spread {
  return (weights) => maglevTable(serversOf(weights), { variant: 'envoy', size });
}

/** nginx's ring, 160 points for each unit of weight. */
export function ringOf(weights: readonly number[]): Ring {
  return nginxRing(serversOf(weights));
}

/** The server of each key in a table, which is not empty. */
export function ownersInTable(table: Uint16Array, hashes: Uint32Array): Uint16Array {
  const owners = new Uint16Array(hashes.length);
  for (let key = 0; key < hashes.length; key += 1) {
    owners[key] = table[(hashes[key] ?? 0) % table.length] ?? 0;
  }
  return owners;
}

/** The server of each key on a ring, which is not empty. */
export function ownersOnRing(ring: Ring, hashes: Uint32Array): Uint16Array {
  const owners = new Uint16Array(hashes.length);
  for (let key = 0; key < hashes.length; key += 1) {
    owners[key] = ring.owners[firstPoint(ring, BigInt(hashes[key] ?? 0))] ?? 0;
  }
  return owners;
}

/** The hashes of `count` keys that have nothing to do with each other. */
export function drawHashes(count: number, seed: number): Uint32Array {
  const random = createRandom(seed, 'hashes');
  const hashes = new Uint32Array(count);
  for (let key = 0; key < count; key += 1) hashes[key] = drawUint32(random);
  return hashes;
}

function serversOf(weights: readonly number[]): readonly PoolServer[] {
  return weights.map((weight, place) => ({
    name: `10.0.${place >> 8}.${place & 0xff}:80`,
    weight,
  }));
}
