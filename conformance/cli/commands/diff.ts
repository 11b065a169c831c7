/** `prismspec diff`: how two runs, or two bundles, differ. */
import { diffRuns, hasNewFailure } from '../../report/diff.ts';
import { diffReport } from '../../report/diff-text.ts';
import { palette } from '../../report/table.ts';
import { EXIT, type ExitCode } from '../../verdict/exit-code.ts';
import { readRunOrBundle } from '../run-file.ts';

/** Prints how run `second` differs from run `first`; exit 1 when it has failures of its own. */
export function diffCommand(first: string, second: string): ExitCode {
  const [a, b] = [readRunOrBundle(first), readRunOrBundle(second)];
  const difference = diffRuns(a, b);
  const paint = palette(process.stdout.isTTY && !process.env['NO_COLOR']);
  process.stdout.write(`${diffReport(a, b, difference, paint).join('\n')}\n`);
  return hasNewFailure(difference) ? EXIT.failure : EXIT.conformant;
}
