/**
 * Where in a packet every field of a program is kept.
 *
 *   header types, headers, stacks of the JSON  ──▶  slots of numbers, of bigints and of varbits
 *
 * A header has a slot more, its hidden field `$valid$`; a stack has one for how full it is.
 */
import { NUMBER_BITS } from './bits.ts';
import { need, refuse, unknownTo } from './refusal.ts';
import type { HeaderJson, HeaderTypeJson, ProgramJson } from './program-json.ts';

/** A field of a header or of metadata. */
export interface Field {
  readonly name: string;
  /** In bits; 0 for a varbit, whose width is the packet's affair. */
  readonly width: number;
  readonly store: 'number' | 'big' | 'varbit';
  readonly slot: number;
}

/** What headers of one type have in common. */
export interface HeaderType {
  readonly name: string;
  /** Without a varbit. */
  readonly octets: number;
  /** With a varbit, at most; absent when the type has none. */
  readonly maxOctets?: number;
}

/** A header or a block of metadata. */
export interface Header {
  readonly name: string;
  readonly type: HeaderType;
  /** Metadata is always valid. */
  readonly isMetadata: boolean;
  readonly fields: readonly Field[];
  /** The hidden field `$valid$`. */
  readonly valid: Field;
  readonly varbit?: Field;
}

/** Headers of one type that follow each other. */
export interface Stack {
  readonly name: string;
  readonly type: HeaderType;
  readonly headers: readonly Header[];
  /** The slot of the index of the first header that is not used. */
  readonly next: number;
}

/** All of it. */
export interface Layout {
  readonly headers: ReadonlyMap<string, Header>;
  readonly stacks: ReadonlyMap<string, Stack>;
  /** Field by the name that the target knows it by, such as `intrinsic_metadata.mcast_grp`. */
  readonly aliases: ReadonlyMap<string, readonly [string, string]>;
  readonly numbers: number;
  readonly bigs: number;
  readonly varbits: number;
}

/** Hands out slots. */
interface Slots {
  number: number;
  big: number;
  varbit: number;
}

function typeOf(json: HeaderTypeJson): HeaderType {
  const where = `header type ${json.name}`;
  let bits = 0;
  let varbits = 0;
  for (const [field, width, isSigned, isSaturating] of json.fields) {
    if (isSigned === true) unknownTo(where, `signed field "${field}"`);
    if (isSaturating === true) unknownTo(where, `saturating field "${field}"`);
    if (width === '*') {
      varbits += 1;
      if (bits % 8 !== 0) unknownTo(where, `varbit "${field}" that begins within an octet`);
    } else bits += width;
  }
  if (varbits > 1) refuse(where, 'has more than one varbit');
  if (bits % 8 !== 0) refuse(where, `has ${bits} bits, which are no whole octets`);
  if (varbits === 0) return { name: json.name, octets: bits / 8 };
  if ((json.length_exp ?? null) !== null) unknownTo(where, 'a length expression ("length_exp")');
  const maxOctets = json.max_length ?? refuse(where, 'has a varbit and no "max_length"');
  return { name: json.name, octets: bits / 8, maxOctets };
}

function fieldOf(name: string, width: number | '*', slots: Slots): Field {
  if (width === '*') return { name, width: 0, store: 'varbit', slot: slots.varbit++ };
  if (width > NUMBER_BITS) return { name, width, store: 'big', slot: slots.big++ };
  return { name, width, store: 'number', slot: slots.number++ };
}

function headerOf(
  json: HeaderJson,
  fields: HeaderTypeJson['fields'],
  type: HeaderType,
  slots: Slots,
): Header {
  const all = fields.map(([name, width]) => fieldOf(name, width, slots));
  const varbit = all.find(({ store }) => store === 'varbit');
  return {
    name: json.name,
    type,
    isMetadata: json.metadata,
    fields: all,
    valid: fieldOf('$valid$', 1, slots),
    ...(varbit === undefined ? {} : { varbit }),
  };
}

/** Gives every field of the program its slot. */
export function layOut(json: ProgramJson): Layout {
  const slots: Slots = { number: 0, big: 0, varbit: 0 };
  const types = new Map(
    json.header_types.map((type) => [type.name, { type: typeOf(type), json: type }]),
  );
  const headers = new Map<string, Header>();
  const byId = new Map<number, Header>();
  for (const header of json.headers) {
    const found = need(types, header.header_type, `header ${header.name}`, 'header type');
    const laid = headerOf(header, found.json.fields, found.type, slots);
    headers.set(header.name, laid);
    byId.set(header.id, laid);
  }
  const stacks = new Map<string, Stack>();
  for (const { name, header_type, header_ids } of json.header_stacks) {
    const where = `header stack ${name}`;
    const { type } = need(types, header_type, where, 'header type');
    const members = header_ids.map((id) => need(byId, id, where, 'header'));
    if (members.some((header) => header.type !== type))
      refuse(where, 'has headers of another type');
    if (members.length === 0) refuse(where, 'has no headers');
    stacks.set(name, { name, type, headers: members, next: slots.number++ });
  }
  const aliases = new Map(json.field_aliases);
  return {
    headers,
    stacks,
    aliases,
    numbers: slots.number,
    bigs: slots.big,
    varbits: slots.varbit,
  };
}

/** A field with its header, and its index there. */
export interface Found {
  readonly header: Header;
  readonly field: Field;
  readonly index: number;
}

/** The field `$valid$` has the index -1. */
export const VALID_INDEX = -1;

/** A field by the names of header and field. */
export function findField(layout: Layout, headerName: string, name: string, where: string): Found {
  const header = need(layout.headers, headerName, where, 'header');
  if (name === '$valid$') return { header, field: header.valid, index: VALID_INDEX };
  const index = header.fields.findIndex((field) => field.name === name);
  const field = header.fields[index];
  if (field === undefined) return refuse(where, `header ${headerName} has no field "${name}"`);
  return { header, field, index };
}
