/** A table over a header, whose entries say the port; for the tests of tables and their control. */
import type { ExecutionContext } from 'ava';
import { write } from '../../../../hardware/bmv2/model/control.ts';
import { receive, type Switch } from '../../../../hardware/bmv2/model/switch.ts';
import type { FieldMatch, TableEntry, Update } from '../../../../hardware/entry.ts';
import { action, extract, hex, type Json, type Parts, set, state, table } from './v1model.ts';

/** The field is `value`. */
export function exact(value: bigint): FieldMatch {
  return { kind: 'exact', value };
}

/** The field begins with the first bits of `value`. */
export function lpm(value: bigint, prefixBits: number): FieldMatch {
  return { kind: 'lpm', value, prefixBits };
}

/** The field is `value` where the mask is 1. */
export function ternary(value: bigint, mask: bigint): FieldMatch {
  return { kind: 'ternary', value, mask };
}

/** A field of the table's key, of the header's fields a (32), b (12), c (4) and d (128 bits). */
export function key(name: string, matchType: string, more: Json = {}): Json {
  return {
    match_type: matchType,
    name: `hdr.${name}`,
    target: ['h', name],
    mask: null,
    ...more,
  };
}

const FIELDS = [
  ['a', 32],
  ['b', 12],
  ['c', 4],
  ['d', 128],
] as const;

/** A table over the header; a miss goes to port 99. */
export function flows(more: Json): Json {
  return table(
    'flows',
    { forward: 0, away: 1 },
    { default_entry: { action_id: 1, action_data: [] }, ...more },
  );
}

/** The program with that table. */
export function matching(more: Json): Parts {
  const port = { type: 'runtime_data', value: 0 };
  return {
    types: { h_t: FIELDS },
    headers: { h: 'h_t' },
    states: [state('start', [extract('h')])],
    order: ['h'],
    actions: [
      action(0, 'forward', [['port', 9]], [set('standard_metadata', 'egress_spec', port)]),
      action(1, 'away', [], [set('standard_metadata', 'egress_spec', hex(99))]),
    ],
    ingress: { init_table: 'flows', tables: [flows(more)] },
  };
}

/** The octets of a header. */
export function packet(a: number, b = 0, c = 0, d = 0n): Uint8Array {
  const all = (((BigInt(a) << 12n) | BigInt(b)) << 4n) | BigInt(c);
  const digits = ((all << 128n) | d).toString(16).padStart(44, '0');
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

/** Where a packet leaves. */
export function portOf(device: Switch, octets: Uint8Array, nowUs = 0): number | undefined {
  return receive(device, { port: 1, octets }, nowUs)[0]?.port;
}

/** An entry that forwards. */
export function entry(
  match: TableEntry['match'],
  port: bigint,
  more: Partial<TableEntry> = {},
): TableEntry {
  return { table: 'flows', match, action: 'forward', params: { port }, ...more };
}

/** The update that adds an entry. */
export function insert(added: TableEntry): Update {
  return { kind: 'insert', entry: added };
}

/** Adds entries that have to be taken. */
export function accepted(
  t: ExecutionContext,
  device: Switch,
  ...entries: readonly TableEntry[]
): void {
  for (const each of entries) t.deepEqual(write(device, insert(each), 0), { ok: true });
}
