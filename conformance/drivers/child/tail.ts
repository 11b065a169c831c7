/** The end of what a program wrote on standard error, for the message of a fault. */

/** Keeps the end of a stream of octets. */
export interface Tail {
  push(chunk: Uint8Array): void;
  /** The last lines, each on a line of its own, to be put behind a sentence. */
  told(): string;
}

const MAX_OCTETS = 4096;
const MAX_LINES = 20;

/** `text` with what would move a terminal's cursor made visible. */
export function printable(text: string): string {
  return text.replaceAll('\t', '  ').replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{b7}');
}

/** A tail of at most 4 kB and 20 lines. */
export function createTail(): Tail {
  let kept: Uint8Array = new Uint8Array(0);
  return {
    push(chunk): void {
      kept = Buffer.concat([kept, chunk.subarray(-MAX_OCTETS)]).subarray(-MAX_OCTETS);
    },
    told(): string {
      const text = new TextDecoder().decode(kept).trimEnd();
      if (text === '') return '; it wrote nothing on standard error';
      const lines = text.split(/\r?\n/u).slice(-MAX_LINES).map(printable);
      return `; its standard error ends\n${lines.map((line) => `    ${line}`).join('\n')}`;
    },
  };
}
