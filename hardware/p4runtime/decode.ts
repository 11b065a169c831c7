/** Messages to entries: the other way of `encode.ts`. What a switch sends may be wrong. */
import type { Result } from 'scapy-ts';
import { all } from './all.ts';
import { fits, formatValue, numberOf } from './bytestring.ts';
import type { CounterReading, EntryKey, FieldMatch, TableEntry } from '../entry.ts';
import type {
  ActionMessage,
  CounterDataMessage,
  FieldMatchMessage,
  KeyMessage,
  ReadEntryMessage,
} from './message.ts';
import type { Field, P4Info, Table } from './p4info.ts';

/** An entry as a switch has it. */
export interface EntryReading {
  readonly entry: TableEntry;
  /** In tables that count. */
  readonly counter?: CounterReading;
  /** Since it last matched a packet; in tables that age. */
  readonly idleMs?: number;
}

function fault(message: string): { readonly ok: false; readonly error: string } {
  return { ok: false, error: message };
}

function matchOf({ exact, lpm, ternary }: FieldMatchMessage): FieldMatch | undefined {
  if (exact !== undefined) return { kind: 'exact', value: numberOf(exact.value) };
  if (lpm !== undefined) {
    return { kind: 'lpm', value: numberOf(lpm.value), prefixBits: lpm.prefixLen };
  }
  if (ternary === undefined) return undefined;
  return { kind: 'ternary', value: numberOf(ternary.value), mask: numberOf(ternary.mask) };
}

function decodeField(
  table: Table,
  message: FieldMatchMessage,
): Result<readonly [string, FieldMatch], string> {
  const field = table.fields.find(({ id }) => id === message.fieldId);
  if (field === undefined) {
    return fault(`table ${table.name}: no field has the id ${message.fieldId}`);
  }
  const match = matchOf(message);
  const place = `table ${table.name}, field ${field.name}`;
  if (match?.kind !== field.match) return fault(`${place}: is not ${field.match}`);
  const wrong = tooWide(match, field);
  if (wrong !== undefined) return fault(`${place}: ${wrong}`);
  return { ok: true, value: [field.name, match] };
}

function tooWide(match: FieldMatch, { bits }: Field): string | undefined {
  const wide = [match.value, match.kind === 'ternary' ? match.mask : 0n].find(
    (value) => !fits(value, bits),
  );
  if (wide !== undefined) return `${formatValue(wide)} is not a number of ${bits} bits`;
  if (match.kind !== 'lpm' || (match.prefixBits >= 0 && match.prefixBits <= bits)) return undefined;
  return `a prefix of ${match.prefixBits} bits, of ${bits}`;
}

function decodeAction(
  table: Table,
  message: ActionMessage,
): Result<Pick<TableEntry, 'action' | 'params'>, string> {
  const action = table.actions.find(({ id }) => id === message.actionId);
  if (action === undefined) {
    return fault(`table ${table.name}: its entries have no action with the id ${message.actionId}`);
  }
  const params = all(action.params, (param): Result<readonly [string, bigint], string> => {
    const place = `action ${action.name}, parameter ${param.name}`;
    const given = message.params.find(({ paramId }) => paramId === param.id);
    if (given === undefined) return fault(`${place}: missing`);
    const value = numberOf(given.value);
    if (fits(value, param.bits)) return { ok: true, value: [param.name, value] };
    return fault(`${place}: ${formatValue(value)} is not a number of ${param.bits} bits`);
  });
  if (!params.ok) return params;
  return { ok: true, value: { action: action.name, params: Object.fromEntries(params.value) } };
}

function tableOf(p4info: P4Info, tableId: number): Result<Table, string> {
  const table = p4info.tables.find(({ id }) => id === tableId);
  return table === undefined ? fault(`no table has the id ${tableId}`) : { ok: true, value: table };
}

function decodeKeyOf(table: Table, message: KeyMessage): Result<EntryKey, string> {
  const match = all(message.match, (field) => decodeField(table, field));
  if (!match.ok) return match;
  const key = { table: table.name, match: Object.fromEntries(match.value) };
  const { priority } = message;
  return { ok: true, value: priority === 0 ? key : { ...key, priority } };
}

/** The key of an entry that a switch speaks of. */
export function decodeKey(p4info: P4Info, message: KeyMessage): Result<EntryKey, string> {
  const table = tableOf(p4info, message.tableId);
  return table.ok ? decodeKeyOf(table.value, message) : table;
}

/** The cell of a counter. */
export function decodeCounter(message: CounterDataMessage): CounterReading {
  return { packets: Number(message.packetCount), octets: Number(message.byteCount) };
}

/** An entry that a switch has; the error is one line that names what does not fit P4Info. */
export function decodeEntry(
  p4info: P4Info,
  message: ReadEntryMessage,
): Result<EntryReading, string> {
  const table = tableOf(p4info, message.tableId);
  if (!table.ok) return table;
  const key = decodeKeyOf(table.value, message);
  if (!key.ok) return key;
  if (!message.action?.action)
    return fault(`table ${table.value.name}: an entry without an action`);
  const action = decodeAction(table.value, message.action.action);
  if (!action.ok) return action;
  const idleTimeoutMs = Number(message.idleTimeoutNs) / 1e6;
  const { counterData, timeSinceLastHit } = message;
  return {
    ok: true,
    value: {
      entry: {
        ...key.value,
        ...action.value,
        ...(idleTimeoutMs === 0 ? {} : { idleTimeoutMs }),
      },
      ...(counterData === null ? {} : { counter: decodeCounter(counterData) }),
      ...(timeSinceLastHit === null ? {} : { idleMs: Number(timeSinceLastHit.elapsedNs) / 1e6 }),
    },
  };
}
