/**
 * Entries to messages: names become ids, numbers become octets, as P4Info says.
 *
 * What a switch would refuse for its form is refused here, by name: unknown tables, fields, actions
 * and parameters, values wider than their field, and keys that are not canonical (section 9.1.1): a
 * value has no bits outside of its prefix or mask, and what matches everything is left out.
 */
import type { Result } from 'scapy-ts';
import { all } from './all.ts';
import { bytestringOf, fits, formatValue } from './bytestring.ts';
import type { EntryKey, FieldMatch, TableEntry, Update } from '../entry.ts';
import type {
  ActionMessage,
  CounterEntryMessage,
  FieldMatchMessage,
  KeyMessage,
  TableEntryMessage,
} from './message.ts';
import type { Counter, Field, P4Info, Table } from './p4info.ts';

/** A change of a table, as it is sent. */
export interface UpdateMessage {
  readonly type: 'INSERT' | 'MODIFY' | 'DELETE';
  readonly entity:
    { readonly tableEntry: TableEntryMessage } | { readonly counterEntry: CounterEntryMessage };
}

const TYPES = { insert: 'INSERT', modify: 'MODIFY', delete: 'DELETE' } as const;
/** Highest priority: int32. */
const PRIORITY_MAX = 0x7fff_ffff;
/** Longest idle timeout: int64 nanoseconds. */
const IDLE_MAX_MS = 2 ** 63 / 1e6;

function fault(message: string): { readonly ok: false; readonly error: string } {
  return { ok: false, error: message };
}

/** The bits that `match` looks at. */
function maskOf(match: FieldMatch, bits: number): bigint {
  const whole = (1n << BigInt(bits)) - 1n;
  if (match.kind === 'exact') return whole;
  if (match.kind === 'ternary') return match.mask;
  return whole ^ (whole >> BigInt(match.prefixBits));
}

function shapeFault(match: FieldMatch, { bits }: Field): string | undefined {
  if (!fits(match.value, bits))
    return `${formatValue(match.value)} is not a number of ${bits} bits`;
  if (match.kind === 'ternary' && !fits(match.mask, bits)) {
    return `the mask ${formatValue(match.mask)} is not a number of ${bits} bits`;
  }
  if (match.kind === 'lpm') {
    const { prefixBits } = match;
    if (!Number.isInteger(prefixBits) || prefixBits < 0 || prefixBits > bits) {
      return `a prefix of ${prefixBits} bits, of ${bits}`;
    }
  }
  if ((match.value & maskOf(match, bits)) === match.value) return undefined;
  return `${formatValue(match.value)} has bits outside of its ${match.kind === 'lpm' ? 'prefix' : 'mask'}`;
}

function messageOf(fieldId: number, match: FieldMatch): FieldMatchMessage {
  const value = bytestringOf(match.value);
  if (match.kind === 'exact') return { fieldId, exact: { value } };
  if (match.kind === 'lpm') return { fieldId, lpm: { value, prefixLen: match.prefixBits } };
  return { fieldId, ternary: { value, mask: bytestringOf(match.mask) } };
}

/** The field's message, or none when it matches everything. */
function encodeField(
  table: Table,
  field: Field,
  match: FieldMatch | undefined,
): Result<readonly FieldMatchMessage[], string> {
  const place = `table ${table.name}, field ${field.name}`;
  if (match === undefined) {
    return field.match === 'exact' ? fault(`${place}: missing`) : { ok: true, value: [] };
  }
  if (match.kind !== field.match) return fault(`${place}: is ${field.match}, not ${match.kind}`);
  const wrong = shapeFault(match, field);
  if (wrong !== undefined) return fault(`${place}: ${wrong}`);
  if (maskOf(match, field.bits) === 0n) return { ok: true, value: [] };
  return { ok: true, value: [messageOf(field.id, match)] };
}

function encodePriority(table: Table, priority: number | undefined): Result<number, string> {
  if (!table.fields.some(({ match }) => match === 'ternary')) {
    if (priority === undefined) return { ok: true, value: 0 };
    return fault(`table ${table.name}: has no ternary field, and so no priorities`);
  }
  if (priority === undefined) return fault(`table ${table.name}: an entry needs a priority`);
  if (Number.isInteger(priority) && priority >= 1 && priority <= PRIORITY_MAX) {
    return { ok: true, value: priority };
  }
  return fault(`table ${table.name}: priority ${priority}, expected 1 to ${PRIORITY_MAX}`);
}

/** The table of that name. */
export function findTable(p4info: P4Info, name: string): Result<Table, string> {
  const table = p4info.tables.find((each) => each.name === name);
  return table === undefined ? fault(`no table is named ${name}`) : { ok: true, value: table };
}

