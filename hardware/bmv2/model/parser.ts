/**
 * A parser: states that consume octets, and choose the next one by what they have read.
 *
 *   operations  ──▶  key: fields, each filled to whole octets  ──▶  first case that matches
 */
import { NUMBER_BITS, readBits, readWide } from './bits.ts';
import { assign, compileTarget } from './assignment.ts';
import { type Data, numberData, bigData, wide } from './data.ts';
import type { ErrorCodes } from './error-code.ts';
import { compileBool, compileData, compileField, type Scope } from './expression.ts';
import { compileAdvance, compileExtract, type ParserOp } from './extract.ts';
import { hexadecimal, integers, operationOf, pair, typed } from './json-tree.ts';
import { concatenated } from './key.ts';
import type { Layout } from './layout.ts';
import type { Packet, Step } from './packet.ts';
import type { Externs } from './compiler.ts';
import { compilePrimitive } from './primitive.ts';
import type { CallJson, ParserJson, StateJson, TransitionJson } from './program-json.ts';
import { need, refuse, unknownTo } from './refusal.ts';

/** What the parser needs of its program. */
export interface ParserContext {
  readonly layout: Layout;
  readonly externs: Externs;
  readonly errors: ErrorCodes;
}

/** Parses a packet from its first octet; says the error, which may be `NoError`. */
export type Parser = (packet: Packet) => number;

interface State {
  readonly ops: readonly ParserOp[];
  /** Index of the next state, or -1 at the end. */
  readonly next: (packet: Packet) => number;
}

/** So many states may be entered for a packet; BMv2 would go on. */
const MAX_STEPS = 10_000;
const MAX_LOOKAHEAD_BITS = 4096;
const END = -1;

/** Bits that are not consumed; the size of the field must be there in octets, its offset need not. */
function lookahead(json: unknown, where: string): { readonly data: Data; readonly octets: number } {
  const [offset, width] = integers(json, where);
  if (width < 1 || offset + width > MAX_LOOKAHEAD_BITS) {
    unknownTo(where, `a lookahead of ${width} bits after ${offset}`);
  }
  const max = (1n << BigInt(width)) - 1n;
  const data =
    width > NUMBER_BITS
      ? bigData(0n, max, (p) => readWide(p.octets, p.at * 8 + offset, width))
      : numberData(0n, max, (p) => readBits(p.octets, p.at * 8 + offset, width));
  return { data, octets: (width + 7) >>> 3 };
}

/** An operation that cannot fail. */
function silent(step: Step): ParserOp {
  return (p) => {
    step(p);
    return undefined;
  };
}

function compileSet(call: CallJson, scope: Scope, errors: ErrorCodes): ParserOp {
  const [to, from, ...more] = call.parameters;
  if (more.length > 0) refuse(scope.where, 'has other parameters');
  const target = compileTarget(to, scope);
  const { type, value } = typed(from, scope.where);
  if (type !== 'lookahead') {
    return silent(assign(target, compileData(from, scope)));
  }
  const { data, octets } = lookahead(value, scope.where);
  const step = assign(target, data);
  return (p) => {
    if (p.octets.length - p.at < octets) return errors.PacketTooShort;
    step(p);
    return undefined;
  };
}

function compileVerify(call: CallJson, scope: Scope): ParserOp {
  const [condition, error, ...more] = call.parameters;
  if (more.length > 0) refuse(scope.where, 'has other parameters');
  const holds = compileBool(condition, scope);
  if (typeof error === 'number') return (p) => (holds(p) ? undefined : error);
  const read = wide(compileData(error, scope));
  return (p) => (holds(p) ? undefined : Number(read(p)));
}

function compileOp(call: CallJson, scope: Scope, context: ParserContext): ParserOp {
  const { errors } = context;
  switch (call.op) {
    case 'extract':
    case 'extract_VL':
      return compileExtract(call, scope, errors);
    case 'set':
      return compileSet(call, scope, errors);
    case 'verify':
      return compileVerify(call, scope);
    case 'advance':
    case 'shift':
      return compileAdvance(call, scope, errors);
    case 'primitive': {
      const [json] = call.parameters;
      const found = operationOf(json) ?? refuse(scope.where, 'expected a primitive');
      const parameters =
        typeof json === 'object' && json !== null && 'parameters' in json ? json.parameters : [];
      if (!Array.isArray(parameters)) return refuse(scope.where, 'expected parameters');
      return silent(compilePrimitive({ op: found.op, parameters }, scope, context.externs));
    }
    default:
      return unknownTo(scope.where, `parser operation "${call.op}"`);
  }
}

