/**
 * The control plane of a model switch, in the terms of P4Runtime.
 *
 * Each update is done entirely or not at all. The codes are those of PI, through which P4Runtime
 * comes to BMv2: what BMv2 itself refuses, such as one entry too many, is UNKNOWN.
 */
import type { CounterReading, EntryKey, TableEntry, Update } from '../../entry.ts';
import type { WriteStatus } from '../../p4runtime/write-status.ts';
import { type Entries, newEntry } from './entries.ts';
import { actionOf, entityOf, keyOf } from './entity-key.ts';
import type { Switch } from './switch.ts';
import type { Table } from './table.ts';

type Failure = Extract<WriteStatus, { readonly ok: false }>;
type EntryUpdate = Exclude<Update, { readonly kind: 'count' }>;
type CountUpdate = Extract<Update, { readonly kind: 'count' }>;

const OK: WriteStatus = { ok: true };
const NOTHING: CounterReading = { packets: 0, octets: 0 };

function failure(code: Failure['code'], message: string): Failure {
  return { ok: false, code, message };
}

interface Found {
  readonly table: Table;
  readonly entries: Entries;
}

function tableOf({ program, entries }: Switch, name: string): Found | undefined {
  const table = program.tables.get(name);
  const own = table === undefined ? undefined : entries[table.index];
  return table === undefined || own === undefined ? undefined : { table, entries: own };
}

function writeEntry({ table, entries }: Found, update: EntryUpdate, nowUs: number): WriteStatus {
  const key = keyOf(update.entry, table);
  if (!key.ok) return failure('INVALID_ARGUMENT', key.error);
  const { pattern, wanted } = key.value;
  const act = update.kind === 'delete' ? undefined : actionOf(update.entry, table);
  if (act?.ok === false) return failure('INVALID_ARGUMENT', act.error);
  const present = entries.get(pattern);
  if (update.kind === 'insert') {
    if (present !== undefined) return failure('ALREADY_EXISTS', 'the entry exists');
  } else if (present === undefined) return failure('NOT_FOUND', 'there is no such entry');
  if (table.constants !== undefined) {
    return failure('UNKNOWN', `the entries of table ${table.name} are constant`);
  }
  if (update.kind === 'delete' || act === undefined) {
    entries.remove(pattern);
    return OK;
  }
  const { idleTimeoutMs = 0 } = update.entry;
  if (present !== undefined) {
    present.act = act.value;
    present.idleTimeoutMs = idleTimeoutMs;
    present.lastHitUs = nowUs;
    return OK;
  }
  if (entries.size() >= table.maxSize) return failure('UNKNOWN', `table ${table.name} is full`);
  entries.add(pattern, newEntry(pattern, wanted, act.value, idleTimeoutMs, nowUs));
  return OK;
}

function writeCount({ program, resources }: Switch, update: CountUpdate): WriteStatus {
  const { counter, index, reading } = update;
  const array = program.counters.get(counter);
  if (array === undefined) return failure('INVALID_ARGUMENT', `there is no counter ${counter}`);
  if (!Number.isInteger(index) || index < 0 || index >= array.size) {
    return failure('INVALID_ARGUMENT', `counter ${counter} has no cell ${index}`);
  }
  resources.counters[array.index]?.set(index, { ...reading });
  return OK;
}

/** Makes one change; the switch is as it was when the status is not ok. */
export function write(device: Switch, update: Update, nowUs: number): WriteStatus {
  if (update.kind === 'count') return writeCount(device, update);
  const found = tableOf(device, update.entry.table);
  if (found === undefined) {
    return failure('INVALID_ARGUMENT', `there is no table ${update.entry.table}`);
  }
  return writeEntry(found, update, nowUs);
}

/** All entries of a table; undefined when there is no such table. */
export function readEntries(device: Switch, tableName: string): readonly TableEntry[] | undefined {
  const found = tableOf(device, tableName);
  if (found === undefined) return undefined;
  return [...found.entries.entries()].map((entry) => entityOf(found.table, entry));
}

/** For how long no packet has hit each entry of a table, in milliseconds. */
export function readAges(
  device: Switch,
  tableName: string,
  nowUs: number,
): readonly { readonly entry: TableEntry; readonly idleMs: number }[] {
  const found = tableOf(device, tableName);
  if (found === undefined) return [];
  return [...found.entries.entries()].map((entry) => ({
    entry: entityOf(found.table, entry),
    idleMs: (nowUs - entry.lastHitUs) / 1000,
  }));
}

/** Entries of all tables that no packet has hit for as long as they allow. */
export function idleEntries(device: Switch, nowUs: number): readonly TableEntry[] {
  return [...device.program.tables.values()].flatMap((table) =>
    [...(device.entries[table.index]?.entries() ?? [])]
      .filter(
        ({ idleTimeoutMs, lastHitUs }) =>
          idleTimeoutMs > 0 && nowUs - lastHitUs >= idleTimeoutMs * 1000,
      )
      .map((entry) => entityOf(table, entry)),
  );
}

/** A cell of a counter array; undefined when there is no such cell. */
export function readCounter(
  { program, resources }: Switch,
  name: string,
  index: number,
): CounterReading | undefined {
  const array = program.counters.get(name);
  if (array === undefined || index < 0 || index >= array.size) return undefined;
  const { packets, octets } = resources.counters[array.index]?.get(index) ?? NOTHING;
  return { packets, octets };
}

/** The direct counter of an entry; undefined when there is no such entry, or none is kept. */
export function readDirectCounter(device: Switch, key: EntryKey): CounterReading | undefined {
  const found = tableOf(device, key.table);
  if (found === undefined || !found.table.countsHits) return undefined;
  const wanted = keyOf(key, found.table);
  const entry = wanted.ok ? found.entries.get(wanted.value.pattern) : undefined;
  return entry === undefined ? undefined : { ...entry.count };
}
