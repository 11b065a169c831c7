/**
 * P4Info: the tables, actions and counters of a P4 program, by their names (P4Runtime 1.4 section 6).
 *
 * Read from the JSON that the compiler writes (`p4c-bm2-ss --p4runtime-files x.p4info.json`), which is
 * the protobuf message in proto3's JSON: names in camelCase, numbers of 64 bits as strings, what is 0
 * left out. Names are fully qualified, as in `PrismIngress.rules`.
 */
import type { Result } from 'scapy-ts';
import { z } from 'zod';
import type { FieldMatch } from '../entry.ts';

/** A part of a table's key. */
export interface Field {
  readonly id: number;
  readonly name: string;
  readonly bits: number;
  readonly match: FieldMatch['kind'];
}

/** A parameter of an action. */
export interface Param {
  readonly id: number;
  readonly name: string;
  readonly bits: number;
}

/** What an entry may do. */
export interface Action {
  readonly id: number;
  readonly name: string;
  readonly params: readonly Param[];
}

/** A table, with what its entries may match and do. */
export interface Table {
  readonly id: number;
  readonly name: string;
  readonly fields: readonly Field[];
  /** Without those that only the default may do. */
  readonly actions: readonly Action[];
  /** Most entries. */
  readonly size: number;
  /** Whether entries may have an idle timeout. */
  readonly ages: boolean;
  /** Whether each entry has a counter. */
  readonly counts: boolean;
}

/** An array of counters. */
export interface Counter {
  readonly id: number;
  readonly name: string;
  readonly size: number;
}

/** What a P4 program offers to its controller. */
export interface P4Info {
  readonly tables: readonly Table[];
  readonly counters: readonly Counter[];
}

const MATCHES = { EXACT: 'exact', LPM: 'lpm', TERNARY: 'ternary' } as const;

const id = z.int().min(1).max(0xffffffff);
const bits = z.int().min(1).max(0xffff);
/** A number of 64 bits, which proto3's JSON writes as a string. */
const long = z.union([z.int(), z.string().regex(/^\d{1,19}$/u)]).transform(Number);
const preamble = z.object({ id, name: z.string().min(1) });
const param = z.object({ id, name: z.string().min(1), bitwidth: bits });
const field = param.extend({
  matchType: z.enum(['EXACT', 'LPM', 'TERNARY'], 'a match that is not exact, lpm or ternary'),
});
const table = z.object({
  preamble,
  matchFields: z.array(field).default([]),
  actionRefs: z.array(z.object({ id, scope: z.string().optional() })),
  directResourceIds: z.array(id).default([]),
  size: long.default(0),
  idleTimeoutBehavior: z.string().optional(),
});
const listing = z.object({
  tables: z.array(table).default([]),
  actions: z.array(z.object({ preamble, params: z.array(param).default([]) })).default([]),
  counters: z.array(z.object({ preamble, size: long.default(0) })).default([]),
  directCounters: z.array(z.object({ preamble })).default([]),
});

type Listing = z.output<typeof listing>;

function readTable(
  raw: Listing['tables'][number],
  actions: ReadonlyMap<number, Action>,
  counters: ReadonlySet<number>,
): Result<Table, string> {
  const { name } = raw.preamble;
  const allowed: Action[] = [];
  for (const ref of raw.actionRefs) {
    const action = actions.get(ref.id);
    if (action === undefined) {
      return { ok: false, error: `table ${name}: no action has the id ${ref.id}` };
    }
    if (ref.scope !== 'DEFAULT_ONLY') allowed.push(action);
  }
  return {
    ok: true,
    value: {
      id: raw.preamble.id,
      name,
      fields: raw.matchFields.map((each) => ({
        id: each.id,
        name: each.name,
        bits: each.bitwidth,
        match: MATCHES[each.matchType],
      })),
      actions: allowed,
      size: raw.size,
      ages: raw.idleTimeoutBehavior === 'NOTIFY_CONTROL',
      counts: raw.directResourceIds.some((resource) => counters.has(resource)),
    },
  };
}

const named = z.object({ name: z.string() });
const withPreamble = z.object({ preamble: named });

/** `P4Info, tables.3.size (Ingress.flows)`: the nearest thing around it that has a name. */
function placeOf(json: unknown, path: readonly PropertyKey[]): string {
  let at = json;
  let name: string | undefined;
  for (const step of path) {
    at = new Map<PropertyKey, unknown>(Object.entries(Object(at))).get(String(step));
    name = withPreamble.safeParse(at).data?.preamble.name ?? named.safeParse(at).data?.name ?? name;
  }
  const where = path.length === 0 ? 'P4Info' : `P4Info, ${path.join('.')}`;
  return name === undefined ? where : `${where} (${name})`;
}

/**
 * Reads P4Info from proto3's JSON.
 *
 * The error is one line that names what is missing or not supported: ranges, optional fields and
 * other ways to match, values that are no bits, actions that a table refers to and nobody declares.
 */
export function parseP4Info(json: unknown): Result<P4Info, string> {
  const parsed = listing.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = placeOf(json, issue?.path ?? []);
    return { ok: false, error: `${place}: ${issue?.message ?? 'invalid'}` };
  }
  const actions = new Map(
    parsed.data.actions.map(({ preamble: { id: number, name }, params }): [number, Action] => [
      number,
      {
        id: number,
        name,
        params: params.map((each) => ({ id: each.id, name: each.name, bits: each.bitwidth })),
      },
    ]),
  );
  const direct = new Set(parsed.data.directCounters.map((each) => each.preamble.id));
  const tables: Table[] = [];
  for (const raw of parsed.data.tables) {
    const read = readTable(raw, actions, direct);
    if (!read.ok) return { ok: false, error: `P4Info: ${read.error}` };
    tables.push(read.value);
  }
  const counters = parsed.data.counters.map(({ preamble: { id: number, name }, size }) => ({
    id: number,
    name,
    size,
  }));
  return { ok: true, value: { tables, counters } };
}
