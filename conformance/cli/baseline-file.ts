/** The baseline file that the user named. */
import { readFileSync } from 'node:fs';
import { parseBaseline, type BaselineEntry } from '../baseline/entry.ts';
import { EXIT } from '../verdict/exit-code.ts';
import { Complaint } from './complaint.ts';

/** The entries of the baseline file `path`; complains with 64 or 65. */
export function readBaseline(path: string): readonly BaselineEntry[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new Complaint(EXIT.usage, `no baseline can be read from ${path}`);
  }
  const parsed = parseBaseline(text, path);
  if (!parsed.ok) throw new Complaint(EXIT.badInput, parsed.error);
  return parsed.value;
}
