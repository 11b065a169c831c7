/** Pools, choices and sequences, written short. */
import fc from 'fast-check';

import { octetsOf } from '../../../reference/policy/octets.ts';
import type { Pool } from '../../../reference/policy/pool.ts';
import type { Choice, DrawBelow, Scheduler } from '../../../reference/policy/scheduler.ts';
import { createRandom, drawBelow } from '../../../reference/sim/network/random.ts';

/** Servers a, b, c … with these weights. */
export function poolOf(...weights: readonly number[]): Pool {
  return weights.map((weight, place) => ({ name: letterOf(place), weight }));
}

/** Servers with these names and weight 1. */
export function poolNamed(...names: readonly string[]): Pool {
  return names.map((name) => ({ name, weight: 1 }));
}

/** Servers that no two tests share, with weight 1. */
export function poolFrom(first: string, count: number): Pool {
  return Array.from({ length: count }, (_, place) => ({ name: `${first}.${place}:80`, weight: 1 }));
}

/** What a choice says unless it says something else. */
export interface Moment {
  readonly nowMs?: number;
  readonly key?: string | Uint8Array;
  /** Places that are not able. */
  readonly out?: readonly number[];
  readonly active?: readonly number[];
}

/** A choice at a moment; everyone is able and has nothing to do. */
export function choiceOf({ nowMs = 0, key = '', out = [], active = [] }: Moment = {}): Choice {
  return {
    nowMs,
    key: typeof key === 'string' ? octetsOf(key) : key,
    isAble: (place) => !out.includes(place),
    active: (place) => active[place] ?? 0,
  };
}

/** The letter of a place, and `-` for none. */
export function letterOf(place: number | undefined): string {
  return place === undefined ? '-' : String.fromCharCode(97 + place);
}

/** The servers of so many choices, one after the other. */
export function turnsOf(scheduler: Scheduler, count: number, moment?: Moment): string {
  const choice = choiceOf(moment);
  return Array.from({ length: count }, () => letterOf(scheduler.choose(choice))).join('');
}

/** The servers that have these keys. */
export function serversOf(scheduler: Scheduler, keys: readonly (string | Uint8Array)[]): string {
  return keys.map((key) => letterOf(scheduler.choose(choiceOf({ key })))).join('');
}

/** How often each place comes in some choices. */
export function countsOf(places: Iterable<number | undefined>, servers: number): readonly number[] {
  const counts = Array.from({ length: servers }, () => 0);
  for (const place of places) if (place !== undefined) counts[place] = (counts[place] ?? 0) + 1;
  return counts;
}

/** A seeded source. */
export function drawFrom(seed: number): DrawBelow {
  const random = createRandom(seed, 'policy');
  return (limit) => drawBelow(random, limit);
}

/** Weights of 1 … `most` servers, some of them 0. */
export function arbitraryWeights(most: number, heaviest = 9): fc.Arbitrary<readonly number[]> {
  return fc.array(fc.nat(heaviest), { minLength: 1, maxLength: most });
}

/** Pools whose names are all different, in any order. */
export function arbitraryPool(
  most: number,
  { heaviest = 9, lightest = 0 }: { readonly heaviest?: number; readonly lightest?: number } = {},
): fc.Arbitrary<Pool> {
  const name = fc.string({
    unit: fc.constantFrom(...'abcdefghij0123456789.:-_'.split('')),
    minLength: 1,
  });
  const weight = fc.integer({ min: lightest, max: heaviest });
  return fc.uniqueArray(fc.record({ name, weight }), {
    minLength: 1,
    maxLength: most,
    selector: (server) => server.name,
  });
}
