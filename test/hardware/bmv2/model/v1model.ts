/** Small programs in BMv2's JSON, as p4c writes them: what a test does not say is empty. */
import type { Program } from '../../../../hardware/bmv2/model/program.ts';
import { loadProgram } from '../../../../hardware/bmv2/model/program.ts';
import {
  createSwitch,
  receive,
  type Switch,
  type SwitchOptions,
} from '../../../../hardware/bmv2/model/switch.ts';

/** JSON of a part of a program. */
export type Json = Readonly<Record<string, unknown>>;

/** What a test's program has beyond the frame of v1model. */
export interface Parts {
  /** Header types by name: fields with their widths. */
  readonly types?: Readonly<Record<string, readonly (readonly [string, number | '*'])[]>>;
  /** Greatest length of types with a varbit, in octets. */
  readonly maxOctets?: Readonly<Record<string, number>>;
  /** Headers by name: their types. Those of a type whose name ends in `_m` are metadata. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Stacks by name: their headers. */
  readonly stacks?: Readonly<Record<string, readonly string[]>>;
  /** Parser states by name; the first is the start. */
  readonly states?: readonly Json[];
  readonly errors?: readonly (readonly [string, number])[];
  readonly order?: readonly string[];
  readonly actions?: readonly Json[];
  readonly ingress?: Json;
  readonly egress?: Json;
  /** Anything else at the top. */
  readonly more?: Json;
}

const STANDARD = [
  ['ingress_port', 9],
  ['egress_spec', 9],
  ['egress_port', 9],
  ['instance_type', 32],
  ['packet_length', 32],
  ['enq_timestamp', 32],
  ['enq_qdepth', 19],
  ['deq_timedelta', 32],
  ['deq_qdepth', 19],
  ['ingress_global_timestamp', 48],
  ['egress_global_timestamp', 48],
  ['mcast_grp', 16],
  ['egress_rid', 16],
  ['checksum_error', 1],
  ['parser_error', 32],
  ['priority', 3],
  ['_padding', 3],
] as const;

const ALIASES = [
  ['queueing_metadata.enq_timestamp', 'enq_timestamp'],
  ['intrinsic_metadata.ingress_global_timestamp', 'ingress_global_timestamp'],
  ['intrinsic_metadata.egress_global_timestamp', 'egress_global_timestamp'],
  ['intrinsic_metadata.mcast_grp', 'mcast_grp'],
  ['intrinsic_metadata.egress_rid', 'egress_rid'],
  ['intrinsic_metadata.priority', 'priority'],
] as const;

const CORE_ERRORS = [
  ['NoError', 0],
  ['PacketTooShort', 1],
  ['NoMatch', 2],
  ['StackOutOfBounds', 3],
  ['HeaderTooShort', 4],
  ['ParserTimeout', 5],
  ['ParserInvalidArgument', 6],
] as const;

/** `{type: 'field'}`. */
export function field(header: string, name: string): Json {
  return { type: 'field', value: [header, name] };
}

/** `{type: 'hexstr'}`. */
export function hex(value: number | bigint): Json {
  const digits = (value < 0 ? -value : value).toString(16);
  return { type: 'hexstr', value: `${value < 0 ? '-' : ''}0x${digits}` };
}

/** An expression of an operator. */
export function op(name: string, left: unknown, right: unknown, more: Json = {}): Json {
  return { type: 'expression', value: { op: name, left, right, ...more } };
}

/** An expression as a parameter, which p4c wraps once more. */
export function wrapped(expression: Json): Json {
  return { type: 'expression', value: expression };
}

/** A primitive or an operation of a parser. */
export function call(name: string, ...parameters: readonly unknown[]): Json {
  return { op: name, parameters };
}

/** `header.field = value`. */
export function set(header: string, name: string, value: Json): Json {
  return call(
    'assign',
    field(header, name),
    value['type'] === 'expression' ? wrapped(value) : value,
  );
}

/** An action; parameters are name and width. */
export function action(
  id: number,
  name: string,
  params: readonly (readonly [string, number])[],
  primitives: readonly Json[],
): Json {
  return {
    id,
    name,
    runtime_data: params.map(([param, bitwidth]) => ({ name: param, bitwidth })),
    primitives,
  };
}

