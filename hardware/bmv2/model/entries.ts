/** The entries of a running switch's table. */
import { emptyMatches, type Matches, type Pattern } from './match.ts';
import type { Packet } from './packet.ts';
import type { Count } from './resources.ts';
import type { Act, Table } from './table.ts';
import type { Wanted } from './table-key.ts';

/** An entry. */
export interface Entry {
  readonly pattern: Pattern;
  readonly wanted: readonly Wanted[];
  act: Act;
  /** The direct counter. */
  readonly count: Count;
  /** 0 is never. */
  idleTimeoutMs: number;
  lastHitUs: number;
}

/** All entries of a table. */
export type Entries = Matches<Entry>;

/** An entry that has not been hit. */
export function newEntry(
  pattern: Pattern,
  wanted: readonly Wanted[],
  act: Act,
  idleTimeoutMs: number,
  nowUs: number,
): Entry {
  return {
    pattern,
    wanted,
    act,
    count: { packets: 0, octets: 0 },
    idleTimeoutMs,
    lastHitUs: nowUs,
  };
}

/** What a table has before anything is written. */
export function initialEntries({ kind, constants = [] }: Table): Entries {
  const entries = emptyMatches<Entry>(kind);
  for (const { pattern, wanted, act } of constants) {
    entries.add(pattern, newEntry(pattern, wanted, act, 0, 0));
  }
  return entries;
}

/** The entry that counts for a packet, its counter and its age brought up to date. */
export function lookUp(p: Packet, entries: Entries, table: Table): Entry | undefined {
  if (entries.size() === 0) return undefined;
  const entry = entries.find(table.key.read(p));
  if (entry === undefined) return undefined;
  entry.lastHitUs = p.nowUs;
  if (table.countsHits) {
    entry.count.packets += 1;
    entry.count.octets += p.octets.length;
  }
  return entry;
}
