/**
 * The operators of BMv2's expressions on integers of any size.
 *
 * Each is written twice: for doubles, where bounds show that they are exact, and for bigints.
 * Bitwise operators see negative numbers in endless two's complement, as GMP does.
 */
import {
  type BigData,
  bigData,
  constantOf,
  type Data,
  isNarrow,
  numberData,
  type NumberData,
  wide,
} from './data.ts';
import { abort } from './packet.ts';
import { refuse } from './refusal.ts';

/** An operator of two values; `where` is for a refusal. */
export type Operator = (left: Data, right: Data, where: string) => Data;

/** Wider shifts are refused: p4c makes amounts of at most 8 bits. */
const MAX_SHIFT = 1023n;
/** Greater values are refused, so that no program can fill the memory. */
const MAX_BITS = 65_536;
const UINT32 = 0xffff_ffffn;

type Bounds = readonly [bigint, bigint];
type ReadNumber = NumberData['read'];
type ReadBig = BigData['read'];

const bitsOf = (value: bigint): number => (value < 0n ? ~value : value).toString(2).length;

/** Bounds of a bitwise or or exclusive or. */
function mixed(left: Data, right: Data): Bounds {
  const all = [left.min, left.max, right.min, right.max];
  const top = 1n << BigInt(Math.max(...all.map(bitsOf)));
  return [all.some((bound) => bound < 0n) ? -top : 0n, top - 1n];
}

function products(left: Data, right: Data): Bounds {
  const all = [left.min, left.max].flatMap((a) => [a * right.min, a * right.max]);
  const min = all.reduce((a, b) => (b < a ? b : a));
  const max = all.reduce((a, b) => (b > a ? b : a));
  return [min, max];
}

/** Puts an operator together from its bounds and its two ways to compute. */
function operator(
  bounds: (left: Data, right: Data, where: string) => Bounds,
  numbers: (left: ReadNumber, right: ReadNumber) => ReadNumber,
  bigs: (left: ReadBig, right: ReadBig) => ReadBig,
): Operator {
  return (left, right, where) => {
    const [min, max] = bounds(left, right, where);
    if (Math.max(bitsOf(min), bitsOf(max)) > MAX_BITS) {
      refuse(where, `a value of more than ${MAX_BITS} bits is not in this model`);
    }
    if (left.kind === 'number' && right.kind === 'number' && isNarrow(min, max)) {
      return numberData(min, max, numbers(left.read, right.read));
    }
    return bigData(min, max, bigs(wide(left), wide(right)));
  };
}

/** Whether JavaScript's own operators, which see 32 bits, give the whole result. */
const isUint32 = ({ min, max }: Data): boolean => min >= 0n && max <= UINT32;

const and: Operator = (left, right, where) => {
  const bounds = (a: Data, b: Data): Bounds => {
    if (a.min >= 0n && b.min >= 0n) return [0n, a.max < b.max ? a.max : b.max];
    if (a.min >= 0n) return [0n, a.max];
    return b.min >= 0n ? [0n, b.max] : mixed(a, b);
  };
  if (left.kind === 'number' && right.kind === 'number') {
    const [l, r] = [left.read, right.read];
    const [min, max] = bounds(left, right);
    if (isUint32(left) || isUint32(right)) return numberData(min, max, (p) => (l(p) & r(p)) >>> 0);
    const mask = constantOf(right) ?? 0n;
    if (mask > 0n && (mask & (mask + 1n)) === 0n) {
      const modulus = Number(mask) + 1;
      return numberData(min, max, (p) => {
        const value = l(p);
        return value - Math.floor(value / modulus) * modulus;
      });
    }
  }
  return operator(
    bounds,
    (l, r) => (p) => Number(BigInt(l(p)) & BigInt(r(p))),
    (l, r) => (p) => l(p) & r(p),
  )(left, right, where);
};

const or: Operator = (left, right, where) =>
  operator(
    mixed,
    isUint32(left) && isUint32(right)
      ? (l, r) => (p) => (l(p) | r(p)) >>> 0
      : (l, r) => (p) => Number(BigInt(l(p)) | BigInt(r(p))),
    (l, r) => (p) => l(p) | r(p),
  )(left, right, where);

