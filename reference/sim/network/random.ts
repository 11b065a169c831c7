/**
 * Random numbers as a function of a seed: SplitMix with a state of 32 bits.
 *
 * Each purpose has a stream of its own, so that one more draw for one link leaves all others as they
 * were. Good enough to choose faults with; nothing secret comes of it.
 */

/** A stream of numbers; drawing from it changes it. */
export interface Random {
  /** 0 … 2^32 − 1. */
  state: number;
}

/** The stream that `seed` (modulo 2^32) has for a purpose, such as the name of a link. */
export function createRandom(seed: number, purpose: string): Random {
  const random = { state: seed >>> 0 };
  random.state = drawUint32(random);
  for (const letter of purpose) {
    random.state = (random.state ^ (letter.codePointAt(0) ?? 0)) >>> 0;
    random.state = drawUint32(random);
  }
  return random;
}

/** The next whole number, 0 … 2^32 − 1. */
export function drawUint32(random: Random): number {
  random.state = (random.state + 0x9e37_79b9) >>> 0;
  let mixed = random.state;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0_aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** The next whole number, 0 … `limit` − 1; `limit` is 1 … 2^32. */
export function drawBelow(random: Random, limit: number): number {
  return Math.floor((drawUint32(random) / 2 ** 32) * limit);
}

/** Whether what happens with this probability (0 … 1) happens. */
export function drawChance(random: Random, probability: number): boolean {
  return drawUint32(random) < probability * 2 ** 32;
}
