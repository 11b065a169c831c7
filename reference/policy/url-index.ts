/**
 * An index of patterns: finds the lowest rank of all that fit without looking at each of them.
 *
 *   host ─▶ prefix ─▶ suffix ─▶ substring ─▶ cookie
 *
 * A prefix or suffix is found by its length: one look for each length that there is, whatever the
 * number of texts; substrings are found all at once when the first is asked for. Only combinations
 * that some pattern has are followed, and of these none whose lowest rank is not below the best so
 * far. So time grows with the length of the path and with the lengths and combinations that fit it,
 * and not with patterns that do not.
 */
import { createSubstringDictionary } from './url-substrings.ts';

/** What a pattern asks for, in the order of the levels; '' asks for nothing. */
export type LevelTexts = readonly [
  host: string,
  prefix: string,
  suffix: string,
  substring: string,
  cookie: string,
];

/** What patterns are held against: a request, or another pattern. */
export interface IndexSubject {
  /** Whom a pattern may name; '' is a pattern that names none. */
  readonly hosts: readonly string[];
  /** Where a prefix has to begin. */
  readonly start: string;
  /** Where a suffix has to end. */
  readonly end: string;
  /** Where a substring may be. */
  readonly texts: readonly string[];
  /** The pairs one of which a cookie must be. */
  readonly cookies: readonly string[];
}

/** An index that grows, one pattern at a time. */
export interface PatternIndex {
  /** Adds a pattern, with a rank from 0 on; of equal patterns the lowest rank is kept. */
  add(texts: LevelTexts, rank: number): void;
  /** The lowest rank of the patterns that fit; undefined when there is none. */
  find(subject: IndexSubject): number | undefined;
  /** Whether a pattern names this host. */
  names(host: string): boolean;
}

interface Level {
  /** The rank of the pattern that asks for nothing more. */
  whole: number;
  /** The lowest rank of this level and of those below it. */
  lowest: number;
  below: Map<string, Level> | undefined;
  /** The lengths of the texts below. */
  readonly lengths: number[];
}

/** The substrings of patterns that a subject has. */
type PresentSubstrings = () => ReadonlySet<string>;

const HOST = 0;
const PREFIX = 1;
const SUFFIX = 2;
const SUBSTRING = 3;

/** An index of no patterns. */
export function createPatternIndex(): PatternIndex {
  const root = createLevel();
  const dictionary = createSubstringDictionary();
  return {
    add(texts, rank): void {
      const [, , , substring] = texts;
      if (substring !== '') dictionary.add(substring);
      insert(root, texts, rank);
    },
    find(subject): number | undefined {
      let present: ReadonlySet<string> | undefined;
      const substrings = (): ReadonlySet<string> =>
        (present ??= dictionary.presentIn(subject.texts));
      const rank = lowestBelow(root, HOST, subject, substrings, Infinity);
      return rank === Infinity ? undefined : rank;
    },
    names: (host) => root.below?.has(host) ?? false,
  };
}

function createLevel(): Level {
  return { whole: Infinity, lowest: Infinity, below: undefined, lengths: [] };
}

function insert(root: Level, texts: LevelTexts, rank: number): void {
  const depth = texts.findLastIndex((text) => text !== '') + 1;
  let level = root;
  level.lowest = Math.min(level.lowest, rank);
  // A host has its level even when nothing is asked for, so that `names` knows it.
  for (const text of texts.slice(0, Math.max(1, depth))) {
    level.below ??= new Map();
    let next = level.below.get(text);
    if (next === undefined) {
      next = createLevel();
      level.below.set(text, next);
      if (!level.lengths.includes(text.length)) level.lengths.push(text.length);
    }
    next.lowest = Math.min(next.lowest, rank);
    level = next;
  }
  level.whole = Math.min(level.whole, rank);
}

/** The lowest rank that fits and is below `best`, or else `best`. */
function lowestBelow(
  level: Level,
  depth: number,
  subject: IndexSubject,
  substrings: PresentSubstrings,
  best: number,
): number {
  let found = Math.min(best, level.whole);
  const { below } = level;
  if (below === undefined) return found;
  for (const text of textsAt(level, below, depth, subject, substrings)) {
    const next = below.get(text);
    if (next === undefined || next.lowest >= found) continue;
    found = lowestBelow(next, depth + 1, subject, substrings, found);
  }
  return found;
}

/** The texts that a level may have for a subject; all that it has and that fit are among them. */
function* textsAt(
  { lengths }: Level,
  below: ReadonlyMap<string, Level>,
  depth: number,
  { hosts, start, end, cookies }: IndexSubject,
  substrings: PresentSubstrings,
): Iterable<string> {
  if (depth === HOST) yield* hosts;
  else if (depth === PREFIX) {
    for (const length of lengths) if (length <= start.length) yield start.slice(0, length);
  } else if (depth === SUFFIX) {
    for (const length of lengths) if (length <= end.length) yield end.slice(end.length - length);
  } else if (depth === SUBSTRING) {
    yield '';
    yield* inBoth(below, substrings());
  } else yield* cookies;
}

/** What both have, found by going through the smaller. */
function* inBoth(
  below: ReadonlyMap<string, Level>,
  present: ReadonlySet<string>,
): Iterable<string> {
  const [fewer, more] = present.size <= below.size ? [present, below] : [below, present];
  for (const text of fewer.keys()) if (more.has(text)) yield text;
}
