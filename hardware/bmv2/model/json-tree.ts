/** Trees of the JSON, `{type, value}`, whose parts are checked as they are compiled. */
import { refuse } from './refusal.ts';

/** A typed value. */
export interface Typed {
  readonly type: string;
  readonly value: unknown;
}

/** An operation of an expression. */
export interface Operation {
  readonly op: string;
  readonly left: unknown;
  readonly right: unknown;
  readonly cond: unknown;
}

const HEX = /^(-?)(?:0x)?([0-9a-f]+)$/iu;

/** Reads `{type, value}`. */
export function typed(json: unknown, where: string): Typed {
  if (
    typeof json === 'object' &&
    json !== null &&
    'type' in json &&
    typeof json.type === 'string'
  ) {
    return { type: json.type, value: 'value' in json ? json.value : undefined };
  }
  return refuse(where, 'expected {type, value}');
}

/** Reads `{op, left, right, cond}`, or says that it is none. */
export function operationOf(json: unknown): Operation | undefined {
  if (typeof json !== 'object' || json === null || !('op' in json)) return undefined;
  if (typeof json.op !== 'string') return undefined;
  return {
    op: json.op,
    left: 'left' in json ? json.left : undefined,
    right: 'right' in json ? json.right : undefined,
    cond: 'cond' in json ? json.cond : undefined,
  };
}

/** A name. */
export function text(json: unknown, where: string): string {
  return typeof json === 'string' ? json : refuse(where, 'expected a name');
}

/** An integer that is not negative. */
export function natural(json: unknown, where: string): number {
  if (typeof json === 'number' && Number.isSafeInteger(json) && json >= 0) return json;
  return refuse(where, 'expected an integer that is not negative');
}

/** Header or stack, and field. */
export function pair(json: unknown, where: string): readonly [string, string] {
  if (Array.isArray(json) && json.length === 2) {
    return [text(json[0], where), text(json[1], where)];
  }
  return refuse(where, 'expected the names of a header and a field');
}

/** Two integers. */
export function integers(json: unknown, where: string): readonly [number, number] {
  if (Array.isArray(json) && json.length === 2) {
    return [natural(json[0], where), natural(json[1], where)];
  }
  return refuse(where, 'expected two integers');
}

/** A number in hexadecimal, with or without sign and `0x`. */
export function hexadecimal(json: unknown, where: string): bigint {
  const match = typeof json === 'string' ? HEX.exec(json) : null;
  if (match === null) return refuse(where, 'expected a hexadecimal number');
  const value = BigInt(`0x${match[2] ?? ''}`);
  return match[1] === '-' ? -value : value;
}
