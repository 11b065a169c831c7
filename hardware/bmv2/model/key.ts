/** Keys of tables and of parsers: fields one behind the other, each filled to whole octets. */
import { bigData, type Data, isNarrow, numberData, wide } from './data.ts';
import { unknownTo } from './refusal.ts';

/** A field of a key. */
export interface KeyPart {
  readonly data: Data;
  /** In bits. */
  readonly width: number;
}

/** A width filled to whole octets, in bits. */
export function padded(width: number): number {
  return (width + 7) & ~7;
}

function append(left: Data, { data, width }: KeyPart): Data {
  const shift = padded(width);
  const max = (left.max << BigInt(shift)) | ((1n << BigInt(width)) - 1n);
  if (left.kind === 'number' && data.kind === 'number' && isNarrow(0n, max)) {
    const [l, r] = [left.read, data.read];
    const factor = 2 ** shift;
    return numberData(0n, max, (p) => l(p) * factor + r(p));
  }
  const [l, r] = [wide(left), wide(data)];
  return bigData(0n, max, (p) => (l(p) << BigInt(shift)) | r(p));
}

/** More are refused, so that no key can exhaust the call stack. */
const MAX_PARTS = 200;

const NOTHING: Data = numberData(0n, 0n, () => 0);

/** All parts as one number. */
export function concatenated(parts: readonly KeyPart[], where: string): Data {
  if (parts.length > MAX_PARTS) unknownTo(where, `a key of more than ${MAX_PARTS} fields`);
  const [first, ...rest] = parts;
  return rest.reduce(append, first?.data ?? NOTHING);
}