/** An element of the key, and its width in bits. */
function keyPart({ type, value }: StateJson['transition_key'][number], scope: Scope): Part {
  const { layout, where } = scope;
  switch (type) {
    case 'field': {
      const data = compileField(layout, pair(value, where), where);
      return { data, width: data.target?.field.width ?? 1 };
    }
    case 'stack_field': {
      const data = compileData({ type, value }, scope);
      return { data, width: data.target?.field.width ?? 1 };
    }
    case 'lookahead':
      return { data: lookahead(value, where).data, width: integers(value, where)[1] };
    default:
      return unknownTo(where, `transition key of type "${type}"`);
  }
}

interface Part {
  readonly data: Data;
  readonly width: number;
}

interface Case {
  readonly value: bigint;
  readonly mask: bigint;
  readonly next: number;
}

function octetsIn(text: string, octets: number, where: string): bigint {
  const digits = text.replace(/^0x/iu, '');
  if (Math.ceil(digits.length / 2) !== octets) {
    refuse(where, `transition value ${text} has not ${octets} octets`);
  }
  return hexadecimal(text, where);
}

function caseOf(json: TransitionJson, octets: number, next: number, where: string): Case {
  const all = (1n << BigInt(octets * 8)) - 1n;
  const mask = (json.mask ?? null) === null ? all : octetsIn(json.mask ?? '', octets, where);
  return { mask, value: octetsIn(json.value ?? '', octets, where) & mask, next };
}

/** Chooses by numbers of 32 bits where that is enough. */
function select(key: Data, octets: number, cases: readonly Case[], rest: number): State['next'] {
  if (key.kind === 'number' && octets <= 4) {
    const { read } = key;
    const narrow = cases.map(({ value, mask, next }) => ({
      value: Number(value),
      mask: Number(mask),
      next,
    }));
    return (p) => {
      const found = read(p);
      for (const { value, mask, next } of narrow) {
        if ((found & mask) >>> 0 === value) return next;
      }
      return rest;
    };
  }
  const read = wide(key);
  return (p) => {
    const found = read(p);
    return cases.find(({ value, mask }) => (found & mask) === value)?.next ?? rest;
  };
}

function compileNext(
  json: StateJson,
  states: ReadonlyMap<string, number>,
  scope: Scope,
): State['next'] {
  const { where } = scope;
  const parts = json.transition_key.map((part) => keyPart(part, scope));
  const octets = parts.reduce((sum, { width }) => sum + ((width + 7) >>> 3), 0);
  const cases: Case[] = [];
  let rest = END;
  for (const transition of json.transitions) {
    const name = transition.next_state ?? null;
    const next = name === null ? END : need(states, name, where, 'parser state');
    const isDefault = transition.type === 'default' || transition.value === 'default';
    if (isDefault) rest = next;
    else if ((transition.type ?? 'hexstr') !== 'hexstr') {
      unknownTo(where, `transition of type "${transition.type ?? ''}"`);
    } else if (parts.length > 0) cases.push(caseOf(transition, octets, next, where));
    else refuse(where, 'a transition by value without a key');
  }
  if (cases.length === 0) return () => rest;
  return select(concatenated(parts, where), octets, cases, rest);
}

/** Compiles a parser. */
export function compileParser(json: ParserJson, context: ParserContext): Parser {
  const { layout, errors } = context;
  const indices = new Map(json.parse_states.map(({ name }, index) => [name, index]));
  const states = json.parse_states.map((state): State => {
    const where = `parser ${json.name}, state ${state.name}`;
    const scope = { layout, params: [], where };
    return {
      ops: state.parser_ops.map((call, index) =>
        compileOp(call, { ...scope, where: `${where}, operation ${index} (${call.op})` }, context),
      ),
      next: compileNext(state, indices, scope),
    };
  });
  const start = need(indices, json.init_state, `parser ${json.name}`, 'parser state');
  return (packet) => {
    let at = start;
    for (let steps = 0; at !== END; steps += 1) {
      if (steps === MAX_STEPS) return errors.ParserTimeout;
      const state = states[at];
      if (state === undefined) break;
      for (const op of state.ops) {
        const error = op(packet);
        if (error !== undefined) return error;
      }
      at = state.next(packet);
    }
    return errors.NoError;
  };
}
