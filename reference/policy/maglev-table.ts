/**
 * Population of a Maglev table (Eisenbud et al., NSDI 2016, section 3.4, listing 1).
 *
 * Each server walks through all entries of the table, whose number is prime, in an order of its
 * own:
 *
 *   offset, offset + skip, offset + 2 · skip, …  (mod size)
 *
 * The servers take turns; who has its turn takes the next entry of its walk that nobody has. What a
 * weight does to the turns the paper leaves open, and who implements it decides for himself.
 */

/** A server's walk. */
export interface MaglevWalk {
  /** 0 … size − 1. */
  readonly offset: number;
  /** 1 … size − 1. */
  readonly skip: number;
  /** Above 0. */
  readonly weight: number;
}

/**
 * Who has turns when.
 *
 * - `equal`: everyone in each round, whatever its weight: the paper.
 * - `envoy`: in round k who has had fewer than k · weight / heaviest turns, so all in the first.
 * - `cilium`: the same idea with the sum of the weights, skipping to the next server; when the mean
 *   of the weights is below 2 they do not count.
 * - `katran-v1`: as many as its weight in the first round, then one: not in proportion.
 * - `katran-v2`: whoever has gathered as much as the heaviest weighs; it pays that.
 */
export type MaglevTurns = 'equal' | 'envoy' | 'cilium' | 'katran-v1' | 'katran-v2';

/** A table in the making. */
interface Claims {
  /** Index of a walk plus one; 0 while nobody has the entry. */
  readonly entries: Uint16Array;
  /** Takes the next free entry of a walk; true when it was the last one that was free. */
  readonly claim: (index: number) => boolean;
}

/**
 * The table: of each entry the index of the walk that has it; empty without walks, of which there are
 * 65535 at most. `size` is prime.
 */
export function populate(
  walks: readonly MaglevWalk[],
  size: number,
  turns: MaglevTurns,
): Uint16Array {
  if (walks.length === 0) return new Uint16Array(0);
  const claims = createClaims(walks, size);
  const weights = walks.map(({ weight }) => weight);
  takeTurns(weights, claims, turns);
  return claims.entries.map((owner) => owner - 1);
}

function takeTurns(weights: readonly number[], claims: Claims, turns: MaglevTurns): void {
  switch (turns) {
    case 'equal':
      return turnEqually(weights, claims);
    case 'envoy':
      return turnAsEnvoy(weights, claims);
    case 'cilium':
      return turnAsCilium(weights, claims);
    case 'katran-v1':
      return turnAsKatran1(weights, claims);
    case 'katran-v2':
      return turnAsKatran2(weights, claims);
    default:
      return turns satisfies never;
  }
}

function createClaims(walks: readonly MaglevWalk[], size: number): Claims {
  const entries = new Uint16Array(size);
  const next = Uint32Array.from(walks, ({ offset }) => offset);
  const skips = Uint32Array.from(walks, ({ skip }) => skip);
  let free = size;
  return {
    entries,
    claim: (index): boolean => {
      const skip = skips[index] ?? 1;
      let at = next[index] ?? 0;
      while (entries[at] !== 0) {
        at += skip;
        if (at >= size) at -= size;
      }
      entries[at] = index + 1;
      next[index] = at;
      free -= 1;
      return free === 0;
    },
  };
}

function turnEqually(weights: readonly number[], { claim }: Claims): void {
  for (;;) {
    for (let index = 0; index < weights.length; index += 1) if (claim(index)) return;
  }
}

/** In floating point and with normalised weights, so that the rounding is Envoy's, too. */
function turnAsEnvoy(weights: readonly number[], { claim }: Claims): void {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = Float64Array.from(weights, (weight) => weight / total);
  const largest = Math.max(...shares);
  const targets = new Float64Array(weights.length);
  for (let round = 1; ; round += 1) {
    for (let index = 0; index < shares.length; index += 1) {
      const target = targets[index] ?? 0;
      if (round * (shares[index] ?? 0) < target) continue;
      targets[index] = target + largest;
      if (claim(index)) return;
    }
  }
}

function turnAsCilium(weights: readonly number[], { entries, claim }: Claims): void {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (Math.floor(total / weights.length) <= 1) return turnEqually(weights, { entries, claim });
  const targets = Float64Array.from(weights, (weight) => weight / weights.length);
  for (let turn = 1; turn <= entries.length; turn += 1) {
    let index = (turn - 1) % weights.length;
    while (turn * (weights[index] ?? 0) < Math.trunc(targets[index] ?? 0)) {
      index = (index + 1) % weights.length;
    }
    targets[index] = (targets[index] ?? 0) + total;
    claim(index);
  }
}

function turnAsKatran1(weights: readonly number[], claims: Claims): void {
  for (const [index, weight] of weights.entries()) {
    for (let turn = 0; turn < weight; turn += 1) if (claims.claim(index)) return;
  }
  turnEqually(weights, claims);
}

function turnAsKatran2(weights: readonly number[], { claim }: Claims): void {
  const heaviest = Math.max(...weights);
  const gathered = new Float64Array(weights.length);
  for (;;) {
    for (let index = 0; index < gathered.length; index += 1) {
      const sum = (gathered[index] ?? 0) + (weights[index] ?? 0);
      gathered[index] = sum < heaviest ? sum : sum - heaviest;
      if (sum >= heaviest && claim(index)) return;
    }
  }
}
