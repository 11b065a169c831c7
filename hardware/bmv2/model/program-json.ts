/** BMv2's JSON as the model reads it, once its shape has been checked; absent lists are empty. */

/** Header and field. */
export type FieldName = readonly [string, string];

/** Name, width in bits, and whether it is signed and saturating. */
export type FieldJson =
  | readonly [string, number | '*']
  | readonly [string, number | '*', boolean]
  | readonly [string, number | '*', boolean, boolean];

/** A header type; what has a varbit has a greatest length, in octets. */
export interface HeaderTypeJson {
  readonly name: string;
  readonly fields: readonly FieldJson[];
  readonly length_exp?: unknown;
  readonly max_length?: number | null;
}

/** A header or metadata. */
export interface HeaderJson {
  readonly name: string;
  readonly id: number;
  readonly header_type: string;
  readonly metadata: boolean;
}

/** A stack of headers. */
export interface StackJson {
  readonly name: string;
  readonly header_type: string;
  readonly header_ids: readonly number[];
}

/** A primitive of an action, or an operation of a parser. */
export interface CallJson {
  readonly op: string;
  readonly parameters: readonly unknown[];
}

/** A case of a state's select. */
export interface TransitionJson {
  readonly type?: string;
  readonly value?: string | null;
  readonly mask?: string | null;
  readonly next_state?: string | null;
}

/** A state of a parser. */
export interface StateJson {
  readonly name: string;
  readonly parser_ops: readonly CallJson[];
  readonly transition_key: readonly { readonly type: string; readonly value?: unknown }[];
  readonly transitions: readonly TransitionJson[];
}

/** A parser. */
export interface ParserJson {
  readonly name: string;
  readonly init_state: string;
  readonly parse_states: readonly StateJson[];
}

/** An action with its data in hexadecimal. */
export interface ActionEntryJson {
  readonly action_id: number;
  readonly action_data: readonly string[];
}

/** A field of a table's key. */
export interface KeyJson {
  readonly match_type: string;
  readonly name?: string;
  readonly target: FieldName | string;
  readonly mask?: string | null;
}

/** What a constant entry wants a field of the key to be. */
export interface MatchJson {
  readonly match_type: string;
  readonly key?: string | boolean;
  readonly mask?: string;
  readonly prefix_length?: number;
}

/** A constant entry. */
export interface EntryJson {
  readonly match_key: readonly MatchJson[];
  readonly action_entry: ActionEntryJson;
  readonly priority: number;
}

/** A table. */
export interface TableJson {
  readonly name: string;
  readonly type: string;
  readonly match_type: string;
  readonly max_size?: number;
  readonly with_counters: boolean;
  readonly support_timeout: boolean;
  readonly direct_meters?: string | null;
  readonly key: readonly KeyJson[];
  readonly action_ids?: readonly number[];
  readonly actions: readonly string[];
  readonly base_default_next?: string | null;
  readonly next_tables: Readonly<Record<string, string | null>>;
  readonly default_entry?: ActionEntryJson;
  readonly entries?: readonly EntryJson[];
}

/** Ingress or egress. */
export interface PipelineJson {
  readonly name: string;
  readonly init_table?: string | null;
  readonly tables: readonly TableJson[];
  readonly action_profiles: readonly { readonly name: string }[];
  readonly conditionals: readonly {
    readonly name: string;
    readonly expression?: unknown;
    readonly true_next?: string | null;
    readonly false_next?: string | null;
  }[];
  readonly action_calls: readonly {
    readonly name: string;
    readonly action_id: number;
    readonly next_node?: string | null;
  }[];
}

/** An action. */
export interface ActionJson {
  readonly name: string;
  readonly id: number;
  readonly runtime_data: readonly { readonly name: string; readonly bitwidth: number }[];
  readonly primitives: readonly CallJson[];
}

/** What is summed or hashed, and how. */
export interface CalculationJson {
  readonly name: string;
  readonly algo: string;
  readonly input: readonly {
    readonly type: string;
    readonly value?: unknown;
    readonly bitwidth?: number;
  }[];
}

/** A checksum that is verified after parsing or updated before deparsing. */
export interface ChecksumJson {
  readonly name: string;
  readonly type: string;
  readonly target: FieldName;
  readonly calculation?: string;
  readonly update: boolean;
  readonly verify: boolean;
  readonly if_cond?: unknown;
}

/** A program. */
export interface ProgramJson {
  readonly header_types: readonly HeaderTypeJson[];
  readonly headers: readonly HeaderJson[];
  readonly header_stacks: readonly StackJson[];
  readonly header_unions: readonly { readonly name: string }[];
  readonly field_aliases: readonly (readonly [string, FieldName])[];
  readonly errors: readonly (readonly [string, number])[];
  readonly parsers: readonly ParserJson[];
  readonly deparsers: readonly {
    readonly name: string;
    readonly order: readonly string[];
    readonly primitives: readonly CallJson[];
  }[];
  readonly meter_arrays: readonly { readonly name: string }[];
  readonly counter_arrays: readonly {
    readonly name: string;
    readonly size: number;
    readonly is_direct: boolean;
  }[];
  readonly register_arrays: readonly {
    readonly name: string;
    readonly size: number;
    readonly bitwidth: number;
  }[];
  readonly calculations: readonly CalculationJson[];
  readonly checksums: readonly ChecksumJson[];
  readonly actions: readonly ActionJson[];
  readonly pipelines: readonly PipelineJson[];
  readonly extern_instances: readonly { readonly name: string }[];
}
