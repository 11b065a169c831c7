/**
 * The option lists of IPv4 (RFC 791 section 3.1) and TCP (RFC 9293 section 3.1): they have one form.
 *
 *   end of list | 0 |        no operation | 1 |        any other | type 8 | length 8 | … |
 *
 * Reading loses nothing: a known type with a length that is not its own is `unknown`; a length that
 * cannot be (0, 1, past the end) makes the rest of the list `malformed`.
 */
import { hexText } from './fields.ts';
import { fieldValues } from './table.ts';
import type { Header, Kind } from './table.ts';

/** The options that every list can hold. */
export type CommonOption =
  /** `rest` is what stands after it up to the end of the header. */
  | { readonly kind: 'eol'; readonly rest: Uint8Array }
  | { readonly kind: 'nop' }
  /** `octets` are those after the length. */
  | { readonly kind: 'unknown'; readonly type: number; readonly octets: Uint8Array }
  /** `octets` are all that follow the type. */
  | { readonly kind: 'malformed'; readonly type: number; readonly octets: Uint8Array };

/** How one kind of option is measured, written and shown. */
interface OptionWriter<O extends Kind> {
  /** Octets of the option, type and length included. */
  size(option: O): number;
  write(octets: Uint8Array, at: number, option: O): void;
  show(option: O): string;
}

/** A type of option that one list knows besides the common ones. */
export interface OptionCodec<O extends Kind> extends OptionWriter<O> {
  readonly type: number;
  /** Whether the option can have this length, type and length octets included. */
  fits(lengthOctets: number): boolean;
  /** Reads the option between its length octet and `end`. */
  read(octets: Uint8Array, body: number, end: number): O;
}

/** The codecs of a list, by kind: one for each member of the union. */
export type OptionCodecs<O extends Kind> = {
  readonly [K in O['kind']]: OptionCodec<Extract<O, { readonly kind: K }>>;
};

/** Reads, measures, writes and shows one kind of list. */
export interface OptionList<O extends Kind> {
  /** The options in the octets `from` … `to` − 1; never throws. */
  read(octets: Uint8Array, from: number, to: number): readonly O[];
  /** Octets that the options take, without padding to whole words. */
  size(options: readonly O[]): number;
  /** Writes the options from octet `from` on. */
  write(octets: Uint8Array, from: number, options: readonly O[]): void;
  /** `mss 1460, nop, windowScale 7`. */
  show(options: readonly O[]): string;
}

type Common<K> = Extract<CommonOption, { readonly kind: K }>;

const EOL = 0;
const NOP = 1;
const NO_OPERATION: CommonOption = { kind: 'nop' };

const COMMON: { readonly [K in CommonOption['kind']]: OptionWriter<Common<K>> } = {
  eol: {
    size: ({ rest }) => 1 + rest.length,
    write(octets, at, { rest }): void {
      octets[at] = EOL;
      octets.set(rest, at + 1);
    },
    show: ({ rest }) => (rest.length === 0 ? 'eol' : `eol [${hexText(rest)}]`),
  },
  nop: {
    size: () => 1,
    write(octets, at): void {
      octets[at] = NOP;
    },
    show: () => 'nop',
  },
  unknown: {
    size: (option) => 2 + option.octets.length,
    write(octets, at, option): void {
      octets[at] = option.type;
      octets[at + 1] = 2 + option.octets.length;
      octets.set(option.octets, at + 2);
    },
    show: (option) => `unknown ${option.type} [${hexText(option.octets)}]`,
  },
  malformed: {
    size: (option) => 1 + option.octets.length,
    write(octets, at, option): void {
      octets[at] = option.type;
      octets.set(option.octets, at + 1);
    },
    show: (option) => `malformed ${option.type} [${hexText(option.octets)}]`,
  },
};

/** Most options are this one: it is spared the look-up of its writer. */
function isNop({ kind }: Kind): boolean {
  return kind === 'nop';
}

