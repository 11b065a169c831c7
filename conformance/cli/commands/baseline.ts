/** `prismspec baseline update`: makes the failures of a run known ones. */
import { existsSync, readFileSync } from 'node:fs';
import { formatEntry, parseBaseline, type BaselineEntry } from '../../baseline/entry.ts';
import { rewriteBaseline } from '../../baseline/text.ts';
import { updateBaseline } from '../../baseline/update.ts';
import { EXIT, type ExitCode } from '../../verdict/exit-code.ts';
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

/** Writes the baseline anew, and prints what becomes of each entry. */
export function baselineUpdateCommand(options: BaselineOptions): ExitCode {
  const { run: path, baseline, issue, expires, prune } = options;
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
  const text = existsSync(baseline) ? readFileSync(baseline, 'utf8') : undefined;
  const parsed = text === undefined ? undefined : parseBaseline(text, baseline);
  if (parsed?.ok === false) throw new Complaint(EXIT.badInput, parsed.error);
  const before = parsed?.value ?? [];
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
