/**
 * Values of expressions: closures that read a packet, with the least and the greatest they can say.
 *
 * BMv2 computes with numbers of any size and truncates when it stores. Bounds, found when the
 * program is loaded, tell where double precision is exact; only the rest is computed in bigints.
 */
import { NUMBER_BITS } from './bits.ts';
import type { Field, Header } from './layout.ts';
import type { Packet } from './packet.ts';

/** A place that can be stored to: a field, of a header that may be known only at run time. */
export interface Target {
  readonly field: Field;
  /** Its index among the fields of its header. */
  readonly index: number;
  /** Which header, when that depends on the packet. */
  readonly header: ((packet: Packet) => Header) | undefined;
}

interface Bounds {
  readonly min: bigint;
  readonly max: bigint;
  /** Where the value is stored, if it is a field's. */
  readonly target?: Target;
}

/** A value whose bounds are exact in double precision. */
export interface NumberData extends Bounds {
  readonly kind: 'number';
  readonly read: (packet: Packet) => number;
}

/** Any other value. */
export interface BigData extends Bounds {
  readonly kind: 'big';
  readonly read: (packet: Packet) => bigint;
}

/** A value that is read from a packet. */
export type Data = NumberData | BigData;

const GREATEST = (1n << BigInt(NUMBER_BITS)) - 1n;

/** Whether every integer between the bounds is exact in double precision. */
export function isNarrow(min: bigint, max: bigint): boolean {
  return min >= -GREATEST && max <= GREATEST;
}

/** A value between narrow bounds. */
export function numberData(
  min: bigint,
  max: bigint,
  read: (packet: Packet) => number,
  target?: Target,
): NumberData {
  return { kind: 'number', min, max, read, ...(target === undefined ? {} : { target }) };
}

/** A value from `read`, which is a number when the bounds are narrow. */
export function bigData(min: bigint, max: bigint, read: (packet: Packet) => bigint): Data {
  if (isNarrow(min, max)) return numberData(min, max, (p) => Number(read(p)));
  return { kind: 'big', min, max, read };
}

/** A value that never changes. */
export function constant(value: bigint): Data {
  if (!isNarrow(value, value)) return { kind: 'big', min: value, max: value, read: () => value };
  const number = Number(value);
  return numberData(value, value, () => number);
}

/** The value if it never changes. */
export function constantOf({ min, max }: Data): bigint | undefined {
  return min === max ? min : undefined;
}

/** Reads any value as a bigint. */
export function wide(data: Data): (packet: Packet) => bigint {
  if (data.kind === 'big') return data.read;
  const { read } = data;
  return (p) => BigInt(read(p));
}

/** The value of a field of a fixed header. */
export function fieldData(target: Target): Data {
  const { field, index, header } = target;
  const max = (1n << BigInt(field.width)) - 1n;
  const { slot } = field;
  if (field.store === 'big') {
    const read =
      header === undefined
        ? (p: Packet): bigint => p.bigs[slot] ?? 0n
        : (p: Packet): bigint => p.bigs[header(p).fields[index]?.slot ?? 0] ?? 0n;
    return { kind: 'big', min: 0n, max, read, target };
  }
  const read =
    header === undefined
      ? (p: Packet): number => p.numbers[slot] ?? 0
      : (p: Packet): number => p.numbers[header(p).fields[index]?.slot ?? 0] ?? 0;
  return numberData(0n, max, read, target);
}

/** `value` modulo 2^`width`, 1 <= width <= 53. */
export function truncate(value: number, width: number): number {
  if (width === 32) return value >>> 0;
  if (width < 32) return (value & ((1 << width) - 1)) >>> 0;
  const modulus = 2 ** width;
  return value - Math.floor(value / modulus) * modulus;
}

/** Reads a value modulo 2^`width` as a number, width <= 53. */
export function truncated(data: Data, width: number): (packet: Packet) => number {
  if (data.kind === 'big') {
    const { read } = data;
    return (p) => Number(BigInt.asUintN(width, read(p)));
  }
  const { read } = data;
  if (data.min >= 0n && data.max < 1n << BigInt(width)) return read;
  return (p) => truncate(read(p), width);
}

/** Reads a value modulo 2^`width`. */
export function truncatedWide(data: Data, width: number): (packet: Packet) => bigint {
  const read = wide(data);
  if (data.min >= 0n && data.max < 1n << BigInt(width)) return read;
  return (p) => BigInt.asUintN(width, read(p));
}
