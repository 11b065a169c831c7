/**
 * What becomes of what is put on a link: it arrives once, late, twice, or not at all.
 *
 *   []            lost
 *   [0]           arrives after the link's delay
 *   [90_000]      arrives 90 µs later than that, behind what was put on the link in between
 *   [0, 0]        arrives twice
 *
 * Fates come of a seed, for campaigns, or of a list, for a story and for shrinking one.
 */
import type { Random } from './random.ts';
import { drawBelow, drawChance } from './random.ts';

/** For each copy that arrives, how much later than the link's delay, in nanoseconds. */
export type Fate = readonly number[];

/** Decides about the next thing on a link. */
export type Fates = () => Fate;

/** How often what goes wrong; probabilities 0 … 1. */
export interface Odds {
  readonly loss: number;
  readonly duplication: number;
  /** Each copy is late by 0 … `jitterNs` nanoseconds. */
  readonly jitterNs: number;
}

const IN_TIME: Fate = [0];
const LOST: Fate = [];

/** Everything arrives once and in time. */
export function faultless(): Fate {
  return IN_TIME;
}

/** Nothing arrives: a cable that is cut. */
export function severed(): Fate {
  return LOST;
}

/** Fates drawn from a stream. */
export function randomFates(random: Random, odds: Odds): Fates {
  const late = (): number => (odds.jitterNs === 0 ? 0 : drawBelow(random, odds.jitterNs + 1));
  return () => {
    if (drawChance(random, odds.loss)) return LOST;
    return drawChance(random, odds.duplication) ? [late(), late()] : [late()];
  };
}

/** Fates from a list, one after the other; when it is at its end all arrives in time. */
export function listedFates(fates: readonly Fate[]): Fates {
  let next = 0;
  return () => {
    const fate = fates[next] ?? IN_TIME;
    next += 1;
    return fate;
  };
}
