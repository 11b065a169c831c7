/** A table of a program: its key, its actions, and the entries that stand in the program. */
import { type Action, actionData, argumentsOf } from './action.ts';
import { hexadecimal } from './json-tree.ts';
import type { Layout } from './layout.ts';
import type { MatchKind, Pattern } from './match.ts';
import type { ActionData } from './packet.ts';
import type { ActionEntryJson, EntryJson, MatchJson, TableJson } from './program-json.ts';
import { need, refuse, unknownTo } from './refusal.ts';
import {
  compileKey,
  type KeyField,
  matchKind,
  patternOf,
  prefixMask,
  type TableKey,
  type Wanted,
} from './table-key.ts';
import { padded } from './key.ts';

/** An action with its data. */
export interface Act {
  readonly action: Action;
  readonly values: readonly bigint[];
  readonly args: ActionData;
}

/** An entry that the program brings along. */
export interface ConstantEntry {
  readonly pattern: Pattern;
  readonly wanted: readonly Wanted[];
  readonly act: Act;
}

/** A compiled table. */
export interface Table {
  readonly name: string;
  /** Among the tables of the program. */
  readonly index: number;
  readonly kind: MatchKind;
  readonly key: TableKey;
  readonly maxSize: number;
  readonly actions: ReadonlyMap<string, Action>;
  /** What is done after a miss, if anything. */
  readonly otherwise: Act | undefined;
  /** Entries that stay; a table with the list, empty or not, takes no others. */
  readonly constants: readonly ConstantEntry[] | undefined;
  readonly countsHits: boolean;
  readonly ages: boolean;
}

/** What a table needs of its program. */
export interface TableContext {
  readonly layout: Layout;
  readonly actions: ReadonlyMap<number, Action>;
}

/** An action with values that have been checked. */
export function actOf(action: Action, values: readonly bigint[]): Act {
  return { action, values, args: actionData(values) };
}

function constantAct(
  json: ActionEntryJson,
  table: ReadonlyMap<string, Action>,
  where: string,
): Act {
  const action = [...table.values()].find(({ id }) => id === json.action_id);
  if (action === undefined)
    return refuse(where, `the table has no action with id ${json.action_id}`);
  return actOf(action, argumentsOf(json, action, where));
}

function actionsOf(
  json: TableJson,
  context: TableContext,
  where: string,
): ReadonlyMap<string, Action> {
  const actions =
    json.action_ids?.map((id) => need(context.actions, id, where, 'action')) ??
    json.actions.map(
      (name) =>
        [...context.actions.values()].find((action) => action.name === name) ??
        refuse(where, `no action has the name ${name}`),
    );
  return new Map(actions.map((action) => [action.name, action]));
}

function wantedBy(match: MatchJson, field: KeyField, where: string): Wanted {
  const { width, kind } = field;
  if (match.match_type !== kind) {
    unknownTo(where, `match type "${match.match_type}" for field ${field.name}`);
  }
  const limit = 1n << BigInt(width);
  const value = hexadecimal(match.key, where);
  if (value < 0n || value >= limit)
    refuse(where, `field ${field.name} is no number of ${width} bits`);
  if (kind === 'exact') return wantExact(width, value);
  if (kind === 'ternary') {
    return { value, mask: hexadecimal(match.mask, where) & (limit - 1n), prefixBits: 0 };
  }
  const { prefix_length: prefixBits = Infinity } = match;
  if (prefixBits > width) refuse(where, `field ${field.name} has a wrong prefix length`);
  return wantPrefix(width, value, prefixBits);
}

/** The field is `value`. */
export function wantExact(width: number, value: bigint): Wanted {
  const bits = padded(width);
  return { value, mask: (1n << BigInt(bits)) - 1n, prefixBits: bits };
}

/** The filled field begins with the first `prefixBits` bits of `value`. */
export function wantPrefix(width: number, value: bigint, prefixBits: number): Wanted {
  return { value, mask: prefixMask(width, prefixBits), prefixBits };
}

function constantsOf(
  entries: readonly EntryJson[],
  key: TableKey,
  kind: MatchKind,
  actions: ReadonlyMap<string, Action>,
  tableName: string,
): readonly ConstantEntry[] {
  const seen = new Set<string>();
  return entries.map((json, index) => {
    const where = `${tableName}, entry ${index}`;
    if (json.match_key.length !== key.fields.length) refuse(where, 'has another number of fields');
    const wanted = key.fields.map((field, at) => {
      const match = json.match_key[at];
      return match === undefined ? refuse(where, 'lacks a field') : wantedBy(match, field, where);
    });
    const pattern = patternOf(key, wanted, kind === 'ternary' ? json.priority : 0);
    const { value, mask, priority } = pattern;
    const id = `${value} ${mask} ${priority}`;
    if (seen.has(id)) refuse(where, 'is there twice');
    seen.add(id);
    return { pattern, wanted, act: constantAct(json.action_entry, actions, where) };
  });
}

/** Compiles a table; `where` names pipeline and table. */
export function compileTable(
  json: TableJson,
  index: number,
  context: TableContext,
  where: string,
): Table {
  if (json.type !== 'simple') unknownTo(where, `type "${json.type}"`);
  if ((json.direct_meters ?? null) !== null) unknownTo(where, 'a direct meter');
  const kind = matchKind(json.match_type, where);
  const key = compileKey(json.key, context.layout, where);
  const tooWeak = key.fields.find(
    (field) => field.kind !== 'exact' && kind !== 'ternary' && field.kind !== kind,
  );
  if (tooWeak !== undefined) refuse(where, `a table of type ${kind} with a ${tooWeak.kind} field`);
  const actions = actionsOf(json, context, where);
  const { entries, default_entry: otherwise } = json;
  const maxSize = json.max_size ?? entries?.length;
  if (maxSize === undefined) return refuse(where, 'has neither "max_size" nor "entries"');
  return {
    name: json.name,
    index,
    kind,
    key,
    maxSize: Math.max(maxSize, entries?.length ?? 0),
    actions,
    otherwise: otherwise === undefined ? undefined : constantAct(otherwise, actions, where),
    constants: entries === undefined ? undefined : constantsOf(entries, key, kind, actions, where),
    countsHits: json.with_counters,
    ages: json.support_timeout,
  };
}
