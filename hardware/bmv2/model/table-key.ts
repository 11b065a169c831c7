/** The key of a table: which fields, in which order, and what entries want of them. */
import { bigData, type Data, numberData, wide } from './data.ts';
import { compileField } from './expression.ts';
import { hexadecimal } from './json-tree.ts';
import { concatenated, padded } from './key.ts';
import { findField, type Layout } from './layout.ts';
import type { MatchKind, Pattern } from './match.ts';
import type { Packet } from './packet.ts';
import type { KeyJson } from './program-json.ts';
import { refuse, unknownTo } from './refusal.ts';

/** A field of a table's key. */
export interface KeyField {
  readonly name: string;
  readonly kind: MatchKind;
  /** In bits. */
  readonly width: number;
  /** Where its last bit is in the whole key. */
  readonly shift: number;
  /** Static mask of the program, applied to packets and to entries. */
  readonly mask: bigint;
}

/** The key of a table. */
export interface TableKey {
  /** As the program lists them. */
  readonly fields: readonly KeyField[];
  /** Of the whole key, its fields filled to octets. */
  readonly bits: number;
  readonly read: (packet: Packet) => bigint;
}

/** What an entry wants of one field. */
export interface Wanted {
  readonly value: bigint;
  /** The bits that count; of an lpm field the first `prefixBits` of the filled field. */
  readonly mask: bigint;
  readonly prefixBits: number;
}

const KINDS: readonly MatchKind[] = ['exact', 'lpm', 'ternary'];

/** A kind of match by its name in the JSON. */
export function matchKind(name: string, where: string): MatchKind {
  return KINDS.find((kind) => kind === name) ?? unknownTo(where, `match type "${name}"`);
}

/** Fields of invalid headers count as 0. */
function validData(layout: Layout, name: readonly [string, string], where: string): Data {
  const data = compileField(layout, name, where);
  const { header, field } = findField(layout, ...name, where);
  if (header.isMetadata || field === header.valid) return data;
  const { slot } = header.valid;
  if (data.kind === 'big') {
    return bigData(0n, data.max, (p) => (p.numbers[slot] === 1 ? data.read(p) : 0n));
  }
  return numberData(0n, data.max, (p) => (p.numbers[slot] === 1 ? data.read(p) : 0));
}

interface Located extends KeyField {
  readonly data: Data;
}

function locate(json: KeyJson, layout: Layout, where: string): Omit<Located, 'shift'> {
  if (typeof json.target === 'string') return refuse(where, 'a key that is no field');
  const [header, field] = json.target;
  const { width } = findField(layout, header, field, where).field;
  const all = (1n << BigInt(width)) - 1n;
  return {
    name: json.name ?? `${header}.${field}`,
    kind: matchKind(json.match_type, where),
    width,
    mask: (json.mask ?? null) === null ? all : hexadecimal(json.mask, where) & all,
    data: validData(layout, json.target, where),
  };
}

/** Compiles a key; its fields are put in the order exact, lpm, ternary. */
export function compileKey(keys: readonly KeyJson[], layout: Layout, where: string): TableKey {
  const found = keys.map((json) => locate(json, layout, where));
  if (found.filter(({ kind }) => kind === 'lpm').length > 1) refuse(where, 'has two lpm fields');
  const ordered = found.toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
  let bits = 0;
  let mask = 0n;
  const shifts = new Map<Omit<Located, 'shift'>, number>();
  for (const field of ordered.toReversed()) {
    shifts.set(field, bits);
    mask |= field.mask << BigInt(bits);
    bits += padded(field.width);
  }
  const whole = wide(concatenated(ordered, where));
  const isMasked = found.some((field) => field.mask !== (1n << BigInt(field.width)) - 1n);
  return {
    fields: found.map((field) => {
      const { name, kind, width } = field;
      return { name, kind, width, mask: field.mask, shift: shifts.get(field) ?? 0 };
    }),
    bits,
    read: isMasked ? (p) => whole(p) & mask : whole,
  };
}

/** A prefix as a mask of the filled field. */
export function prefixMask(width: number, prefixBits: number): bigint {
  const bits = BigInt(padded(width));
  return ((1n << BigInt(prefixBits)) - 1n) << (bits - BigInt(prefixBits));
}

/** What an entry wants of the whole key; `wanted` goes with the fields. */
export function patternOf(
  { fields }: TableKey,
  wanted: readonly Wanted[],
  priority: number,
): Pattern {
  let value = 0n;
  let mask = 0n;
  let prefixBits = 0;
  for (const [index, field] of fields.entries()) {
    const want = wanted[index];
    if (want === undefined) continue;
    value |= (want.value & field.mask) << BigInt(field.shift);
    mask |= want.mask << BigInt(field.shift);
    prefixBits += want.prefixBits;
  }
  return { value: value & mask, mask, prefixBits, priority };
}
