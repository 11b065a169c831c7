/**
 * Where a message's content ends, and whether the connection goes on after it.
 *
 * RFC 9112 sections 6.3 and 9.3. What two readers could understand differently is refused.
 */
import type { Result } from 'scapy-ts';
import type { Field } from './fields.ts';
import { listOf, parseContentLength, valuesOf } from './fields.ts';
import type { RejectReason } from './reject.ts';

/** The versions that are framed. */
export type HttpVersion = '1.0' | '1.1';

/** How the end of the content is found. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly octets: number }
  | { readonly kind: 'chunked' }
  /** Responses only: the content ends with the stream. */
  | { readonly kind: 'until-close' };

/** A framing, or the rule that the fields break. */
export type FramingResult = Result<Framing, RejectReason>;

/** No content. */
export const NO_CONTENT: Framing = { kind: 'none' };
const CODING = /^([!#$%&'*+.^_`|~0-9a-z-]+)(?:[ \t]*;.*)?$/;
const CHUNKED: Framing = { kind: 'chunked' };
const UNTIL_CLOSE: Framing = { kind: 'until-close' };

/** The framing of a request. RFC 9112 section 6.3. */
export function requestFraming(version: HttpVersion, fields: readonly Field[]): FramingResult {
  return framing(version, fields, NO_CONTENT, (codings) => {
    if (codings.at(-1) !== 'chunked') return { ok: false, error: 'coding-not-final' };
    if (codings.length > 1) return { ok: false, error: 'coding-unknown' };
    return { ok: true, value: CHUNKED };
  });
}

/** The framing of a response that may have content. RFC 9112 section 6.3. */
export function responseFraming(version: HttpVersion, fields: readonly Field[]): FramingResult {
  return framing(version, fields, UNTIL_CLOSE, (codings) => ({
    ok: true,
    value: codings.at(-1) === 'chunked' ? CHUNKED : UNTIL_CLOSE,
  }));
}

/** Whether the sender lets the connection go on after this message. RFC 9112 section 9.3. */
export function isKeptAlive(version: HttpVersion, fields: readonly Field[]): boolean {
  const options = listOf(valuesOf(fields, 'connection'));
  if (options.includes('close')) return false;
  return version === '1.1' || options.includes('keep-alive');
}

/** Whether a switch to another protocol is asked for. RFC 9110 section 7.8. */
export function isUpgrade(version: HttpVersion, fields: readonly Field[]): boolean {
  return (
    version === '1.1' &&
    valuesOf(fields, 'upgrade').some((protocols) => protocols !== '') &&
    listOf(valuesOf(fields, 'connection')).includes('upgrade')
  );
}

function framing(
  version: HttpVersion,
  fields: readonly Field[],
  absent: Framing,
  ofCodings: (codings: readonly string[]) => FramingResult,
): FramingResult {
  const lengths = valuesOf(fields, 'content-length');
  const codings = valuesOf(fields, 'transfer-encoding');
  if (codings.length > 0) {
    if (lengths.length > 0) return { ok: false, error: 'length-and-coding' };
    if (version === '1.0') return { ok: false, error: 'coding-version' };
    const names = listOf(codings);
    if (!names.every(isCoding)) return { ok: false, error: 'coding-invalid' };
    if (names.slice(0, -1).includes('chunked')) return { ok: false, error: 'coding-not-final' };
    return ofCodings(names);
  }
  const [text] = lengths;
  if (text === undefined) return { ok: true, value: absent };
  // RFC 9110 section 8.6 lets a recipient mend identical lengths; the next one might read a list.
  if (lengths.length > 1 || text.includes(',')) return { ok: false, error: 'length-repeated' };
  const octets = parseContentLength(text);
  if (octets === undefined) return { ok: false, error: 'length-invalid' };
  return { ok: true, value: { kind: 'length', octets } };
}

/** A token, and parameters that are of no use here; chunked has none. RFC 9112 section 7. */
function isCoding(text: string): boolean {
  const [, name] = CODING.exec(text) ?? [];
  return name !== undefined && (name !== 'chunked' || text === name);
}
