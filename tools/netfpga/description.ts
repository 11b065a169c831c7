/** What may stand in `hardware/netfpga/registers.yaml`. */
import type { Result } from 'scapy-ts';
import { z } from 'zod';
import { parseYaml } from '../../conformance/document/yaml.ts';

/** A bit or a range of bits, the lowest bit and how many. */
export interface Bits {
  readonly low: number;
  readonly count: number;
}

/** A name for one of the values of a register or a field. */
export interface Value {
  readonly name: string;
  readonly value: number;
  readonly text: string;
}

/** A part of a register. */
export interface Field {
  readonly name: string;
  readonly bits: Bits;
  readonly text: string;
  readonly values: readonly Value[];
}

/** A part of a row, in one of its words of 32 bits. */
export interface RowField extends Field {
  readonly word: number;
}

/** A register, or `count` of them one after the other. */
export interface Register {
  readonly name: string;
  /** In octets. */
  readonly offset: number;
  readonly access: 'RO' | 'WO' | 'RW' | 'ROC';
  /** What it holds at first. */
  readonly reset: number;
  readonly count: number;
  readonly text: string;
  readonly fields: readonly Field[];
  readonly values: readonly Value[];
}

/** A table that is read and written row by row. */
export interface Table {
  readonly name: string;
  readonly number: number;
  readonly text: string;
  readonly fields: readonly RowField[];
}

/** All of the file. */
export interface Description {
  readonly core: string;
  /** Where the core is on each card, in octets. */
  readonly bases: Readonly<Record<string, number>>;
  readonly hash: {
    readonly name: string;
    readonly polynomial: string;
    readonly keyBits: number;
    readonly ways: number;
    readonly wayStride: number;
    readonly text: string;
  };
  readonly registers: readonly Register[];
  readonly tables: readonly Table[];
}

const name = z.string().regex(/^[A-Z][A-Z0-9_]*$/u, 'expected capitals, digits and _');
const text = z.string().min(1);
const word = z.int().min(0).max(0xffffffff);
const bits = z.codec(
  z.string().regex(/^\d+(:\d+)?$/u, "expected a bit or 'high:low'"),
  z.object({ low: z.int().min(0), count: z.int().min(1) }),
  {
    decode: (range) => {
      const [high = 0, low = high] = range.split(':').map(Number);
      return { low, count: high - low + 1 };
    },
    encode: ({ low, count }) => `${low + count - 1}:${low}`,
  },
);
const values = z.array(z.strictObject({ name, value: word, text })).default([]);
const field = z.strictObject({ name, bits, text, values });

/** Names the first two fields of one word that have a bit in common. */
function findOverlap(fields: readonly (Field & { readonly word?: number })[]): string | undefined {
  const owners = new Map<string, string>();
  for (const { name: own, bits: range, word: at = 0 } of fields) {
    if (range.low + range.count > 32) return `${own} leaves its word`;
    for (let bit = range.low; bit < range.low + range.count; bit += 1) {
      const other = owners.get(`${at} ${bit}`);
      if (other !== undefined) return `${own} and ${other} have bit ${bit} in common`;
      owners.set(`${at} ${bit}`, own);
    }
  }
  return undefined;
}

/** Names the first register that stands on another one. */
function findCollision(registers: readonly Register[]): string | undefined {
  const owners = new Map<number, string>();
  for (const { name: own, offset, count } of registers) {
    for (let at = 0; at < count; at += 1) {
      const address = offset + 4 * at;
      const other = owners.get(address);
      if (other !== undefined) return `${own} and ${other} are both at ${address}`;
      owners.set(address, own);
    }
  }
  return undefined;
}

function lawful<T>(find: (value: T) => string | undefined): z.core.CheckFn<T> {
  return ({ value, issues }) => {
    const message = find(value);
    if (message !== undefined) issues.push({ code: 'custom', input: value, message });
  };
}

const register = z.strictObject({
  name,
  offset: z.int().min(0).max(0xffc).multipleOf(4),
  access: z.enum(['RO', 'WO', 'RW', 'ROC']),
  reset: word.default(0),
  count: z.int().min(1).default(1),
  text,
  fields: z.array(field).check(lawful(findOverlap)).default([]),
  values,
});

const SCHEMA: z.ZodType<Description> = z.strictObject({
  core: text,
  bases: z.record(name, word),
  hash: z.strictObject({
    name: text,
    polynomial: z.string().regex(/^0x[0-9A-F]{16}$/u),
    keyBits: z.int(),
    ways: z.int(),
    wayStride: z.int(),
    text,
  }),
  registers: z.array(register).check(lawful(findCollision)),
  tables: z.array(
    z.strictObject({
      name,
      number: z.int().min(0).max(15),
      text,
      fields: z.array(field.extend({ word: z.int().min(0).max(15) })).check(lawful(findOverlap)),
    }),
  ),
});

/** Reads a description; the error is one line that says where and what was expected. */
export function parseDescription(source: string, path: string): Result<Description, string> {
  return parseYaml(source, path, { schema: SCHEMA, name: 'registers' });
}

/** How many words of 32 bits a row has. */
export function wordsOf({ fields }: Table): number {
  return Math.max(...fields.map((each) => each.word)) + 1;
}
