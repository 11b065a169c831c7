/** What the readers of the layers share: where they are, and what they have found. */
import type { LayerKind, ParsedLayer } from '../layer.ts';
import type { ParseError } from '../parse-error.ts';
import type { Header, Kind } from './table.ts';

/** Where a layer stands: its own octets, payload not included. */
export interface Span {
  readonly at: number;
  readonly length: number;
}

/** What is read next; 'raw' ends the walk. */
export type Step = Exclude<LayerKind, 'tcpQuote' | 'padding'>;

/** The state of one walk through a packet; the readers move it on. */
export interface Cursor {
  readonly octets: Uint8Array;
  /** First octet that is not read yet. */
  at: number;
  /** End of what the enclosing layer holds. */
  end: number;
  /** End of what the outermost length holds, what follows is padding; -1 before one was read. */
  packetEnd: number;
  /** The protocol number of the IPv6 extension header that is read next. */
  protocol: number;
  /** Inside an ICMP error: a TCP header may be cut off after eight octets. */
  quoted: boolean;
  /** Inside a quote, a fragment or a cut packet: lengths may exceed what is there. */
  partial: boolean;
  readonly layers: ParsedLayer[];
  readonly spans: Span[];
  readonly errors: ParseError[];
}

/** Takes a layer of `length` octets. */
export function take(cursor: Cursor, layer: ParsedLayer, length: number): void {
  cursor.layers.push(layer);
  cursor.spans.push({ at: cursor.at, length });
  cursor.at += length;
}

/** Ends what the layers inside can hold at octet `end`. */
export function endAt(cursor: Cursor, end: number): void {
  cursor.end = end;
  if (cursor.packetEnd < 0) cursor.packetEnd = end;
}

/** Notes an error in a field of the layer that begins at octet `at`. */
export function note<L extends Kind & { readonly kind: LayerKind }>(
  cursor: Cursor,
  table: Header<L>,
  error: {
    readonly kind: ParseError['kind'];
    readonly field: keyof Header<L>['octetOf'] & string;
    readonly at: number;
    readonly need: number;
    readonly have: number;
  },
): void {
  const at = error.at + table.octetOf[error.field];
  cursor.errors.push({ ...error, layer: table.kind, at });
}

/** Notes that the fixed part of a header is cut off; the rest is raw. */
export function cutOff<L extends { readonly kind: LayerKind }>(
  cursor: Cursor,
  table: Header<L>,
): 'raw' {
  const have = cursor.end - cursor.at;
  const need = table.lengthOctets;
  let field = '';
  let at = 0;
  let bits = 0;
  for (const [name, row] of Object.entries<{ readonly bits: number }>(table.fields)) {
    field = name;
    at = bits >> 3;
    bits += row.bits;
    if (bits > have * 8) break;
  }
  at += cursor.at;
  cursor.errors.push({ kind: 'truncated', layer: table.kind, field, at, need, have });
  return 'raw';
}
