/**
 * A program, compiled once from BMv2's JSON into closures over the slots of a packet.
 *
 * What the model has not is refused by name, with where it stands; see `loadProgram`.
 */
import type { Result } from 'scapy-ts';
import { compileAction } from './action.ts';
import { compileCalculation } from './calculation.ts';
import { type Checksum, compileChecksum } from './checksum.ts';
import { type Deparser, deparser } from './deparser.ts';
import { errorCodes } from './error-code.ts';
import { type Layout, layOut } from './layout.ts';
import { compileParser, type Parser } from './parser.ts';
import { compilePipeline, type Pipeline } from './pipeline.ts';
import { compilePrimitive } from './primitive.ts';
import type { ArrayOf, Externs } from './compiler.ts';
import type { ProgramJson } from './program-json.ts';
import { need, Refusal, refuse, unknownTo } from './refusal.ts';
import { parseShape } from './schema.ts';
import { type Standard, standardMetadata } from './standard.ts';
import type { Table } from './table.ts';

/** A compiled program; it holds nothing of any packet or switch. */
export interface Program {
  readonly layout: Layout;
  readonly standard: Standard;
  /** The slot of the length that counts headers that were added and removed, in octets. */
  readonly lengthSlot: number;
  readonly parse: Parser;
  readonly noError: number;
  readonly checksums: readonly Checksum[];
  readonly ingress: Pipeline;
  readonly egress: Pipeline;
  readonly deparse: Deparser;
  readonly tables: ReadonlyMap<string, Table>;
  readonly counters: ReadonlyMap<string, ArrayOf>;
  readonly registers: ReadonlyMap<string, ArrayOf>;
}

/** simple_switch's port for what is to be dropped, unless it is told otherwise. */
export const DROP_PORT = 511;

function refuseUnknown(json: ProgramJson): void {
  const kinds = [
    ['header union', json.header_unions],
    ['meter array', json.meter_arrays],
    ['extern instance', json.extern_instances],
  ] as const;
  for (const [kind, [first]] of kinds) {
    if (first !== undefined) unknownTo('program', `${kind} ${first.name}`);
  }
}

/** Elements by name; two of one name are refused. */
function byName<T extends { readonly name: string }, V>(
  kind: string,
  all: readonly T[],
  value: (item: T, index: number) => V,
): ReadonlyMap<string, V> {
  const map = new Map(all.map((item, index) => [item.name, value(item, index)]));
  if (map.size < all.length) refuse('program', `two of its ${kind} have one name`);
  return map;
}

function one<T extends { readonly name: string }>(
  kind: string,
  all: readonly T[],
  name: string,
): T {
  const [first, ...more] = all.filter((item) => item.name === name);
  if (first === undefined || more.length > 0) {
    return refuse('program', `expected one ${kind} of the name "${name}"`);
  }
  return first;
}

function externsOf(json: ProgramJson, layout: Layout): Externs {
  const arrays = json.counter_arrays.filter((array) => !array.is_direct);
  return {
    registers: byName('register arrays', json.register_arrays, ({ size, bitwidth }, index) => ({
      index,
      size,
      width: bitwidth,
    })),
    counters: byName('counter arrays', arrays, ({ size }, index) => ({ index, size, width: 0 })),
    calculations: byName('calculations', json.calculations, (calculation) =>
      compileCalculation(calculation, layout),
    ),
    lengthSlot: layout.numbers,
    dropPort: DROP_PORT,
  };
}

function compileDeparser(
  json: ProgramJson,
  layout: Layout,
  externs: Externs,
  checksums: readonly Checksum[],
): Deparser {
  const { order, primitives } = one('deparser', json.deparsers, 'deparser');
  const headers = order.map((name) => need(layout.headers, name, 'deparser', 'header'));
  const updates = checksums.flatMap(({ update }) => (update === undefined ? [] : [update]));
  const steps = primitives.map((call, index) =>
    compilePrimitive(call, { layout, params: [], where: `deparser, primitive ${index}` }, externs),
  );
  return deparser(headers, updates, steps);
}

function compileProgram(json: ProgramJson): Program {
  refuseUnknown(json);
  const layout = layOut(json);
  const externs = externsOf(json, layout);
  const errors = errorCodes(json.errors);
  const actions = new Map(
    json.actions.map((action) => [action.id, compileAction(action, layout, externs)]),
  );
  if (actions.size < json.actions.length) refuse('program', 'two of its actions have one id');
  const context = { layout, actions };
  const ingress = compilePipeline(one('pipeline', json.pipelines, 'ingress'), 0, context);
  const egress = compilePipeline(
    one('pipeline', json.pipelines, 'egress'),
    ingress.tables.length,
    context,
  );
  const checksums = json.checksums.map((checksum) =>
    compileChecksum(checksum, externs.calculations, layout),
  );
  return {
    layout,
    standard: standardMetadata(layout),
    lengthSlot: externs.lengthSlot,
    parse: compileParser(one('parser', json.parsers, 'parser'), { layout, externs, errors }),
    noError: errors.NoError,
    checksums,
    ingress: ingress.run,
    egress: egress.run,
    deparse: compileDeparser(json, layout, externs, checksums),
    tables: byName('tables', [...ingress.tables, ...egress.tables], (table) => table),
    counters: externs.counters,
    registers: externs.registers,
  };
}

/**
 * Compiles BMv2's JSON, as `JSON.parse` gives it.
 *
 * Never throws. The error says what the model has not, or what is wrong, and where that stands:
 * `ingress table PrismIngress.flows: match type "range" is not in this model`.
 */
export function loadProgram(json: unknown): Result<Program, string> {
  const shape = parseShape(json);
  if (!shape.ok) return shape;
  try {
    return { ok: true, value: compileProgram(shape.value) };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, error: error.message };
    throw error;
  }
}
