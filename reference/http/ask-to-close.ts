/** A request after whose answer the server is to close. RFC 9112 section 9.6. */

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
  const octets = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let length = 0;
  for (const part of parts) {
    octets.set(part, length);
    length += part.length;
  }
  const end = octets.findIndex((_, at) => isLineEnd(octets, at) && isLineEnd(octets, at + 2)) + 2;
  if (end === 1) return octets;
  const asked = new Uint8Array(length + FIELD.length);
  asked.set(octets.subarray(0, end));
  asked.set(FIELD, end);
  asked.set(octets.subarray(end), end + FIELD.length);
  return asked;
}

function isLineEnd(octets: Uint8Array, at: number): boolean {
  return octets[at] === CR && octets[at + 1] === LF;
}
