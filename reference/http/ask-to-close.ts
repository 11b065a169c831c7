/** A request after whose answer the server is to close. RFC 9112 section 9.6. */
import { concat } from './concat.ts';

const FIELD = new TextEncoder().encode('Connection: close\r\n');
const CR = 13;
const LF = 10;

/**
 * Octets, in parts, with `Connection: close` as the last field of the head that they begin with; as
 * they are where they hold no whole head.
 *
 * Of several such fields there are servers that believe the last.
 */
export function askToClose(parts: readonly Uint8Array[]): Uint8Array {
  const octets = concat(parts);
  const end = octets.findIndex((_, at) => isLineEnd(octets, at) && isLineEnd(octets, at + 2)) + 2;
  if (end === 1) return octets;
  return concat([octets.subarray(0, end), FIELD, octets.subarray(end)]);
}

function isLineEnd(octets: Uint8Array, at: number): boolean {
  return octets[at] === CR && octets[at + 1] === LF;
}
