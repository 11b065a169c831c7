/**
 * The rows of a core's tables, by its registers:
 *
 *   TABLE_EPOCH, TABLE_ADDRESS, TABLE_DATA… ─▶ TABLE_COMMAND ─▶ busy … ─▶ done, or refused
 */
import type { InTurn } from '../../agent/turns.ts';
import type { Registers, RegisterWrite } from './bus.ts';
import { TableError, errorNames, refusalOf, type ErrorName } from './table-error.ts';
import { FIELDS, REGISTERS, TABLE_COMMAND, TABLES } from './registers.ts';
import { partOf, type Row } from './rows.ts';

/** The rows of one core as one driver reads and writes them, one after the other. */
export interface Window {
  readonly registers: Registers;
  /** A core refuses writes with a lower epoch than it has seen: an earlier driver's. */
  readonly epoch: number;
  /** What ERROR has said since it was last asked for. */
  readonly errors: Set<ErrorName>;
  /** The registers serve one row at a time. */
  readonly inTurn: InTurn;
}

/** The name of a table. */
export type TableName = keyof typeof TABLES;

/** A row is done within a few clocks, when packets leave the table one. */
const ROW_POLLS_MAX = 1 << 12;

function commandFor(table: TableName, row: number, command: number): readonly RegisterWrite[] {
  const { ROW, TABLE } = FIELDS.TABLE_ADDRESS;
  const address = (TABLES[table].number * 2 ** TABLE.low + row * 2 ** ROW.low) >>> 0;
  return [
    { address: REGISTERS.TABLE_ADDRESS, value: address },
    { address: REGISTERS.TABLE_COMMAND, value: command },
  ];
}

/** Waits until nothing runs; says whether the last command was refused. */
export async function whenIdle(
  { registers }: Window,
  what: string,
  pollsMax: number,
): Promise<boolean> {
  const { BUSY, REFUSED } = FIELDS.TABLE_COMMAND;
  for (let polls = 0; polls < pollsMax; polls += 1) {
    const status = await registers.read(REGISTERS.TABLE_COMMAND);
    if (partOf(status, BUSY) === 0) return partOf(status, REFUSED) === 1;
  }
  throw new TableError('stuck', `the core does not end to ${what}`);
}

async function whenDone(window: Window, what: string): Promise<void> {
  if (!(await whenIdle(window, what, ROW_POLLS_MAX))) return;
  const why = refusalOf(await gatherErrors(window));
  throw why ?? new TableError('stuck', `the core refused to ${what}, without a reason`);
}

/** Reads ERROR, which that clears, and keeps what it said. */
export async function gatherErrors({ registers, errors }: Window): Promise<readonly ErrorName[]> {
  const names = errorNames(await registers.read(REGISTERS.ERROR));
  for (const name of names) errors.add(name);
  return names;
}

/** Writes one row; frames see it as it was before or as it is after. */
export function writeRow(window: Window, table: TableName, row: number, words: Row): Promise<void> {
  return window.inTurn(async () => {
    await window.registers.write([
      { address: REGISTERS.TABLE_EPOCH, value: window.epoch },
      ...words.map((value, at) => ({ address: REGISTERS.TABLE_DATA + 4 * at, value })),
      ...commandFor(table, row, TABLE_COMMAND.WRITE),
    ]);
    await whenDone(window, `write row ${row} of ${table}`);
  });
}

/** Reads one row. */
export function readRow(window: Window, table: TableName, row: number): Promise<Row> {
  return window.inTurn(async () => {
    await window.registers.write(commandFor(table, row, TABLE_COMMAND.READ));
    await whenDone(window, `read row ${row} of ${table}`);
    const words: number[] = [];
    while (words.length < TABLES[table].words) {
      words.push(await window.registers.read(REGISTERS.TABLE_DATA + 4 * words.length));
    }
    return words;
  });
}
