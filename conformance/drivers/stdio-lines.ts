/** Lines of UTF-8 text out of a stream of octets, with a bound on what is kept. */
import type { Result } from 'scapy-ts';

/** Why no more lines can be had of a stream. */
export type LineFault = 'too-long' | 'not-utf8';

/** Takes octets as they come. */
export interface LineReader {
  /** The lines that `chunk` completes, without their ends; after a fault the reader is of no use. */
  push(chunk: Uint8Array): Result<readonly string[], LineFault>;
}

const LINE_FEED = 10;

/** A reader that keeps at most `maxOctets` of a line that has not ended. */
export function createLineReader(maxOctets: number): LineReader {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let parts: Uint8Array[] = [];
  let kept = 0;

  function take(part: Uint8Array): boolean {
    kept += part.length;
    parts.push(part);
    return kept <= maxOctets;
  }

  function line(): string {
    const [only] = parts;
    const octets = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
    parts = [];
    kept = 0;
    return decoder.decode(octets);
  }

  return {
    push(chunk): Result<readonly string[], LineFault> {
      const lines: string[] = [];
      let from = 0;
      for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
        if (!take(chunk.subarray(from, at))) return { ok: false, error: 'too-long' };
        try {
          lines.push(line());
        } catch {
          return { ok: false, error: 'not-utf8' };
        }
        from = at + 1;
      }
      if (from < chunk.length && !take(chunk.subarray(from))) {
        return { ok: false, error: 'too-long' };
      }
      return { ok: true, value: lines };
    },
  };
}
