/**
 * A field more in the final response of a server, whose octets come in any portions.
 *
 *   HTTP/1.1 103 …   fields   blank line     an interim response stays as it is
 *   HTTP/1.1 200 …   fields  [field] blank line   content …
 *
 * The framing of a response that was read as whole does not change: only fields are added, as the
 * last of the head, and nothing else is touched. No octet waits but the CR of a line that may be
 * blank.
 */

/** Octets of responses in, octets with the field out. */
export type FieldAdder = (octets: Uint8Array) => Uint8Array;

const CR = 13;
const LF = 10;
const CRLF: readonly number[] = [CR, LF];
/** `HTTP/1.1 200`: where the first digit of the status is. */
const STATUS_AT = 9;
const DIGIT_1 = 49;
/** `HTTP/1.1 101`: after it nothing is HTTP, so that it is final. */
const SWITCHING = '101';

/** Adds the field to the first final response of what it is given, of which it has no octet yet. */
export function createFieldAdder(name: string, value: string): FieldAdder {
  const field = [...new TextEncoder().encode(`${name}: ${value}`), ...CRLF];
  let isDone = false;
  let isFirstLine = true;
  let status = '';
  let lineOctets = 0;
  let hasCr = false;

  function isFinal(): boolean {
    return status.codePointAt(0) !== DIGIT_1 || status === SWITCHING;
  }

  /** The line has ended with the LF that comes now; what of it leaves. */
  function endLine(): readonly number[] {
    const isBlank = lineOctets === 0;
    lineOctets = 0;
    hasCr = false;
    if (!isBlank) {
      isFirstLine = false;
      return [LF];
    }
    isDone = isFinal();
    if (isDone) return [...field, ...CRLF];
    isFirstLine = true;
    status = '';
    return CRLF;
  }

  function take(octet: number): readonly number[] {
    if (octet === LF && hasCr) return endLine();
    hasCr = octet === CR;
    if (hasCr) return lineOctets === 0 ? [] : [CR];
    if (isFirstLine && lineOctets >= STATUS_AT && status.length < SWITCHING.length) {
      status += String.fromCodePoint(octet);
    }
    lineOctets += 1;
    return [octet];
  }

  return (octets) => {
    if (isDone) return octets;
    const taken: number[] = [];
    for (const [at, octet] of octets.entries()) {
      taken.push(...take(octet));
      if (isDone) return Uint8Array.from([...taken, ...octets.subarray(at + 1)]);
    }
    return Uint8Array.from(taken);
  };
}
