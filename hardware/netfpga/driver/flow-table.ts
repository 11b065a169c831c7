/** The core's four-way table of flows. */
import type { EntryKey, TableEntry } from '../../entry.ts';
import { TableError } from './table-error.ts';
import { rowsOf } from './hash.ts';
import { createPlacement, findRow, fits, planPut, put, type Placed } from './placement.ts';
import { TABLES } from './registers.ts';
import { emptyRow, flowKeyOf, flowRow, type Row } from './rows.ts';
import { writeRow, type Window } from './window.ts';

/** The flows of one core. */
export interface FlowTable {
  /** Inserts an entry, or gives the one of its key its action. */
  set(entry: TableEntry): Promise<void>;
  remove(key: EntryKey): Promise<void>;
  /** Whether entries that are not there have room together. */
  fits(added: readonly EntryKey[]): boolean;
  /** All has been emptied. */
  clear(): void;
}

/** A table of 2^`flowsLog2` rows behind `window`, without entries. */
export function openFlows(window: Window, flowsLog2: number): FlowTable {
  let placement = createPlacement<Row>();

  function placedOf(key: EntryKey, value: Row): Placed<Row> {
    const flow = flowKeyOf(key);
    return { name: Object.values(flow).join(' '), rows: rowsOf(flow, flowsLog2), value };
  }

  return {
    set: async (entry) => {
      const writes = planPut(placement, placedOf(entry, flowRow(entry)));
      if (writes === undefined) throw new TableError('full', 'the core has no row for a flow');
      for (const each of writes) {
        await writeRow(window, 'FLOWS', each.row, each.placed?.value ?? emptyRow(TABLES.FLOWS));
        put(placement, [each]);
      }
    },
    remove: async (key) => {
      const row = findRow(placement, placedOf(key, []));
      if (row === undefined) return;
      await writeRow(window, 'FLOWS', row, emptyRow(TABLES.FLOWS));
      put(placement, [{ row, placed: undefined }]);
    },
    fits: (added) =>
      fits(
        placement,
        added.map((each) => placedOf(each, [])),
      ),
    clear: () => {
      placement = createPlacement();
    },
  };
}
