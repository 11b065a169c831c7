/**
 * The line before a chunk: its size in hexadecimal, and extensions that nobody needs to know.
 *
 *   1a;name=value;name="quoted \" value"
 *
 * RFC 9112 section 7.1.
 */
import type { Result } from 'scapy-ts';
import type { RejectReason } from './reject.ts';

/** What a chunk line says. */
export interface ChunkLine {
  /** Octets of content; 0 for the last chunk; from 2^53 on it is not exact. */
  readonly size: number;
  /** Octets of the line after the digits. */
  readonly extensionOctets: number;
}

const SIZE = /^[0-9A-Fa-f]+/;
// Sticky, one extension at a time: a pattern for the whole line would backtrack.
const EXTENSION =
  /[ \t]*;[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:[ \t]*=[ \t]*(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+|"(?:[^"\\]|\\.)*"))?/y;

/** Reads a chunk line without its CRLF. */
export function parseChunkLine(line: string): Result<ChunkLine, RejectReason> {
  const [digits] = SIZE.exec(line) ?? [];
  if (digits === undefined) return { ok: false, error: 'chunk-size' };
  let at = digits.length;
  while (at < line.length) {
    EXTENSION.lastIndex = at;
    if (!EXTENSION.test(line)) return { ok: false, error: 'chunk-extension' };
    at = EXTENSION.lastIndex;
  }
  const size = Number.parseInt(digits, 16);
  return { ok: true, value: { size, extensionOctets: line.length - digits.length } };
}
