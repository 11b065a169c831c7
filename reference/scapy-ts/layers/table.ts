/**
 * A header is a table of its fields in wire order: name, width, value when unset, how it is shown.
 *
 * Readers, writers, factories, `show`, `diff` and `summary` all come from this one table. The table
 * is typed by the layer's interface: a missing, misspelt or mistyped field does not compile.
 */
import type { Ipv4Address, Ipv6Address, MacAddress } from '../address.ts';

/** What every layer has: the name of its protocol, which tells the members of the union apart. */
export interface Kind {
  readonly kind: string;
}

/** The names of a layer's fields. */
export type FieldName<L extends Kind> = Exclude<keyof L, 'kind'> & string;

/** A layer as it is written by hand: a field that is unset is computed, or has its default. */
export type Written<L extends Kind> = { readonly kind: L['kind'] } & {
  readonly [F in FieldName<L>]?: L[F] | undefined;
};

/** What a factory takes: the fields of a layer, addresses also as text. */
export type Given<L extends Kind> = {
  readonly [F in FieldName<L>]?: Text<L[F]> | undefined;
};

type Text<V> = V extends MacAddress | Ipv4Address | Ipv6Address ? V | string : V;

/** One row of the table. */
export interface Field<V> {
  /** Width on the wire; 0 for what does not stand in the fixed part of the header. */
  readonly bits: number;
  /** The value of an unset field, or 'computed' when it follows from the other layers. */
  readonly unset: V | 'computed';
  /** The value for people. (A method, so that tables of different layers fit one list.) */
  show(value: V): string;
  /** Reads the value from text; throws TypeError. Only for fields that are given as text. */
  readonly fromText?: (text: string) => V;
}

/** A table: one row for each field of the layer, in wire order. */
export type FieldTable<L extends Kind> = { readonly [F in FieldName<L>]: Field<L[F]> };

/** What follows the fixed part and belongs to the layer: its one field of octets, or a list. */
export type Tail<L extends Kind> = Extract<L[FieldName<L>], Uint8Array | readonly object[]>;

/** The values of the fields that are unset and computed. */
export type Computed<L extends Kind> = { readonly [F in FieldName<L>]?: L[F] };

/** A table with the functions that were made from it. */
export interface Header<L extends Kind> {
  readonly kind: L['kind'];
  /** The protocol's name for people. */
  readonly title: string;
  readonly fields: FieldTable<L>;
  /** Length of the fixed part. */
  readonly lengthOctets: number;
  /** The octet of the header in which a field begins. */
  readonly octetOf: { readonly [F in FieldName<L>]: number };
  /** A written layer; throws TypeError on a text that is no address. */
  make(given: Given<L>): Written<L>;
  /** Reads the fixed part at octet `at`; the caller has checked that it is there. */
  read(octets: Uint8Array, at: number, tail?: Tail<L>): L;
  /** Writes the fixed part at octet `at`; throws RangeError when a value does not fit its field. */
  write(octets: Uint8Array, at: number, layer: Written<L>, computed: Computed<L>): void;
}

/** One field of one layer, for what works on any of them. */
export interface FieldValue {
  readonly name: string;
  /** Undefined where the field is computed when built. */
  readonly value: unknown;
  /** The value for people. */
  readonly text: string;
}

/** The value of the field `name` of a layer, or what it is when unset: a default or 'computed'. */
export function valueOf(layer: Kind, name: string, { unset }: Field<unknown>): unknown {
  const given: unknown = Reflect.get(layer, name);
  return given ?? unset;
}

/** The fields of a layer in the table's order; an unset one has its default. */
export function fieldValues(
  fields: Readonly<Record<string, Field<unknown>>>,
  layer: Kind,
): readonly FieldValue[] {
  return Object.entries(fields).map(([name, field]) => {
    const value = valueOf(layer, name, field);
    if (value === 'computed') return { name, value: undefined, text: value };
    return { name, value, text: field.show(value) };
  });
}
