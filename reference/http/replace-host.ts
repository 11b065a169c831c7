/**
 * A request whose target names its host: the Host field says the same when it is passed on, whatever
 * the client has written there. RFC 9112 section 3.2.2.
 */
import { concat } from './concat.ts';
import { valuesOf } from './fields.ts';
import type { RequestHead } from './request-head.ts';

const LATIN1 = new TextDecoder('latin1');
/** The whole field but for its end; names have no case. */
const HOST_LINE = /\r\nhost:[^\r]*/iu;

/** What the Host field has to say; undefined where it may stay as it is. */
export function hostToSay({
  form,
  host,
  fields,
}: Pick<RequestHead, 'form' | 'host' | 'fields'>): string | undefined {
  if (form !== 'absolute' || host === undefined) return undefined;
  const [field] = valuesOf(fields, 'host');
  const { name, port } = host;
  const said = port === undefined ? name : `${name}:${port}`;
  return field === undefined || field.toLowerCase() === said ? undefined : said;
}

/** Octets, in parts, in which the first Host field says `host`; a whole head is at their beginning. */
export function replaceHost(parts: readonly Uint8Array[], host: string): Uint8Array {
  const octets = concat(parts);
  const { index, 0: line = '' } = HOST_LINE.exec(LATIN1.decode(octets)) ?? {};
  if (index === undefined) return octets;
  const said = new TextEncoder().encode(`\r\nHost: ${host}`);
  return concat([octets.subarray(0, index), said, octets.subarray(index + line.length)]);
}
