/**
 * A core's tables as its agent knows them: updates of entries become writes of rows.
 *
 *   update ─▶ placement ─▶ rows, in order ─▶ registers
 *
 * After each single row every entry that was there is found: a flow that moves is written to where
 * it goes before it is written over, and a rule is one row for both directions.
 */
import { createTurns } from '../../agent/turns.ts';
import type { RemoteTables } from '../../agent/remote.ts';
import type { TableEntry, Update } from '../../entry.ts';
import type { Registers } from './bus.ts';
import { TableError, type ErrorName } from './table-error.ts';
import { NAMES } from './entries.ts';
import { openFlows } from './flow-table.ts';
import { FLOWS_LOG2_MAX } from './hash.ts';
import { FIELDS, INITIAL, REGISTERS, TABLES } from './registers.ts';
import { emptyRow, partOf, ruleRow } from './rows.ts';
import { openUsage } from './usage.ts';
import { gatherErrors, whenIdle, writeRow, type Window } from './window.ts';

/** The binary logarithms of the rows that a core was built with. */
export interface Sizes {
  readonly rulesLog2: number;
  readonly flowsLog2: number;
  readonly stationsLog2: number;
}

/** The tables of one core; each call rejects with `TableError` when the core does not obey. */
export interface Tables extends RemoteTables {
  readonly sizes: Sizes;
  /** Of the interface: major and minor, as `1.0`. */
  readonly version: string;
  /** Empties all, and from then on has earlier drivers refused. */
  reset(): Promise<void>;
  /** Whether entries, which are not there, have room together. */
  readonly fits: (added: readonly TableEntry[]) => boolean;
  /** What has gone wrong since the last call. */
  readErrors(): Promise<readonly ErrorName[]>;
}

/** What may be chosen of a driver. */
export interface TablesOptions {
  /** Milliseconds that never go back. */
  readonly nowMs: () => number;
  /** Later drivers have higher ones; above all that were there before when left out. */
  readonly epoch?: number | undefined;
}

/** A reset takes a clock for each row. */
const RESET_POLLS_MAX = 1 << 20;

async function readIdentity(registers: Registers): Promise<Pick<Tables, 'sizes' | 'version'>> {
  const id = await registers.read(REGISTERS.ID);
  const version = await registers.read(REGISTERS.VERSION);
  const { MAJOR, MINOR } = FIELDS.VERSION;
  if (id !== INITIAL.ID || partOf(version, MAJOR) !== partOf(INITIAL.VERSION, MAJOR)) {
    const found = [id, version].map((each) => `0x${each.toString(16)}`);
    throw new TableError('unknown-core', `no Prism core of version 1: found ${found.join(' ')}`);
  }
  const word = await registers.read(REGISTERS.SIZES);
  const { RULES_LOG2, FLOWS_LOG2, STATIONS_LOG2 } = FIELDS.SIZES;
  const flowsLog2 = partOf(word, FLOWS_LOG2);
  if (flowsLog2 > FLOWS_LOG2_MAX) {
    throw new TableError('unknown-core', `2^${flowsLog2} flows are more than its hash reaches`);
  }
  const [rulesLog2, stationsLog2] = [partOf(word, RULES_LOG2), partOf(word, STATIONS_LOG2)];
  return {
    sizes: { rulesLog2, flowsLog2, stationsLog2 },
    version: `${partOf(version, MAJOR)}.${partOf(version, MINOR)}`,
  };
}

/** The tables behind `registers`; if the core has not just come out of a reset, they are to be reset. */
export async function openTables(
  registers: Registers,
  { nowMs, epoch }: TablesOptions,
): Promise<Tables> {
  const identity = await readIdentity(registers);
  const highest = await registers.read(REGISTERS.FENCE);
  const window: Window = {
    registers,
    epoch: epoch ?? highest + 1,
    errors: new Set(),
    inTurn: createTurns(),
  };
  const flows = openFlows(window, identity.sizes.flowsLog2);
  const usage = openUsage(window, nowMs);

  function change(update: Update): Promise<void> {
    if (update.kind === 'count') return usage.set(update.counter, update.index, update.reading);
    const { table, match } = update.entry;
    if (table === NAMES.flows) {
      return update.kind === 'delete' ? flows.remove(update.entry) : flows.set(update.entry);
    }
    const row = update.kind === 'delete' ? emptyRow(TABLES.RULES) : ruleRow(update.entry);
    return writeRow(window, 'RULES', Number(match['index']?.value), row);
  }

  return {
    ...identity,
    reset: async () => {
      const value = 2 ** FIELDS.RESET.COUNTERS.low + 2 ** FIELDS.RESET.TABLES.low;
      await registers.write([{ address: REGISTERS.RESET, value }]);
      await whenIdle(window, 'empty its tables', RESET_POLLS_MAX);
      flows.clear();
      usage.clear();
      window.errors.clear();
      // Raises FENCE to our epoch.
      await writeRow(window, 'RULES', 0, emptyRow(TABLES.RULES));
    },
    write: async (updates) => {
      for (const update of updates) await change(update);
    },
    fits: (added) => flows.fits(added.filter(({ table }) => table === NAMES.flows)),
    readCounter: (counter, index) => usage.read(counter, index),
    readIdleMs: (indices) => usage.readIdleMs(indices),
    readErrors: async () => {
      await gatherErrors(window);
      const names = [...window.errors];
      window.errors.clear();
      return names;
    },
  };
}
