/**
 * Table entries as P4Runtime has them (P4Runtime 1.4 section 9.1), by the names of their program.
 *
 * Numbers are what the switch sees, unsigned, as wide as its program says.
 */

/** What a key must be for an entry to match; which kind it is, the table's declaration says. */
export type FieldMatch =
  | { readonly kind: 'exact'; readonly value: bigint }
  /** The first `prefixBits` bits of the key. */
  | { readonly kind: 'lpm'; readonly value: bigint; readonly prefixBits: number }
  /** The bits of the key that are set in `mask`. */
  | { readonly kind: 'ternary'; readonly value: bigint; readonly mask: bigint };

/** What names an entry in its table. */
export interface EntryKey {
  readonly table: string;
  /** By the field's name; a ternary or lpm field that is left out matches everything. */
  readonly match: Readonly<Record<string, FieldMatch>>;
  /** Of entries that match a packet, the one of the highest counts; only in tables with ternary keys. */
  readonly priority?: number;
}

/** An entry: what matches, and what is then done. */
export interface TableEntry extends EntryKey {
  readonly action: string;
  readonly params: Readonly<Record<string, bigint>>;
  /** Without traffic for so long the switch reports the entry; never when left out. */
  readonly idleTimeoutMs?: number;
}

/** One change of a switch's state. */
export type Update =
  | { readonly kind: 'insert' | 'modify'; readonly entry: TableEntry }
  | { readonly kind: 'delete'; readonly entry: EntryKey }
  /** Writes a cell of an indirect counter. */
  | {
      readonly kind: 'count';
      readonly counter: string;
      readonly index: number;
      readonly reading: CounterReading;
    };

/** A cell of a counter. */
export interface CounterReading {
  readonly packets: number;
  readonly octets: number;
}
