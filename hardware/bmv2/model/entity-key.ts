/**
 * Entries of P4Runtime as the tables of a program know them, and back.
 *
 * The checks are those of PI, through which P4Runtime comes to BMv2.
 */
import type { Result } from 'scapy-ts';
import type { EntryKey, FieldMatch, TableEntry } from '../../entry.ts';
import type { Action } from './action.ts';
import type { Entry } from './entries.ts';
import { padded } from './key.ts';
import type { Pattern } from './match.ts';
import { type Act, actOf, type Table, wantExact, wantPrefix } from './table.ts';
import { type KeyField, patternOf, type Wanted } from './table-key.ts';

/** A value, or why there is none; each is an invalid argument. */
export type Checked<T> = Result<T, string>;

/** The key of an entry. */
export interface Key {
  readonly pattern: Pattern;
  readonly wanted: readonly Wanted[];
}

/** BMv2's priorities are lower where P4Runtime's are higher. */
const MAX_PRIORITY = 0x7fff_ffff;
const ANYTHING: Wanted = { value: 0n, mask: 0n, prefixBits: 0 };

function invalid(error: string): { readonly ok: false; readonly error: string } {
  return { ok: false, error };
}

function fits(value: bigint, width: number): boolean {
  return value >= 0n && value < 1n << BigInt(width);
}

function prefixWanted({ name, width }: KeyField, value: bigint, bits: number): Checked<Wanted> {
  if (!Number.isInteger(bits) || bits < 1 || bits > width) {
    return invalid(`field ${name}: a prefix has 1 to ${width} bits; leave out what matches all`);
  }
  const wanted = wantPrefix(width, value, bits);
  if ((value & wanted.mask) === value) return { ok: true, value: wanted };
  return invalid(`field ${name}: bits behind the prefix (of ${padded(width)} bits) are set`);
}

function ternaryWanted({ name, width }: KeyField, value: bigint, mask: bigint): Checked<Wanted> {
  if (!fits(mask, width)) return invalid(`field ${name}: the mask has more than ${width} bits`);
  if (mask === 0n) return invalid(`field ${name}: leave out what matches all`);
  if ((value & mask) !== value) return invalid(`field ${name}: bits outside of the mask are set`);
  return { ok: true, value: { value, mask, prefixBits: 0 } };
}

function wantedOf(field: KeyField, match: FieldMatch | undefined): Checked<Wanted> {
  const { name, width, kind } = field;
  if (match === undefined) {
    return kind === 'exact' ? invalid(`field ${name} is missing`) : { ok: true, value: ANYTHING };
  }
  if (match.kind !== kind) return invalid(`field ${name} is of kind ${kind}`);
  if (!fits(match.value, width)) return invalid(`field ${name} has ${width} bits`);
  if (match.kind === 'lpm') return prefixWanted(field, match.value, match.prefixBits);
  if (match.kind === 'ternary') return ternaryWanted(field, match.value, match.mask);
  return { ok: true, value: wantExact(width, match.value) };
}

const isRanked = ({ key }: Table): boolean => key.fields.some(({ kind }) => kind === 'ternary');

function priorityOf({ priority = 0 }: EntryKey, table: Table): Checked<number> {
  if (!isRanked(table)) {
    return priority === 0 ? { ok: true, value: 0 } : invalid('a priority without a ternary field');
  }
  if (!Number.isInteger(priority) || priority < 1 || priority > MAX_PRIORITY) {
    return invalid(`a priority is from 1 to ${MAX_PRIORITY}`);
  }
  return { ok: true, value: MAX_PRIORITY - priority };
}

/** The key that an entry has in a table. */
export function keyOf(entry: EntryKey, table: Table): Checked<Key> {
  const { fields } = table.key;
  if (fields.length === 0) return invalid(`table ${table.name} has no key`);
  const unknown = Object.keys(entry.match).find((name) => !fields.some((f) => f.name === name));
  if (unknown !== undefined) return invalid(`table ${table.name} has no field ${unknown}`);
  const wanted: Wanted[] = [];
  for (const field of fields) {
    const match = Object.hasOwn(entry.match, field.name) ? entry.match[field.name] : undefined;
    const found = wantedOf(field, match);
    if (!found.ok) return found;
    wanted.push(found.value);
  }
  const priority = priorityOf(entry, table);
  if (!priority.ok) return priority;
  return { ok: true, value: { pattern: patternOf(table.key, wanted, priority.value), wanted } };
}

function valuesOf({ params }: Action, given: TableEntry['params']): Checked<readonly bigint[]> {
  const unknown = Object.keys(given).find((name) => !params.some((param) => param.name === name));
  if (unknown !== undefined) return invalid(`the action has no parameter ${unknown}`);
  const values: bigint[] = [];
  for (const { name, width } of params) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined) return invalid(`parameter ${name} is missing`);
    if (!fits(value, width)) return invalid(`parameter ${name} has ${width} bits`);
    values.push(value);
  }
  return { ok: true, value: values };
}

/** What an entry has a table do. */
export function actionOf(entry: TableEntry, table: Table): Checked<Act> {
  const action = table.actions.get(entry.action);
  if (action === undefined) return invalid(`table ${table.name} has no action ${entry.action}`);
  const values = valuesOf(action, entry.params);
  if (!values.ok) return values;
  const { idleTimeoutMs = 0 } = entry;
  if (!Number.isFinite(idleTimeoutMs) || idleTimeoutMs < 0) return invalid('a wrong idle timeout');
  if (idleTimeoutMs > 0 && !table.ages) return invalid(`entries of ${table.name} do not age`);
  return { ok: true, value: actOf(action, values.value) };
}

function matchOf(
  { kind, width }: KeyField,
  { value, mask, prefixBits }: Wanted,
): FieldMatch | undefined {
  if (kind === 'exact') return { kind, value };
  if (kind === 'lpm') return prefixBits === 0 ? undefined : { kind, value, prefixBits };
  const ownBits = mask & ((1n << BigInt(width)) - 1n);
  return ownBits === 0n ? undefined : { kind, value, mask: ownBits };
}

/** An entry as P4Runtime has it. */
export function entityOf(table: Table, { wanted, pattern, act, idleTimeoutMs }: Entry): TableEntry {
  const matches = table.key.fields.flatMap((field, index) => {
    const match = matchOf(field, wanted[index] ?? ANYTHING);
    return match === undefined ? [] : [[field.name, match] as const];
  });
  const params = act.action.params.map(
    ({ name }, index) => [name, act.values[index] ?? 0n] as const,
  );
  return {
    table: table.name,
    match: Object.fromEntries(matches),
    action: act.action.name,
    params: Object.fromEntries(params),
    ...(isRanked(table) ? { priority: MAX_PRIORITY - pattern.priority } : {}),
    ...(idleTimeoutMs > 0 ? { idleTimeoutMs } : {}),
  };
}
