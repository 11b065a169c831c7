/** How a rule stands in the tables of one kind of switch. */
import type { Endpoint, Rule } from '../../reference/rules/rule.ts';
import type { TableEntry } from '../entry.ts';

/** Where a rule stands in the switch. */
export interface Place {
  /** Of the entry that is the whole rule, and of its counters. */
  readonly index: number;
  /** Of two rules never the same; a connection's next owner or deltas make another. From 1. */
  readonly generation: number;
}

/** What a switch's tables are to hold for a rule. */
export interface Mapping {
  /** The entries of a rule that stands at `place`; `former` are owners that it has left. */
  entriesOf(rule: Rule, former: readonly Endpoint[], place: Place): readonly TableEntry[];
  /** The action of flows that nobody is to use. */
  readonly bar: string;
  /** The table in which one entry is a whole rule; undefined where a rule has no such entry. */
  readonly rules: string | undefined;
  /** What counts the frames of each direction, by the rule's index; undefined where nothing does. */
  readonly counters: Readonly<Record<'fromClient' | 'fromOwner', string>> | undefined;
}
