/**
 * How entries are found: exact by a hash, lpm by the longest prefix, ternary by priority.
 *
 * A key is one number, its fields filled to whole octets. BMv2 counts a prefix from the first bit
 * of the filled field: of 12 bits in 16, a prefix of 8 covers four bits of the field.
 */

/** What a key must be. */
export interface Pattern {
  readonly value: bigint;
  /** The bits that count. */
  readonly mask: bigint;
  /** How many bits of the whole key a prefix covers, in tables with an lpm field. */
  readonly prefixBits: number;
  /** The lowest counts, in tables with ternary fields. */
  readonly priority: number;
}

/** Entries by their keys. */
export interface Matches<E> {
  /** The entry that counts for a key. */
  readonly find: (key: bigint) => E | undefined;
  readonly get: (pattern: Pattern) => E | undefined;
  readonly add: (pattern: Pattern, entry: E) => void;
  readonly remove: (pattern: Pattern) => void;
  readonly entries: () => Iterable<E>;
  readonly size: () => number;
}

/** V8 hashes a bigint by its last 64 bits, which may be the same in all keys; a string by all. */
const hashed = (key: bigint): string => key.toString(32);

function exactMatches<E>(): Matches<E> {
  const all = new Map<string, E>();
  return {
    find: (key) => all.get(hashed(key)),
    get: ({ value }) => all.get(hashed(value)),
    add: ({ value }, entry) => void all.set(hashed(value), entry),
    remove: ({ value }) => void all.delete(hashed(value)),
    entries: () => all.values(),
    size: () => all.size,
  };
}

interface Prefixes<E> {
  readonly bits: number;
  readonly mask: bigint;
  readonly all: Map<string, E>;
}

function lpmMatches<E>(): Matches<E> {
  /** The longest prefixes first. */
  let lengths: readonly Prefixes<E>[] = [];
  const of = (bits: number): Prefixes<E> | undefined =>
    lengths.find((length) => length.bits === bits);
  return {
    find: (key) => {
      for (const { mask, all } of lengths) {
        const entry = all.get(hashed(key & mask));
        if (entry !== undefined) return entry;
      }
      return undefined;
    },
    get: ({ value, prefixBits }) => of(prefixBits)?.all.get(hashed(value)),
    add: ({ value, mask, prefixBits }, entry) => {
      const found = of(prefixBits);
      if (found !== undefined) {
        found.all.set(hashed(value), entry);
        return;
      }
      const length = { bits: prefixBits, mask, all: new Map([[hashed(value), entry]]) };
      lengths = [...lengths, length].toSorted((a, b) => b.bits - a.bits);
    },
    remove: ({ value, prefixBits }) => {
      of(prefixBits)?.all.delete(hashed(value));
      lengths = lengths.filter(({ all }) => all.size > 0);
    },
    entries: () => lengths.flatMap(({ all }) => [...all.values()]),
    size: () => lengths.reduce((sum, { all }) => sum + all.size, 0),
  };
}

interface Ranked<E> {
  readonly pattern: Pattern;
  readonly entry: E;
  /** The lowest that was free: of equal priorities the lowest handle counts. */
  readonly handle: number;
}

function ternaryMatches<E>(): Matches<E> {
  let all: readonly Ranked<E>[] = [];
  const isSame = (a: Pattern, b: Pattern): boolean =>
    a.priority === b.priority && a.value === b.value && a.mask === b.mask;
  return {
    find: (key) => all.find(({ pattern }) => (key & pattern.mask) === pattern.value)?.entry,
    get: (pattern) => all.find((ranked) => isSame(ranked.pattern, pattern))?.entry,
    add: (pattern, entry) => {
      const used = new Set(all.map(({ handle }) => handle));
      let handle = 0;
      while (used.has(handle)) handle += 1;
      all = [...all, { pattern, entry, handle }].toSorted(
        (a, b) => a.pattern.priority - b.pattern.priority || a.handle - b.handle,
      );
    },
    remove: (pattern) => {
      all = all.filter((ranked) => !isSame(ranked.pattern, pattern));
    },
    entries: () => all.map(({ entry }) => entry),
    size: () => all.length,
  };
}

/** How a table matches. */
export type MatchKind = 'exact' | 'lpm' | 'ternary';

/** An empty set of entries. */
export function emptyMatches<E>(kind: MatchKind): Matches<E> {
  if (kind === 'exact') return exactMatches();
  return kind === 'lpm' ? lpmMatches() : ternaryMatches();
}
