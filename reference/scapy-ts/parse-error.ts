/** What parsing could not understand, as values; the sentence is made from them. */
import type { LayerKind } from './layer.ts';

/** One field that says something the octets do not keep. */
export interface ParseError {
  /**
   * truncated: the layer needs `need` octets and has `have`, both counted from its first octet.
   * invalid: the field's value must be at least `need`, or of a version or an address
   * length exactly that; it is `have`.
   */
  readonly kind: 'truncated' | 'invalid';
  readonly layer: LayerKind;
  /** The field that says so; of a header that is cut off, its first field that is not whole. */
  readonly field: string;
  /** Offset of that field in the octets that were parsed. */
  readonly at: number;
  readonly need: number;
  readonly have: number;
}

/** Fields of which only one value can be read. */
const EXACT: readonly string[] = ['version', 'hardwareLength', 'protocolLength'];

/** `tcp.dataOffset at octet 46: the layer needs 40 octets, 20 are there`. */
export function formatParseError(error: ParseError): string {
  const { kind, layer, field, at, need, have } = error;
  const place = `${layer}.${field} at octet ${at}`;
  if (kind === 'truncated') return `${place}: the layer needs ${need} octets, ${have} are there`;
  return `${place}: must be ${EXACT.includes(field) ? '' : 'at least '}${need}, is ${have}`;
}
