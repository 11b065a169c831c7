/** The baseline file that the user named. */
import { readFileSync } from 'node:fs';
import { parseBaseline, type BaselineEntry } from '../baseline/entry.ts';
import { EXIT } from '../verdict/exit-code.ts';
import { Complaint } from './complaint.ts';

/** The text of the baseline file `path`; complains with 64. */
export function readBaselineText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new Complaint(EXIT.usage, `no baseline can be read from ${path}`);
  }
}

/** The entries of `text`, the content of the baseline file `path`; complains with 65. */
export function entriesOf(text: string, path: string): readonly BaselineEntry[] {
  const parsed = parseBaseline(text, path);
  if (!parsed.ok) throw new Complaint(EXIT.badInput, parsed.error);
  return parsed.value;
}