/** The counter of that name. */
export function findCounter(p4info: P4Info, name: string): Result<Counter, string> {
  const counter = p4info.counters.find((each) => each.name === name);
  return counter === undefined
    ? fault(`no counter is named ${name}`)
    : { ok: true, value: counter };
}

function encodeKey(table: Table, key: EntryKey): Result<KeyMessage, string> {
  const match = new Map(Object.entries(key.match));
  const stranger = [...match.keys()].find((name) =>
    table.fields.every((field) => field.name !== name),
  );
  if (stranger !== undefined) return fault(`table ${table.name}: no field is named ${stranger}`);
  const fields = all(table.fields, (field) => encodeField(table, field, match.get(field.name)));
  if (!fields.ok) return fields;
  const priority = encodePriority(table, key.priority);
  if (!priority.ok) return priority;
  return {
    ok: true,
    value: { tableId: table.id, match: fields.value.flat(), priority: priority.value },
  };
}

function encodeAction(table: Table, entry: TableEntry): Result<ActionMessage, string> {
  const action = table.actions.find(({ name }) => name === entry.action);
  if (action === undefined) {
    return fault(`table ${table.name}: its entries have no action ${entry.action}`);
  }
  const given = new Map(Object.entries(entry.params));
  const stranger = [...given.keys()].find((name) =>
    action.params.every((param) => param.name !== name),
  );
  if (stranger !== undefined) {
    return fault(`action ${action.name}: no parameter is named ${stranger}`);
  }
  const params = all(action.params, ({ id, name, bits }) => {
    const value = given.get(name);
    const place = `action ${action.name}, parameter ${name}`;
    if (value === undefined) return fault(`${place}: missing`);
    if (fits(value, bits)) {
      return { ok: true, value: { paramId: id, value: bytestringOf(value) } };
    }
    return fault(`${place}: ${formatValue(value)} is not a number of ${bits} bits`);
  });
  return params.ok ? { ok: true, value: { actionId: action.id, params: params.value } } : params;
}

function encodeIdle(table: Table, idleTimeoutMs: number): Result<string, string> {
  const place = `table ${table.name}: an idle timeout of ${idleTimeoutMs} ms`;
  if (!table.ages) return fault(`${place}, where entries do not age`);
  if (Number.isInteger(idleTimeoutMs) && idleTimeoutMs >= 1 && idleTimeoutMs < IDLE_MAX_MS) {
    return { ok: true, value: String(BigInt(idleTimeoutMs) * 1_000_000n) };
  }
  return fault(`${place}, expected a whole number, 1 or more`);
}

function encodeEntry(table: Table, entry: TableEntry): Result<TableEntryMessage, string> {
  const key = encodeKey(table, entry);
  if (!key.ok) return key;
  const action = encodeAction(table, entry);
  if (!action.ok) return action;
  const message = { ...key.value, action: { action: action.value } };
  if (entry.idleTimeoutMs === undefined) return { ok: true, value: message };
  const idle = encodeIdle(table, entry.idleTimeoutMs);
  return idle.ok ? { ok: true, value: { ...message, idleTimeoutNs: idle.value } } : idle;
}

function encodeCount(
  p4info: P4Info,
  update: Extract<Update, { readonly kind: 'count' }>,
): Result<CounterEntryMessage, string> {
  const { counter: name, index, reading } = update;
  const counter = findCounter(p4info, name);
  if (!counter.ok) return counter;
  const { id, size } = counter.value;
  if (!Number.isInteger(index) || index < 0 || index >= size) {
    return fault(`counter ${name}: no cell ${index} of ${size}`);
  }
  if (![reading.packets, reading.octets].every((n) => Number.isSafeInteger(n) && n >= 0)) {
    return fault(`counter ${name}: ${reading.packets} packets, ${reading.octets} octets`);
  }
  return {
    ok: true,
    value: {
      counterId: id,
      index: { index: String(index) },
      data: { byteCount: String(reading.octets), packetCount: String(reading.packets) },
    },
  };
}

/** `update` as it is sent; the error is one line that names what does not fit P4Info. */
export function encodeUpdate(p4info: P4Info, update: Update): Result<UpdateMessage, string> {
  if (update.kind === 'count') {
    const count = encodeCount(p4info, update);
    if (!count.ok) return count;
    return { ok: true, value: { type: 'MODIFY', entity: { counterEntry: count.value } } };
  }
  const table = findTable(p4info, update.entry.table);
  if (!table.ok) return table;
  const message =
    update.kind === 'delete'
      ? encodeKey(table.value, update.entry)
      : encodeEntry(table.value, update.entry);
  if (!message.ok) return message;
  return { ok: true, value: { type: TYPES[update.kind], entity: { tableEntry: message.value } } };
}
