/**
 * Checks the shape of BMv2's JSON, as far as the model reads it.
 *
 * Expressions and parameters are trees of any depth, whose compilers check them as they go.
 */
import type { Result } from 'scapy-ts';
import { z } from 'zod';
import type { ProgramJson } from './program-json.ts';

/** Wider fields are refused. */
const MAX_WIDTH = 4096;
const MAX_OCTETS = 65_535;

const name = z.string();
const id = z.int();
const bits = z.int().min(1).max(MAX_WIDTH);
const width = z.union([bits, z.literal('*')]);
const size = z.int().min(0);
const tree = z.unknown().optional();
const next = z.string().nullable().exactOptional();
const hex = z.string().regex(/^-?(?:0x)?[0-9a-fA-F]+$/u, 'expected a hexadecimal number');
/** p4c writes 0 where a field of type bool is not signed. */
const flag = z.union([z.boolean(), z.int().transform((value) => value !== 0)]);
const fieldName = z.tuple([name, name]);
const names = z.array(z.object({ name })).default([]);

/** What there may be many of; absent is none. */
function list<T>(item: z.ZodType<T>): z.ZodType<readonly T[]> {
  return z.array(item).default([]);
}

const call = z.object({ op: name, parameters: list(z.unknown()) });

const headerType = z.object({
  name,
  fields: z.array(
    z.union([
      z.tuple([name, width]),
      z.tuple([name, width, flag]),
      z.tuple([name, width, flag, flag]),
    ]),
  ),
  length_exp: tree,
  max_length: z.int().min(0).max(MAX_OCTETS).nullable().exactOptional(),
});

const transition = z.object({
  type: name.exactOptional(),
  value: next,
  mask: next,
  next_state: next,
});

const parseState = z.object({
  name,
  parser_ops: list(call),
  transition_key: list(z.object({ type: name, value: tree })),
  transitions: list(transition),
});

const actionEntry = z.object({ action_id: id, action_data: z.array(hex) });

const keyField = z.object({
  match_type: name,
  name: name.exactOptional(),
  target: z.union([fieldName, name]),
  mask: hex.nullable().exactOptional(),
});

const match = z.object({
  match_type: name,
  key: z.union([hex, z.boolean()]).exactOptional(),
  mask: hex.exactOptional(),
  prefix_length: z.int().min(0).exactOptional(),
});

const table = z.object({
  name,
  type: name,
  match_type: name,
  max_size: size.exactOptional(),
  with_counters: z.boolean().default(false),
  support_timeout: z.boolean().default(false),
  direct_meters: next,
  key: z.array(keyField),
  action_ids: z.array(id).exactOptional(),
  actions: z.array(name),
  base_default_next: next,
  next_tables: z.record(z.string(), z.string().nullable()),
  default_entry: actionEntry.exactOptional(),
  entries: z
    .array(
      z.object({
        match_key: z.array(match),
        action_entry: actionEntry,
        priority: z.int().default(0),
      }),
    )
    .exactOptional(),
});

const pipeline = z.object({
  name,
  init_table: next,
  tables: list(table),
  action_profiles: names,
  conditionals: list(z.object({ name, expression: tree, true_next: next, false_next: next })),
  action_calls: list(z.object({ name, action_id: id, next_node: next })),
});

const calculation = z.object({
  name,
  algo: name,
  input: z.array(z.object({ type: name, value: tree, bitwidth: bits.exactOptional() })),
});

const checksum = z.object({
  name,
  type: name,
  target: fieldName,
  calculation: name.exactOptional(),
  update: z.boolean().default(true),
  verify: z.boolean().default(true),
  if_cond: tree,
});

const action = z.object({
  name,
  id,
  runtime_data: list(z.object({ name, bitwidth: bits })),
  primitives: list(call),
});

const program: z.ZodType<ProgramJson> = z.object({
  header_types: z.array(headerType),
  headers: z.array(z.object({ name, id, header_type: name, metadata: z.boolean() })),
  header_stacks: list(z.object({ name, header_type: name, header_ids: z.array(id) })),
  header_unions: names,
  field_aliases: list(z.tuple([name, fieldName])),
  errors: list(z.tuple([name, z.int().min(0)])),
  parsers: z.array(z.object({ name, init_state: name, parse_states: z.array(parseState) })),
  deparsers: z.array(z.object({ name, order: z.array(name), primitives: list(call) })),
  meter_arrays: names,
  counter_arrays: list(
    z.object({ name, size: size.default(0), is_direct: z.boolean().default(false) }),
  ),
  register_arrays: list(z.object({ name, size, bitwidth: bits })),
  calculations: list(calculation),
  checksums: list(checksum),
  actions: z.array(action),
  pipelines: z.array(pipeline),
  extern_instances: names,
});

/** The program, or the first place whose shape is wrong. */
export function parseShape(json: unknown): Result<ProgramJson, string> {
  const parsed = program.safeParse(json);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  return { ok: false, error: `${path}: ${issue?.message ?? 'not a program'}` };
}
