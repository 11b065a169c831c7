/** A program with one thing wrong, as an edit of the right one. */
import type { Result } from 'scapy-ts';

/** What an engineer forgot or mistook, and the requirement that has to tell. */
export interface ProgramDefect {
  /** Unique; small letters and hyphens. */
  readonly name: string;
  /** What the switch does, in a sentence. */
  readonly sentence: string;
  /** Id of the requirement that has to fail. */
  readonly breaks: string;
  /** The file that the edit is in. */
  readonly file: 'prism.p4' | 'bridge.p4';
  /** Occurs in the file exactly once. */
  readonly find: string;
  /** Has no more lines than that. */
  readonly replace: string;
}

/**
 * The text of the defect's file with the defect in it; an error says why it cannot be there.
 *
 * It has as many lines as before: p4c names things after lines, and all of these names would be
 * part of the difference.
 */
export function withDefect(
  { name, file, find, replace }: ProgramDefect,
  text: string,
): Result<string, string> {
  const occurrences = text.split(find).length - 1;
  if (occurrences !== 1) {
    return {
      ok: false,
      error: `${name}: what it edits occurs ${occurrences} times in ${file}, not once: ${find}`,
    };
  }
  const lost = linesIn(find) - linesIn(replace);
  if (lost < 0) return { ok: false, error: `${name}: what it writes has more lines than it edits` };
  return { ok: true, value: text.replace(find, () => replace + '\n'.repeat(lost)) };
}

function linesIn(text: string): number {
  return text.split('\n').length;
}