const xor: Operator = (left, right, where) =>
  operator(
    mixed,
    isUint32(left) && isUint32(right)
      ? (l, r) => (p) => (l(p) ^ r(p)) >>> 0
      : (l, r) => (p) => Number(BigInt(l(p)) ^ BigInt(r(p))),
    (l, r) => (p) => l(p) ^ r(p),
  )(left, right, where);

function checkShift({ min, max }: Data, where: string): void {
  if (min < 0n || max > MAX_SHIFT) {
    refuse(where, `a shift by ${min} to ${max} bits is not in this model (0 to ${MAX_SHIFT})`);
  }
}

const shiftLeft: Operator = operator(
  ({ min, max }, by, where) => {
    checkShift(by, where);
    return [min << (min < 0n ? by.max : by.min), max << (max < 0n ? by.min : by.max)];
  },
  (l, r) => (p) => l(p) * 2 ** r(p),
  (l, r) => (p) => l(p) << r(p),
);

const shiftRight: Operator = operator(
  ({ min, max }, by, where) => {
    checkShift(by, where);
    return [min >> (min < 0n ? by.min : by.max), max >> (max < 0n ? by.max : by.min)];
  },
  (l, r) => (p) => Math.floor(l(p) / 2 ** r(p)),
  (l, r) => (p) => l(p) >> r(p),
);

function checkDivision(left: Data, right: Data, where: string): void {
  if (left.min < 0n || right.min < 0n) refuse(where, 'a division of negative values is undefined');
}

const modulo: Operator = operator(
  (left, right, where) => {
    checkDivision(left, right, where);
    return [0n, left.max];
  },
  (l, r) => (p) => l(p) % (r(p) || abort('modulo zero')),
  (l, r) => (p) => l(p) % (r(p) || abort('modulo zero')),
);

const divide: Operator = operator(
  (left, right, where) => {
    checkDivision(left, right, where);
    return [0n, left.max];
  },
  (l, r) => (p) => Math.floor(l(p) / (r(p) || abort('division by zero'))),
  (l, r) => (p) => l(p) / (r(p) || abort('division by zero')),
);

/** The signed value of the low bits: `two_comp_mod(129, 8)` is -127. */
const signed: Operator = (left, right, where) => {
  const width = constantOf(right);
  if (width === undefined || width < 1n || width > MAX_SHIFT) {
    return refuse(where, 'two_comp_mod to a width that is not constant is not in this model');
  }
  const read = wide(left);
  const bits = Number(width);
  const half = 1n << (width - 1n);
  return bigData(-half, half - 1n, (p) => BigInt.asIntN(bits, read(p)));
};

/** Every operator from two integers to one that the model has, by its name in the JSON. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  [
    '+',
    operator(
      (a, b) => [a.min + b.min, a.max + b.max],
      (l, r) => (p) => l(p) + r(p),
      (l, r) => (p) => l(p) + r(p),
    ),
  ],
  [
    '-',
    operator(
      (a, b) => [a.min - b.max, a.max - b.min],
      (l, r) => (p) => l(p) - r(p),
      (l, r) => (p) => l(p) - r(p),
    ),
  ],
  [
    '*',
    operator(
      products,
      (l, r) => (p) => l(p) * r(p),
      (l, r) => (p) => l(p) * r(p),
    ),
  ],
  ['%', modulo],
  ['/', divide],
  ['<<', shiftLeft],
  ['>>', shiftRight],
  ['&', and],
  ['|', or],
  ['^', xor],
  ['two_comp_mod', signed],
]);

/** All bits inverted: -1 - value. */
export function negateBits(data: Data): Data {
  const min = -1n - data.max;
  const max = -1n - data.min;
  if (data.kind === 'big') {
    const { read } = data;
    return bigData(min, max, (p) => ~read(p));
  }
  const { read } = data;
  return isNarrow(min, max)
    ? numberData(min, max, (p) => -1 - read(p))
    : bigData(min, max, (p) => ~BigInt(read(p)));
}
