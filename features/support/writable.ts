/** A story as text for people. */

/** For `JSON.stringify`: octets as text, so that requests can be read. */
export function writable(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? new TextDecoder('latin1').decode(value) : value;
}
