/**
 * Responses in the octets that a client received. RFC 9112 sections 4 to 7.
 *
 * Whoever stands between client and server may frame a response anew and add fields; what must be
 * the same is found by taking the framing off. A response that breaks a rule of RFC 9112 ends the
 * reading, and is a fault of who sent it.
 */
import type { ClientOutcome } from '../driver/system.ts';
import { concat } from '../traffic/octets.ts';

/** A response, its framing taken off. */
export interface HttpAnswer {
  readonly status: number;
  /** In order; names in lower case. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly content: Uint8Array;
  /** False where the octets ended before it did. */
  readonly isWhole: boolean;
}

/** What was read. */
export interface ReadAnswers {
  /** Those of status 1xx, but 101, are not among them; the last one may be cut off. */
  readonly answers: readonly HttpAnswer[];
  /** What cannot be read, in words. */
  readonly fault: string | undefined;
}

interface Cut {
  readonly content: Uint8Array;
  readonly next: number;
  readonly isWhole: boolean;
}

const STATUS_LINE = /^HTTP\/1\.[01] (?<status>[1-5]\d\d) [\t\u0020-\u007e\u0080-\u00ff]*$/u;
const FIELD_LINE = /^(?<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*(?<value>[^\0\r\n]*?)[\t ]*$/u;
const CHUNK_LINE = /^(?<size>[0-9A-Fa-f]{1,8})(?:[\t ]*;[^\r\n]*)?$/u;
const HEAD_END = '\r\n\r\n';

/** One letter for each octet. */
export function lettersOf(octets: Uint8Array): string {
  return new TextDecoder('latin1').decode(octets);
}

/** The values of a field, in order; `name` in lower case. */
export function fieldValues({ fields }: Pick<HttpAnswer, 'fields'>, name: string): string[] {
  return fields.flatMap(([each, value]) => (each === name ? [value] : []));
}

/** The parts of a field whose value is a list, in lower case. RFC 9110 section 5.6.1. */
function listOf(answer: Pick<HttpAnswer, 'fields'>, name: string): readonly string[] {
  const parts = fieldValues(answer, name).flatMap((value) => value.split(','));
  return parts.map((part) => part.trim().toLowerCase()).filter((part) => part !== '');
}

/** A head without its empty line; a text says what is wrong with it. */
function readHead(text: string): Pick<HttpAnswer, 'status' | 'fields'> | string {
  const [first = '', ...lines] = text.split('\r\n');
  const status = STATUS_LINE.exec(first)?.groups?.['status'];
  if (status === undefined) return `no status line: ${JSON.stringify(first.slice(0, 60))}`;
  const fields: (readonly [string, string])[] = [];
  for (const line of lines) {
    const { name, value } = FIELD_LINE.exec(line)?.groups ?? {};
    if (name === undefined || value === undefined) return `no field: ${JSON.stringify(line)}`;
    fields.push([name.toLowerCase(), value]);
  }
  return { status: Number(status), fields };
}

/** The content of chunks that begin at `from`; a text says what is wrong with them. */
function readChunks(octets: Uint8Array, letters: string, from: number): Cut | string {
  const parts: Uint8Array[] = [];
  const cut = (next: number, isWhole: boolean): Cut => {
    return { content: concat(...parts), next, isWhole };
  };
  for (let at = from; ;) {
    const end = letters.indexOf('\r\n', at);
    if (end < 0) return cut(octets.length, false);
    const line = letters.slice(at, end);
    const digits = CHUNK_LINE.exec(line)?.groups?.['size'];
    if (digits === undefined) return `no chunk: ${JSON.stringify(line.slice(0, 60))}`;
    const size = Number.parseInt(digits, 16);
    if (size === 0) {
      // A trailer section ends in an empty line, which may follow at once.
      const last = letters.startsWith('\r\n', end + 2) ? end : letters.indexOf(HEAD_END, end + 2);
      return last < 0 ? cut(octets.length, false) : cut(last + HEAD_END.length, true);
    }
    parts.push(octets.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
    if (at > octets.length) return cut(octets.length, false);
    if (!letters.startsWith('\r\n', at - 2)) return 'a chunk longer than its size';
  }
}

/** What follows a head, by RFC 9112 section 6.3; a text says what is wrong with it. */
function readContent(
  answer: Pick<HttpAnswer, 'status' | 'fields'>,
  method: string,
  octets: Uint8Array,
  letters: string,
  from: number,
  hasEnded: boolean,
): Cut | string {
  const { status } = answer;
  const isEmpty = method === 'HEAD' || status < 200 || status === 204 || status === 304;
  if (isEmpty) return { content: new Uint8Array(0), next: from, isWhole: true };
  const codings = listOf(answer, 'transfer-encoding');
  const lengths = new Set(listOf(answer, 'content-length'));
  if (codings.length > 0 && lengths.size > 0) return 'both Transfer-Encoding and Content-Length';
  if (lengths.size > 1) return 'two values of Content-Length';
  if (codings.at(-1) === 'chunked') return readChunks(octets, letters, from);
  const [length] = lengths;
  if (length === undefined) {
    return { content: octets.subarray(from), next: octets.length, isWhole: hasEnded };
  }
  if (!/^\d{1,15}$/u.test(length)) return `Content-Length: ${length}`;
  const next = from + Number(length);
  const content = octets.subarray(from, next);
  return { content, next: Math.min(next, octets.length), isWhole: next <= octets.length };
}

/** Reads what a client received on a connection on which it sent requests with these methods. */
export function readAnswers(
  { received, end }: Pick<ClientOutcome, 'received' | 'end'>,
  methods: readonly string[],
): ReadAnswers {
  const letters = lettersOf(received);
  const answers: HttpAnswer[] = [];
  for (let at = 0; at < received.length;) {
    const method = methods[answers.length];
    if (method === undefined) {
      const rest = JSON.stringify(letters.slice(at, at + 60));
      return { answers, fault: `behind the last answer ${rest}` };
    }
    const headEnd = letters.indexOf(HEAD_END, at);
    if (headEnd < 0)
      return { answers, fault: `no whole head: ${JSON.stringify(letters.slice(at, at + 60))}` };
    const head = readHead(letters.slice(at, headEnd));
    if (typeof head === 'string') return { answers, fault: head };
    const from = headEnd + HEAD_END.length;
    const cut = readContent(head, method, received, letters, from, end === 'finished');
    if (typeof cut === 'string') return { answers, fault: cut };
    const { content, next, isWhole } = cut;
    // What a 101 leads to is no HTTP any more.
    if (head.status === 101)
      return { answers: [...answers, { ...head, content, isWhole }], fault: undefined };
    if (head.status >= 200) answers.push({ ...head, content, isWhole });
    at = next;
  }
  return { answers, fault: undefined };
}
