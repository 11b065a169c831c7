/**
 * Rings of points: a key belongs to the first point at or after its hash, and past the last to the
 * first (Karger et al., STOC 1997).
 */
import { crc32, xxHash64 } from './hash.ts';
import { compareOctets, nameOctets } from './octets.ts';
import type { PoolServer } from './scheduler.ts';

/** Points in ascending order, and for each the index of its server. */
export interface Ring {
  readonly points: BigUint64Array;
  readonly owners: Uint16Array;
}

/** How many points Envoy's ring has. */
export interface RingSize {
  /** 1024 unless it is said. */
  readonly minimumSize?: number;
  /** 8 388 608 unless it is said; more is not allowed. */
  readonly maximumSize?: number;
}

/** Envoy's sizes when nothing is said. */
export const RING_MINIMUM = 1024;
/** The most points that Envoy allows. */
export const RING_MAXIMUM = 8_388_608;

/** Points of nginx for each unit of weight. */
export const POINTS_PER_WEIGHT = 160;

interface Point {
  readonly hash: bigint;
  readonly owner: number;
}

/**
 * Envoy's ring: xxHash64 of `name_0`, `name_1`, … in numbers that follow the weights.
 *
 * The least weight has a whole number of points; where others have not, the order of the servers
 * decides who has one more, and here that is the order of their names.
 */
export function envoyRing(
  servers: readonly PoolServer[],
  { minimumSize = RING_MINIMUM, maximumSize = RING_MAXIMUM }: RingSize = {},
): Ring {
  const total = servers.reduce((sum, { weight }) => sum + weight, 0);
  const named = weighted(servers).toSorted((a, b) => compareOctets(a.name, b.name));
  const least = Math.min(...named.map(({ weight }) => weight / total));
  const scale = Math.min(Math.ceil(least * minimumSize) / least, maximumSize);
  const points: Point[] = [];
  let target = 0;
  for (const { owner, weight, name } of named) {
    target += scale * (weight / total);
    for (let number = 0; points.length < target; number += 1) {
      points.push({ hash: xxHash64(joined(name, nameOctets(`_${number}`))), owner });
    }
  }
  return ringOf(points);
}

/**
 * nginx's ring, ketama with CRC-32: crc32(host 0 port previous), 160 points for each unit of
 * weight, where previous is the point before, from 0 on, in little-endian order.
 */
export function nginxRing(servers: readonly PoolServer[]): Ring {
  const points: Point[] = [];
  for (const { owner, weight, name } of weighted(servers)) {
    const octets = joined(hostAndPort(name), new Uint8Array(4));
    const previous = new DataView(octets.buffer, octets.length - 4);
    for (let count = 0; count < weight * POINTS_PER_WEIGHT; count += 1) {
      const hash = crc32(octets);
      previous.setUint32(0, hash, true);
      points.push({ hash: BigInt(hash), owner });
    }
  }
  return ringOf(points);
}

/** The index of the first point at or after `hash`; 0 past the last. */
export function firstPoint({ points }: Ring, hash: bigint): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((points[middle] ?? 0n) < hash) low = middle + 1;
    else high = middle;
  }
  return low === points.length ? 0 : low;
}

interface Named {
  readonly owner: number;
  readonly weight: number;
  readonly name: Uint8Array;
}

function weighted(servers: readonly PoolServer[]): readonly Named[] {
  return servers.flatMap(({ name, weight }, owner) =>
    weight === 0 ? [] : [{ owner, weight, name: nameOctets(name) }],
  );
}

/** `host:port` with a 0 in place of the colon; at the end of what has no port. */
function hostAndPort(name: Uint8Array): Uint8Array {
  const colon = name.lastIndexOf(0x3a);
  const port = name.subarray(colon + 1);
  const isPort = colon >= 0 && port.every((octet) => octet >= 0x30 && octet <= 0x39);
  if (!isPort) return joined(name, Uint8Array.of(0));
  return joined(name.subarray(0, colon), Uint8Array.of(0), port);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function ringOf(points: readonly Point[]): Ring {
  // The sort is stable: of points that fall together the first server's counts.
  const sorted = points.toSorted((a, b) => (a.hash < b.hash ? -1 : Number(a.hash > b.hash)));
  return {
    points: BigUint64Array.from(sorted, ({ hash }) => hash),
    owners: Uint16Array.from(sorted, ({ owner }) => owner),
  };
}
