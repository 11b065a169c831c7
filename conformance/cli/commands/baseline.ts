/** `prismspec baseline update`: makes the failures of a run known ones. */
import { existsSync } from 'node:fs';
import { DAY, formatEntry, ISSUE, type BaselineEntry } from '../../baseline/entry.ts';
import { rewriteBaseline } from '../../baseline/text.ts';
import { updateBaseline } from '../../baseline/update.ts';
import { EXIT, type ExitCode } from '../../verdict/exit-code.ts';
import { entriesOf, readBaselineText } from '../baseline-file.ts';
import { today } from '../today.ts';
import { Complaint } from '../complaint.ts';
import { readRun } from '../run-file.ts';
import { writeWhole } from '../write-file.ts';

/** Options of `baseline update`. */
export interface BaselineOptions {
  readonly run: string;
  readonly baseline: string;
  readonly issue: string;
  readonly expires: string;
  readonly prune: boolean;
}

function say(title: string, entries: readonly BaselineEntry[]): void {
  if (entries.length === 0) return;
  const lines = entries.map((entry) => `\n    ${formatEntry(entry)}`);
  process.stdout.write(`  ${title}: ${entries.length}${lines.join('')}\n`);
}

/** Complains of an option that is not what the baseline file takes there. */
function demand(option: string, text: string, schema: typeof ISSUE): void {
  const { success, error } = schema.safeParse(text);
  if (success) return;
  throw new Complaint(EXIT.usage, `${option} ${text}: ${error.issues[0]?.message ?? ''}`);
}

/** Writes the baseline anew, and prints what becomes of each entry. */
export function baselineUpdateCommand(options: BaselineOptions): ExitCode {
  const { run: path, baseline, issue, expires, prune } = options;
  demand('--issue', issue, ISSUE);
  demand('--expires', expires, DAY);
  const day = today();
  if (expires < day)
    throw new Complaint(EXIT.usage, `--expires ${expires} is over: today is ${day}`);
  const run = readRun(path);
  if (run.exit >= EXIT.usage) {
    throw new Complaint(
      EXIT.badInput,
      `${path}: the run ended with status ${run.exit}: no verdicts`,
    );
  }
  const text = existsSync(baseline) ? readBaselineText(baseline) : undefined;
  const before = text === undefined ? [] : entriesOf(text, baseline);
  const excuse = { issue, expires, today: day };
  const { added, renewed, kept, passed } = updateBaseline(
    before,
    run.hello,
    run.requirements,
    excuse,
  );
  const dropped = prune ? passed : [];
  writeWhole(baseline, rewriteBaseline(text, { before, dropped, renewed, added }));
  say('added', added);
  say(
    'renewed',
    renewed.map(({ after }) => after),
  );
  say(prune ? 'dropped, for they passed' : 'passed, --prune drops them', passed);
  process.stdout.write(`  ${baseline}: ${kept.length} other entries are kept as they are\n`);
  return EXIT.conformant;
}
