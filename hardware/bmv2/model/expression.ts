/**
 * Expressions: trees of the JSON become closures, whose types are checked when they are compiled.
 *
 *   {"type": "expression", "value": {"op": "+", "left": …, "right": …}}
 */
import { negateBits, OPERATORS } from './arithmetic.ts';
import { NUMBER_BITS } from './bits.ts';
import { choose, compare, isComparison } from './comparison.ts';
import { bigData, constant, type Data, fieldData, numberData } from './data.ts';
import {
  hexadecimal,
  natural,
  operationOf,
  type Operation,
  pair,
  text,
  typed,
} from './json-tree.ts';
import { findField, type Layout, type Stack, VALID_INDEX } from './layout.ts';
import type { Packet } from './packet.ts';
import {
  access,
  element,
  type Expression,
  fixedHeader,
  type HeaderRef,
  isData,
  lastField,
  lastIndex,
  stackSize,
  validity,
} from './reference.ts';
import { need, refuse, unknownTo } from './refusal.ts';

/** What an expression may refer to. */
export interface Scope {
  readonly layout: Layout;
  /** Widths of the parameters of the action that the expression stands in, in bits. */
  readonly params: readonly number[];
  /** Where in the program, for a refusal. */
  readonly where: string;
}

/** Deeper trees are refused, so that none can exhaust the call stack. */
const MAX_DEPTH = 200;

/** An expression that has to be a number. */
export function compileData(json: unknown, scope: Scope, depth = 0): Data {
  const found = compile(json, scope, depth);
  return isData(found) ? found : refuse(scope.where, `expected data and not a ${found.kind}`);
}

/** An expression that has to be a condition. */
export function compileBool(json: unknown, scope: Scope, depth = 0): (packet: Packet) => boolean {
  const found = compile(json, scope, depth);
  return found.kind === 'bool' ? found.test : refuse(scope.where, 'expected a condition');
}

/** An expression that has to be a header. */
export function compileHeader(json: unknown, scope: Scope, depth = 0): HeaderRef {
  const found = compile(json, scope, depth);
  return found.kind === 'header' ? found : refuse(scope.where, 'expected a header');
}

/** An expression that has to be a header stack. */
export function compileStack(json: unknown, scope: Scope, depth = 0): Stack {
  const found = compile(json, scope, depth);
  return found.kind === 'stack' ? found.stack : refuse(scope.where, 'expected a header stack');
}

/** A field, or the hidden one, which cannot be stored to. */
export function compileField(layout: Layout, name: readonly [string, string], where: string): Data {
  const { field, index, header } = findField(layout, name[0], name[1], where);
  if (field.store === 'varbit') return unknownTo(where, `arithmetic on varbit ${name.join('.')}`);
  if (index !== VALID_INDEX) return fieldData({ field, index, header: undefined });
  // Metadata is valid, but its hidden field is 0.
  if (header.isMetadata) return constant(0n);
  return numberData(0n, 1n, (p) => p.numbers[field.slot] ?? 0);
}

/** A parameter of the action. */
function parameter(index: number, { params, where }: Scope): Data {
  const width = params[index] ?? refuse(where, `the action has no parameter ${index}`);
  const max = (1n << BigInt(width)) - 1n;
  return width > NUMBER_BITS
    ? bigData(0n, max, (p) => p.args.bigs[index] ?? 0n)
    : numberData(0n, max, (p) => p.args.numbers[index] ?? 0);
}

function compile(json: unknown, scope: Scope, depth: number): Expression {
  const { layout, where } = scope;
  if (depth > MAX_DEPTH) unknownTo(where, `an expression deeper than ${MAX_DEPTH}`);
  const { type, value } = typed(json, where);
  switch (type) {
    case 'expression': {
      const found = operationOf(value);
      if (found === undefined) return compile(value, scope, depth + 1);
      return compileOperation(found, scope, depth + 1);
    }
    case 'field':
      return compileField(layout, pair(value, where), where);
    case 'hexstr':
      return constant(hexadecimal(value, where));
    case 'bool':
      if (typeof value !== 'boolean') return refuse(where, 'expected true or false');
      return { kind: 'bool', test: () => value };
    case 'header':
      return fixedHeader(need(layout.headers, text(value, where), where, 'header'));
    case 'header_stack': {
      const stack = need(layout.stacks, text(value, where), where, 'header stack');
      return { kind: 'stack', stack };
    }
    case 'stack_field': {
      const [name, field] = pair(value, where);
      return lastField(need(layout.stacks, name, where, 'header stack'), field, where);
    }
    case 'local':
    case 'runtime_data':
      return parameter(natural(value, where), scope);
    default:
      return unknownTo(where, `"${type}" in an expression`);
  }
}

/** Operators of conditions, or between conditions and data. */
function compileLogic(operation: Operation, scope: Scope, depth: number): Expression | undefined {
  const { op, left, right } = operation;
  switch (op) {
    case 'and':
    case 'or': {
      const [l, r] = [compileBool(left, scope, depth), compileBool(right, scope, depth)];
      return { kind: 'bool', test: op === 'and' ? (p) => l(p) && r(p) : (p) => l(p) || r(p) };
    }
    case 'not': {
      const test = compileBool(right, scope, depth);
      return { kind: 'bool', test: (p) => !test(p) };
    }
    case 'd2b':
      return compare('!=', compileData(right, scope, depth), constant(0n), scope.where);
    case 'b2d': {
      const test = compileBool(right, scope, depth);
      return numberData(0n, 1n, (p) => (test(p) ? 1 : 0));
    }
    case 'valid':
      return validity(compileHeader(right, scope, depth));
    default:
      return undefined;
  }
}

function compileArithmetic(operation: Operation, scope: Scope, depth: number): Data | undefined {
  const { op, left, right } = operation;
  if (op === '~') return negateBits(compileData(right, scope, depth));
  const operator = OPERATORS.get(op);
  if (operator === undefined) return undefined;
  const isSign = (op === '+' || op === '-') && (left ?? null) === null;
  const first = isSign ? constant(0n) : compileData(left, scope, depth);
  return operator(first, compileData(right, scope, depth), scope.where);
}

function compileOperation(operation: Operation, scope: Scope, depth: number): Expression {
  const { op, left, right, cond } = operation;
  const { where } = scope;
  const found = compileLogic(operation, scope, depth) ?? compileArithmetic(operation, scope, depth);
  if (found !== undefined) return found;
  if (isComparison(op)) {
    return compare(op, compile(left, scope, depth), compile(right, scope, depth), where);
  }
  switch (op) {
    case '?': {
      const test = compileBool(cond, scope, depth);
      return choose(test, compile(left, scope, depth), compile(right, scope, depth), where);
    }
    case 'dereference_stack':
    case 'dereference_header_stack':
      return element(compileStack(left, scope, depth), compileData(right, scope, depth));
    case 'access_field':
      return access(compileHeader(left, scope, depth), natural(right, where), where);
    case 'size_stack':
      return stackSize(compileStack(right, scope, depth));
    case 'last_stack_index':
      return lastIndex(compileStack(right, scope, depth));
    default:
      return unknownTo(where, `operator "${op}"`);
  }
}
