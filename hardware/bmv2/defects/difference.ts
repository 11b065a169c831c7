/**
 * A difference between two texts, as `diff -U0` writes it (POSIX diff, "unified", no context):
 *
 *   @@ -FROM,COUNT +FROM,COUNT @@    COUNT 1 is left out; FROM is the line before, if COUNT is 0
 *   -a line that goes
 *   +a line that comes
 */
import type { Result } from 'scapy-ts';

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@$/u;

/** `text` with the difference in it; an error names the first line that is not as it was. */
export function applyDifference(text: string, difference: string): Result<string, string> {
  const lines = text.split('\n');
  const written: string[] = [];
  let at = 0;
  for (const line of hunksOf(difference)) {
    const hunk = HUNK.exec(line);
    if (hunk !== null) {
      const from = Number(hunk[1]) - (hunk[2] === '0' ? 0 : 1);
      written.push(...lines.slice(at, from));
      at = from;
    } else if (line.startsWith('+')) {
      written.push(line.slice(1));
    } else if (line.startsWith('-') && lines[at] === line.slice(1)) {
      at += 1;
    } else {
      return { ok: false, error: `line ${at + 1} is ${lines[at] ?? 'not there'}, not ${line}` };
    }
  }
  return { ok: true, value: [...written, ...lines.slice(at)].join('\n') };
}

/** The lines from the first hunk on: what stands before names the two texts. */
function hunksOf(difference: string): readonly string[] {
  const lines = difference.trimEnd().split('\n');
  const first = lines.findIndex((line) => HUNK.test(line));
  return first < 0 ? [] : lines.slice(first);
}
