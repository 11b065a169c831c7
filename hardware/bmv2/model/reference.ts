/** What an expression may be besides data, and how it leads to fields of headers. */
import { bigData, type Data, fieldData, numberData, wide } from './data.ts';
import { isValid } from './header.ts';
import type { Field, Header, HeaderType, Stack } from './layout.ts';
import { abort, type Packet } from './packet.ts';
import { refuse, unknownTo } from './refusal.ts';

/** A condition. */
export interface Bool {
  readonly kind: 'bool';
  readonly test: (packet: Packet) => boolean;
}

/** A header, which may be known only at run time. */
export interface HeaderRef {
  readonly kind: 'header';
  readonly type: HeaderType;
  /** The fields of one header of the type; another's slots may be others. */
  readonly fields: readonly Field[];
  readonly at: (packet: Packet) => Header;
  /** The header, if it is always the same. */
  readonly fixed?: Header;
}

/** A header stack. */
export interface StackRef {
  readonly kind: 'stack';
  readonly stack: Stack;
}

/** What an expression may be. */
export type Expression = Data | Bool | HeaderRef | StackRef;

/** What `last_stack_index` says of an empty stack: -1, of 64 bits without sign. */
const NO_INDEX = (1n << 64n) - 1n;

/** Whether an expression is a number. */
export function isData(expression: Expression): expression is Data {
  return expression.kind === 'number' || expression.kind === 'big';
}

/** A header of the program. */
export function fixedHeader(header: Header): HeaderRef {
  const { type, fields } = header;
  return { kind: 'header', type, fields, at: () => header, fixed: header };
}

/** Whether a header is valid. */
export function validity({ at }: HeaderRef): Bool {
  return { kind: 'bool', test: (p) => isValid(p, at(p)) };
}

function fieldAt(
  fields: readonly Field[],
  index: number,
  header: ((packet: Packet) => Header) | undefined,
  where: string,
): Data {
  const field = fields[index] ?? refuse(where, 'the header has no such field');
  if (field.store === 'varbit') return unknownTo(where, `arithmetic on varbit ${field.name}`);
  return fieldData({ field, index, header });
}

/** `header.field`, the field by its position. */
export function access({ fields, fixed, at }: HeaderRef, index: number, where: string): Data {
  return fieldAt(fixed?.fields ?? fields, index, fixed === undefined ? at : undefined, where);
}

/** A field of the last header of a stack. */
export function lastField({ headers, next, name }: Stack, fieldName: string, where: string): Data {
  const fields = headers[0]?.fields ?? [];
  const index = fields.findIndex((field) => field.name === fieldName);
  const last = (p: Packet): Header =>
    headers[(p.numbers[next] ?? 0) - 1] ?? abort(`stack ${name} is empty`);
  return fieldAt(fields, index, last, where);
}

/** `stack[index]`. */
export function element({ headers, type, name }: Stack, index: Data): HeaderRef {
  const read = wide(index);
  const at = (p: Packet): Header =>
    headers[Number(read(p))] ?? abort(`stack ${name} has no such element`);
  return { kind: 'header', type, fields: headers[0]?.fields ?? [], at };
}

/** How many headers of a stack are used. */
export function stackSize({ headers, next }: Stack): Data {
  return numberData(0n, BigInt(headers.length), (p) => p.numbers[next] ?? 0);
}

/** The index of the last header of a stack that is used. */
export function lastIndex({ next }: Stack): Data {
  return bigData(0n, NO_INDEX, (p) => BigInt.asUintN(64, BigInt((p.numbers[next] ?? 0) - 1)));
}
