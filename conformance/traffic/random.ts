/** Seeded random numbers where generated values must be cheap: xorshift32 (Marsaglia, 2003). */

/** A source of random integers; the same seed gives the same numbers. */
export interface Random {
  /** An integer, 0 <= value < `limit`; `limit` is at most 2^32. */
  below(limit: number): number;
}

/** A source that starts at `seed`, any integer. */
export function createRandom(seed: number): Random {
  // Zero would stay zero for ever.
  let state = Math.imul(seed, 0x9e3779b1) | 0 || 1;
  return {
    below(limit: number): number {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % limit;
    },
  };
}
