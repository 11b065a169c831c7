/** Operations of parsers that consume octets: extract, in its kinds, and advance. */
import { type Data, wide } from './data.ts';
import type { ErrorCodes } from './error-code.ts';
import { compileData, type Scope } from './expression.ts';
import { extractHeader, octetsOf } from './header.ts';
import { natural, text, typed } from './json-tree.ts';
import type { Header, HeaderType, Stack } from './layout.ts';
import { abort, type Packet } from './packet.ts';
import type { CallJson } from './program-json.ts';
import { need, refuse, unknownTo } from './refusal.ts';

/** An operation of a parser: undefined, or the error that ends the parser. */
export type ParserOp = (packet: Packet) => number | undefined;

const INT_MAX = 0x7fff_ffffn;

/** As C++ makes an `int` of a number that may not fit: the nearest. */
function clampInt(value: bigint): number {
  if (value > INT_MAX) return Number(INT_MAX);
  return value < -INT_MAX - 1n ? Number(-INT_MAX - 1n) : Number(value);
}

/** Where to extract to; undefined is no room. */
interface Destination {
  readonly type: HeaderType;
  readonly header: (packet: Packet) => Header | undefined;
  readonly stack?: Stack;
}

function destinationOf(json: unknown, { layout, where }: Scope): Destination {
  const { type, value } = typed(json, where);
  if (type === 'regular') {
    const header = need(layout.headers, text(value, where), where, 'header');
    if (header.isMetadata) refuse(where, `${header.name} is metadata`);
    return { type: header.type, header: () => header };
  }
  if (type !== 'stack') return unknownTo(where, `extraction of type "${type}"`);
  const stack = need(layout.stacks, text(value, where), where, 'header stack');
  return {
    type: stack.type,
    header: (p) => stack.headers[p.numbers[stack.next] ?? 0],
    stack,
  };
}

/** Octets of the varbit, or the error that its length is. */
type VarbitLength = (packet: Packet, header: Header) => { readonly octets: number } | number;

function varbitLength(bits: Data, { maxOctets = 0 }: HeaderType, errors: ErrorCodes): VarbitLength {
  const read = wide(bits);
  return (p, header) => {
    const size = clampInt(read(p));
    if (size % 8 !== 0) return errors.ParserInvalidArgument;
    // A header that is extracted again counts with the varbit that it has.
    const total = octetsOf(p, header) + size / 8;
    if (total < 0 || p.octets.length - p.at < total) return errors.PacketTooShort;
    if (maxOctets !== 0 && maxOctets < total) return errors.HeaderTooShort;
    return size < 0 ? abort('a varbit of negative length') : { octets: size / 8 };
  };
}

function finish(p: Packet, header: Header, stack: Stack | undefined, varbitOctets: number): void {
  extractHeader(p, header, p.at, varbitOctets);
  p.at += octetsOf(p, header);
  if (stack !== undefined) p.numbers[stack.next] = (p.numbers[stack.next] ?? 0) + 1;
}

/** `extract` and `extract_VL`. */
export function compileExtract(call: CallJson, scope: Scope, errors: ErrorCodes): ParserOp {
  const { where } = scope;
  const isVarbit = call.op === 'extract_VL';
  if (call.parameters.length !== (isVarbit ? 2 : 1)) refuse(where, 'has other parameters');
  const { type, header: find, stack } = destinationOf(call.parameters[0], scope);
  if (isVarbit !== (type.maxOctets !== undefined)) {
    refuse(where, `${call.op} of header type ${type.name}`);
  }
  if (!isVarbit) {
    return (p) => {
      const header = find(p);
      if (header === undefined) return errors.StackOutOfBounds;
      if (p.octets.length - p.at < type.octets) return errors.PacketTooShort;
      finish(p, header, stack, 0);
      return undefined;
    };
  }
  const length = varbitLength(compileData(call.parameters[1], scope), type, errors);
  return (p) => {
    const header = find(p);
    if (header === undefined) return errors.StackOutOfBounds;
    const found = length(p, header);
    if (typeof found === 'number') return found;
    finish(p, header, stack, found.octets);
    return undefined;
  };
}

/** `advance`, by bits, and its predecessor `shift`, by octets. */
export function compileAdvance(call: CallJson, scope: Scope, errors: ErrorCodes): ParserOp {
  const { where } = scope;
  const [json, ...more] = call.parameters;
  if (more.length > 0) refuse(where, 'has other parameters');
  if (call.op === 'shift') {
    const octets = natural(json, where);
    return (p) => skip(p, octets, errors);
  }
  const bits = compileData(json, scope);
  if (bits.min < 0n) return refuse(where, 'an amount that may be negative');
  const read = wide(bits);
  return (p) => {
    const amount = read(p);
    if (amount % 8n !== 0n) return errors.ParserInvalidArgument;
    return skip(p, Number(amount / 8n), errors);
  };
}

function skip(p: Packet, octets: number, errors: ErrorCodes): number | undefined {
  if (p.octets.length - p.at < octets) return errors.PacketTooShort;
  p.at += octets;
  return undefined;
}