/** The list whose options are the common ones and those of `codecs`. */
export function optionList<O extends Kind>(codecs: OptionCodecs<O>): OptionList<O | CommonOption> {
  const known = Object.entries<OptionCodec<O>>(codecs);
  const byType: (OptionCodec<O> | undefined)[] = Array.from({ length: 256 }, () => undefined);
  for (const [, codec] of known) byType[codec.type] = codec;
  const byKind = new Map<string, OptionWriter<O | CommonOption>>(known);
  for (const [kind, writer] of Object.entries(COMMON)) byKind.set(kind, writer);

  const writerOf = (option: Kind): OptionWriter<O | CommonOption> => {
    const writer = byKind.get(option.kind);
    if (writer === undefined) throw new TypeError(`${option.kind} is no option of this header`);
    return writer;
  };
  return {
    read: (octets, from, to) => readList(byType, octets, from, to),
    size(options): number {
      let size = 0;
      for (const option of options) size += isNop(option) ? 1 : writerOf(option).size(option);
      return size;
    },
    write(octets, from, options): void {
      let at = from;
      for (const option of options) {
        if (isNop(option)) {
          octets[at] = NOP;
          at += 1;
          continue;
        }
        const writer = writerOf(option);
        writer.write(octets, at, option);
        at += writer.size(option);
      }
    },
    show(options): string {
      if (options.length === 0) return 'none';
      return options.map((option) => writerOf(option).show(option)).join(', ');
    },
  };
}

/** The codec of an option of fixed length, from its table. */
export function fixedOption<O extends Kind>(type: number, table: Header<O>): OptionCodec<O> {
  const length = 2 + table.lengthOctets;
  return {
    type,
    fits: (found) => found === length,
    read: (octets, body) => table.read(octets, body),
    size: () => length,
    write(octets, at, option): void {
      octets[at] = type;
      octets[at + 1] = length;
      table.write(octets, at + 2, option, {});
    },
    show: (option) => showOption(table, option),
  };
}

/** How the octets after the fixed part of an option are read and written. */
interface OptionTail<O extends Kind> {
  fits(lengthOctets: number): boolean;
  read(octets: Uint8Array, body: number, tail: Uint8Array): O;
  of(option: O): Uint8Array;
}

/** The codec of an option that ends in octets of any length. */
export function tailedOption<O extends Kind>(
  type: number,
  table: Header<O>,
  tail: OptionTail<O>,
): OptionCodec<O> {
  const fixed = table.lengthOctets;
  return {
    type,
    fits: (length) => tail.fits(length),
    read: (octets, body, end) => tail.read(octets, body, octets.subarray(body + fixed, end)),
    size: (option) => 2 + fixed + tail.of(option).length,
    write(octets, at, option): void {
      octets[at] = type;
      octets[at + 1] = 2 + fixed + tail.of(option).length;
      table.write(octets, at + 2, option, {});
      octets.set(tail.of(option), at + 2 + fixed);
    },
    show: (option) => showOption(table, option),
  };
}

function showOption<O extends Kind>({ fields }: Header<O>, option: O): string {
  return [option.kind, ...fieldValues(fields, option).map((field) => field.text)].join(' ');
}

function readList<O extends Kind>(
  byType: readonly (OptionCodec<O> | undefined)[],
  octets: Uint8Array,
  from: number,
  to: number,
): readonly (O | CommonOption)[] {
  const options: (O | CommonOption)[] = [];
  let at = from;
  while (at < to) {
    const type = octets[at] ?? 0;
    if (type === NOP) {
      options.push(NO_OPERATION);
      at += 1;
      continue;
    }
    if (type === EOL) {
      options.push({ kind: 'eol', rest: octets.subarray(at + 1, to) });
      break;
    }
    const length = at + 1 < to ? (octets[at + 1] ?? 0) : 0;
    const end = at + length;
    if (length < 2 || end > to) {
      options.push({ kind: 'malformed', type, octets: octets.subarray(at + 1, to) });
      break;
    }
    const codec = byType[type];
    if (codec?.fits(length) === true) options.push(codec.read(octets, at + 2, end));
    else options.push({ kind: 'unknown', type, octets: octets.subarray(at + 2, end) });
    at = end;
  }
  return options;
}
