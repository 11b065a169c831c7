/** A segment that arrived at the switch, and the same segment as it left. */
import type { AddressBook } from './address-book.ts';
import type { Direction, InferredRule, Side } from './connection.ts';
import { at, type CheckedId, type CheckFinding, type Ledger } from './ledger.ts';
import type { Seen } from './seen.ts';

/** One segment on both sides of the switch. */
export interface Pair {
  readonly arrived: Seen;
  readonly left: Seen;
  readonly rule: InferredRule;
  readonly side: Side;
  readonly direction: Direction;
  /**
   * It cannot have been taken for another segment, however much the captures lost. What is not sure
   * is counted, and never held against the device.
   */
  readonly sure: boolean;
  /** Nothing is translated: no rule, or a rule that changes MAC addresses only. */
  readonly plain: 'no-rule' | 'mac-only' | undefined;
}

/** What the parts of the judgement need. */
export interface Bench {
  readonly ledger: Ledger;
  readonly book: AddressBook;
}

/** The connection of a pair, for people. */
export function describeConnection(pair: Pick<Pair, 'rule'>, book: AddressBook): string {
  const { connection, path } = pair.rule;
  const ends = `${book.format(connection.client.endpoint)} > ${book.format(connection.virtual)}`;
  return path.owner === connection.virtual ? ends : `${ends}, owner ${book.format(path.owner)}`;
}

/** A finding about both frames of a pair. */
export function findingOf(
  pair: Pair,
  bench: Bench,
  requirement: CheckedId,
  [field, expected, observed]: readonly [string, string, string],
): CheckFinding {
  return {
    requirement,
    connection: describeConnection(pair, bench.book),
    field,
    expected,
    observed,
    frames: [at(pair.arrived), at(pair.left)],
  };
}

/** The requirement that a breach of `id` is one of when no rule translates the pair. */
export function homeOf(pair: Pair, id: CheckedId): CheckedId {
  if (pair.plain === undefined) return id;
  return pair.plain === 'mac-only' ? 'PRISM-FWD-13' : 'PRISM-FWD-01';
}

/**
 * Counts `id` as kept where `right` holds; else false, if the pair can be held against the device.
 */
export function holds(pair: Pair, bench: Bench, id: CheckedId, right: boolean): boolean {
  if (right && pair.plain === undefined) bench.ledger.kept[id] += 1;
  return right || !pair.sure;
}

/** Reports a breach of `id` by a pair: field, what was expected, what was observed. */
export function tell(
  pair: Pair,
  bench: Bench,
  id: CheckedId,
  words: readonly [string, string, string],
): void {
  bench.ledger.broken(findingOf(pair, bench, homeOf(pair, id), words));
}

/** A number in hexadecimal, as long as its field. */
export function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}