/** A table; `more` replaces what it has by itself. */
export function table(name: string, actions: Readonly<Record<string, number>>, more: Json): Json {
  return {
    name,
    match_type: 'exact',
    type: 'simple',
    max_size: 1024,
    with_counters: false,
    support_timeout: false,
    direct_meters: null,
    key: [],
    action_ids: Object.values(actions),
    actions: Object.keys(actions),
    base_default_next: null,
    next_tables: Object.fromEntries(Object.keys(actions).map((each) => [each, null])),
    ...more,
  };
}

/** A table without a key that always does one action, as p4c makes them of statements. */
export function always(
  name: string,
  actionName: string,
  id: number,
  next: string | null = null,
): Json {
  return table(
    name,
    { [actionName]: id },
    {
      base_default_next: next,
      next_tables: { [actionName]: next },
      default_entry: {
        action_id: id,
        action_const: true,
        action_data: [],
        action_entry_const: true,
      },
    },
  );
}

/** A state; without transitions it accepts. */
export function state(
  name: string,
  operations: readonly Json[],
  key: readonly Json[] = [],
  transitions: readonly Json[] = [{ type: 'default', value: null, mask: null, next_state: null }],
): Json {
  return { name, id: 0, parser_ops: operations, transition_key: key, transitions };
}

/** `extract(header)`. */
export function extract(header: string): Json {
  return call('extract', { type: 'regular', value: header });
}

/** A program in BMv2's JSON. */
export function v1model(parts: Parts): Json {
  const types = { standard_metadata_m: STANDARD, ...parts.types };
  const headers = { standard_metadata: 'standard_metadata_m', ...parts.headers };
  const names = Object.keys(headers);
  const states = parts.states ?? [state('start', [])];
  const pipeline = { init_table: null, tables: [], action_profiles: [], conditionals: [] };
  return {
    __meta__: { version: [2, 24], compiler: 'by hand' },
    header_types: Object.entries(types).map(([name, fields], id) => {
      const max = parts.maxOctets?.[name];
      const rows = fields.map(([each, width]) => [each, width, false]);
      return { name, id, fields: rows, ...(max === undefined ? {} : { max_length: max }) };
    }),
    headers: Object.entries(headers).map(([name, type], id) => ({
      name,
      id,
      header_type: type,
      metadata: type.endsWith('_m'),
    })),
    header_stacks: Object.entries(parts.stacks ?? {}).map(([name, members], id) => ({
      name,
      id,
      header_type: Object.entries(headers).find(([each]) => each === members[0])?.[1],
      header_ids: members.map((member) => names.indexOf(member)),
    })),
    errors: parts.errors ?? CORE_ERRORS,
    parsers: [{ name: 'parser', id: 0, init_state: states[0]?.['name'], parse_states: states }],
    deparsers: [{ name: 'deparser', id: 0, order: parts.order ?? [], primitives: [] }],
    actions: parts.actions ?? [],
    pipelines: [
      { name: 'ingress', id: 0, ...pipeline, ...parts.ingress },
      { name: 'egress', id: 1, ...pipeline, ...parts.egress },
    ],
    field_aliases: ALIASES.map(([alias, name]) => [alias, ['standard_metadata', name]]),
    ...parts.more,
  };
}

/** The program; a refusal is the test's failure. */
export function load(parts: Parts): Program {
  const loaded = loadProgram(v1model(parts));
  if (!loaded.ok) throw new Error(loaded.error);
  return loaded.value;
}

/** Why a program is refused, or `loaded`. */
export function refusal(json: unknown): string {
  const loaded = loadProgram(json);
  return loaded.ok ? 'loaded' : loaded.error;
}

/** A switch that runs the program. */
export function start(parts: Parts, options: SwitchOptions = {}): Switch {
  return createSwitch(load(parts), options);
}

/** Octets from hexadecimal digits; spaces are for the eye. */
export function octets(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

/** What leaves for a packet of hexadecimal digits on port 1, as `port: digits`. */
export function through(device: Switch, text: string, port = 1, nowUs = 0): readonly string[] {
  return receive(device, { port, octets: octets(text) }, nowUs).map(
    (sent) => `${sent.port}: ${Buffer.from(sent.octets).toString('hex')}`,
  );
}
