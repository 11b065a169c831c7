/** The line that says how far a run is. */
import type { CaseResult } from '../run/collect.ts';

/** Where the line is written: a terminal is overwritten, anything else gets few lines. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Shows results as they come, and clears the line at the end. */
export interface Progress {
  show(result: CaseResult): void;
  end(): void;
}

/** Every how many per cent a line is written where there is no terminal. */
const STEP_PERCENT = 25;

/** Progress over `total` scenarios. */
export function createProgress(total: number, output: ProgressOutput): Progress {
  let done = 0;
  let failed = 0;
  let shownPercent = 0;
  return {
    show(result): void {
      done += 1;
      if (result.verdict.kind === 'fail') failed += 1;
      const percent = Math.floor((100 * done) / total);
      const line = `  ${done}/${total} scenarios, ${failed} failed  ${result.requirements[0] ?? ''}`;
      if (output.isTTY === true) output.write(`\r\u{1b}[K${line}`);
      else if (percent >= shownPercent + STEP_PERCENT) {
        shownPercent = percent;
        output.write(`${line}\n`);
      }
    },
    end(): void {
      if (output.isTTY === true) output.write('\r\u{1b}[K');
    },
  };
}
