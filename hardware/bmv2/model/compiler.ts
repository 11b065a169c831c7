/** What the compilers of primitives share. */
import { type Data, wide } from './data.ts';
import { compileData, type Scope } from './expression.ts';
import { text, typed } from './json-tree.ts';
import { abort, type Packet, type Step } from './packet.ts';
import { need, refuse } from './refusal.ts';

/** An array of registers or counters. */
export interface ArrayOf {
  readonly index: number;
  readonly size: number;
  /** Of a register, in bits. */
  readonly width: number;
}

/** What primitives refer to by name. */
export interface Externs {
  readonly registers: ReadonlyMap<string, ArrayOf>;
  readonly counters: ReadonlyMap<string, ArrayOf>;
  readonly calculations: ReadonlyMap<string, Data>;
  /** The slot of the length that counts headers that were added and removed. */
  readonly lengthSlot: number;
  readonly dropPort: number;
}

/** Where a primitive stands. */
export interface Context extends Scope {
  readonly externs: Externs;
}

/** Compiles a primitive from its parameters. */
export type Compiler = (parameters: readonly unknown[], context: Context) => Step;

/** A switch's widest index. */
const INDEX_BITS = 32;

/** What a parameter names. */
export function named<T>(
  json: unknown,
  kind: string,
  all: ReadonlyMap<string, T>,
  where: string,
): T {
  const { type, value } = typed(json, where);
  if (type !== kind) return refuse(where, `expected ${kind} and not ${type}`);
  return need(all, text(value, where), where, kind);
}

/** Reads an index; what is negative ends BMv2. */
export function compileIndex(json: unknown, context: Context): (packet: Packet) => number {
  const index = compileData(json, context);
  if (index.kind === 'number' && index.min >= 0n && index.max < 1n << BigInt(INDEX_BITS)) {
    return index.read;
  }
  const read = wide(index);
  return (p) => {
    const value = read(p);
    return value < 0n ? abort('a negative index') : Number(BigInt.asUintN(INDEX_BITS, value));
  };
}
