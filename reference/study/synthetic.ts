/**
 * A synthetic trace from a seed: independent requests, with the popularity and the sizes of the web.
 *
 * Popularity is Zipf–Mandelbrot: the file of rank r is asked for in proportion to
 * (r + q)^−α. Sizes have a lognormal body and a Pareto tail (Barford and Crovella, SIGMETRICS 1998),
 * and popular files tend to be small.
 */
import { createRandom, drawUint32, type Random } from '../sim/network/random.ts';
import { MEBIBYTE, type Trace } from './trace.ts';

/** What a synthetic trace is made of. */
export interface SyntheticOptions {
  readonly requests: number;
  readonly seed: number;
  /** Files that may be asked for; the rarest may not be. */
  readonly files?: number;
  /** Octets of all files together, about. */
  readonly octets?: number;
  /** The exponent α. */
  readonly exponent?: number;
  /** The flattening q of the most popular ranks. */
  readonly flattening?: number;
}

/** So many files of so many octets that the memory of 16 nodes holds about a third of them. */
const FILES = 37_703;
const OCTETS = 1418 * MEBIBYTE;
const EXPONENT = 1.3;
const FLATTENING = 20;

/** The logarithm of a size in the body: its mean and its deviation; octets. */
const BODY_MEAN = 9.1;
const BODY_DEVIATION = 1.32;
/** The share of files in the tail, its least size and its exponent. */
const TAIL_SHARE = 0.07;
const TAIL_OCTETS = 60_000;
const TAIL_EXPONENT = 1.3;
const MOST_OCTETS = 16 * MEBIBYTE;
/** How strongly a file's rank decides its place among the sizes, 0 … 1. */
const RANK_WEIGHT = 0.012;

/** A number from the open interval (0, 1). */
function drawUnit(random: Random): number {
  return (drawUint32(random) + 0.5) / 2 ** 32;
}

/** From the standard normal distribution (Box and Muller, 1958). */
function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(drawUnit(random))) * Math.cos(2 * Math.PI * drawUnit(random));
}

function drawSize(random: Random): number {
  if (drawUnit(random) < TAIL_SHARE) {
    return Math.min(MOST_OCTETS, TAIL_OCTETS * drawUnit(random) ** (-1 / TAIL_EXPONENT));
  }
  return Math.exp(BODY_MEAN + BODY_DEVIATION * drawNormal(random));
}

/** Sizes by rank of popularity, scaled so that they add up to `octets`, but for rounding. */
function drawSizes(files: number, octets: number, random: Random): Uint32Array {
  // The same sizes for every seed: with a tail this heavy, others would be another site.
  const site = createRandom(0, 'site');
  const ascending = Float64Array.from({ length: files }, () => drawSize(site)).toSorted();
  const total = ascending.reduce((sum, size) => sum + size, 0);
  const scores = Float64Array.from(
    { length: files },
    (_, rank) => (RANK_WEIGHT * rank) / files + (1 - RANK_WEIGHT) * drawUnit(random),
  );
  const byScore = Uint32Array.from(scores.keys()).toSorted(
    (a, b) => (scores[a] ?? 0) - (scores[b] ?? 0),
  );
  const sizes = new Uint32Array(files);
  for (const [place, rank] of byScore.entries()) {
    sizes[rank] = Math.max(1, Math.round(((ascending[place] ?? 0) * octets) / total));
  }
  return sizes;
}

/** Draws from a distribution in constant time: Vose's alias method (IEEE TSE 17(9), 1991). */
function createSampler(weights: Float64Array): (random: Random) => number {
  const count = weights.length;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const scaled = weights.map((weight) => (weight * count) / total);
  const aliases = Uint32Array.from(scaled.keys());
  const small: number[] = [];
  const large: number[] = [];
  for (const [place, share] of scaled.entries()) (share < 1 ? small : large).push(place);
  for (let poor = small.pop(), rich = large.pop(); ; poor = small.pop()) {
    if (poor === undefined || rich === undefined) break;
    aliases[poor] = rich;
    const rest = (scaled[rich] ?? 1) + (scaled[poor] ?? 1) - 1;
    scaled[rich] = rest;
    if (rest < 1) {
      small.push(rich);
      rich = large.pop();
    }
  }
  return (random) => {
    const place = Math.floor((drawUint32(random) / 2 ** 32) * count);
    return drawUint32(random) / 2 ** 32 < (scaled[place] ?? 1) ? place : (aliases[place] ?? 0);
  };
}

/**
 * The trace of a seed.
 *
 * Files are numbered at random, so that a number says nothing of a file.
 */
export function synthesise(options: SyntheticOptions): Trace {
  const { seed, files = FILES, octets = OCTETS } = options;
  const { exponent = EXPONENT, flattening = FLATTENING } = options;
  const sizesByRank = drawSizes(files, octets, createRandom(seed, 'sizes'));
  const weights = Float64Array.from(
    { length: files },
    (_, rank) => (rank + 1 + flattening) ** -exponent,
  );
  const sample = createSampler(weights);
  const names = shuffled(files, createRandom(seed, 'names'));
  const sizes = new Uint32Array(files);
  for (const [rank, file] of names.entries()) sizes[file] = sizesByRank[rank] ?? 1;
  const random = createRandom(seed, 'requests');
  const requests = new Uint32Array(options.requests);
  for (let at = 0; at < requests.length; at += 1) requests[at] = names[sample(random)] ?? 0;
  return { requests, sizes };
}

/** The numbers 0 … count − 1 in a random order (Fisher and Yates). */
function shuffled(count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, place) => place);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.floor((drawUint32(random) / 2 ** 32) * (last + 1));
    const kept = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}
