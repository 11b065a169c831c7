/** Field lines: name, colon, value. RFC 9112 section 5, RFC 9110 section 5. */
import type { Result } from 'scapy-ts';
import type { Fault, RejectReason } from './reject.ts';

/** One field line. */
export interface Field {
  /** As it was sent; names are compared without regard to case. */
  readonly name: string;
  /** One character an octet, without the whitespace around it. */
  readonly value: string;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const NONE: readonly string[] = [];
const CONTENT_LENGTH = /^[0-9]+$/;

/** Whether a text is a token. RFC 9110 section 5.6.2. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Reads the lines from number `first` on, which is at offset `at`. */
export function parseFields(
  lines: readonly string[],
  first: number,
  at: number,
): Result<readonly Field[], Fault> {
  const fields: Field[] = [];
  let lineAt = at;
  for (let index = first; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon));
    if (colon < 0 || !isToken(name)) {
      return { ok: false, error: { reason: nameFault(line, colon), at: lineAt } };
    }
    fields.push({ name, value: trim(line, colon + 1) });
    lineAt += line.length + 2;
  }
  return { ok: true, value: fields };
}

/** The values of all fields of a name, in order; `name` is in lower case. */
export function valuesOf(fields: readonly Field[], name: string): readonly string[] {
  let values: string[] | undefined;
  for (const field of fields) {
    if (field.name.length !== name.length || field.name.toLowerCase() !== name) continue;
    if (values === undefined) values = [field.value];
    else values.push(field.value);
  }
  return values ?? NONE;
}

/** The members of a comma-separated list, in lower case; empty ones too. RFC 9110 section 5.6.1. */
export function listOf(values: readonly string[]): readonly string[] {
  return values.flatMap((value) => value.split(',').map((member) => trim(member, 0).toLowerCase()));
}

/** The number of a Content-Length, or undefined; from 2^53 on it is not exact. */
export function parseContentLength(text: string): number | undefined {
  return CONTENT_LENGTH.test(text) ? Number(text) : undefined;
}

function nameFault(line: string, colon: number): RejectReason {
  if (line.startsWith(' ') || line.startsWith('\t')) return 'obs-fold';
  if (colon < 0) return 'field-line';
  const before = line.charAt(colon - 1);
  return before === ' ' || before === '\t' ? 'space-before-colon' : 'field-name';
}

/** The text from `start` on without SP and HTAB around it; other whitespace is obs-text. */
function trim(text: string, start: number): string {
  let from = start;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from += 1;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}
