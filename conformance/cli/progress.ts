/** The line that says how far a run is. */
import type { CaseResult } from '../run/collect.ts';

/** Where the line is written: a terminal is overwritten, anything else gets few lines. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Shows a line as things are done, and clears it at the end. */
export interface Progress<T> {
  show(done: T): void;
  end(): void;
}

/** Every how many per cent a line is written where there is no terminal. */
const STEP_PERCENT = 25;

/** Progress over `total` things; `line` words how many are done, the last of them being `T`. */
function progressOf<T>(
  total: number,
  output: ProgressOutput,
  line: (done: number, last: T) => string,
): Progress<T> {
  let done = 0;
  let shownPercent = 0;
  return {
    show(last): void {
      done += 1;
      const percent = Math.floor((100 * done) / total);
      const text = line(done, last);
      if (output.isTTY === true) output.write(`\r\u{1b}[K${text}`);
      else if (percent >= shownPercent + STEP_PERCENT) {
        shownPercent = percent;
        output.write(`${text}\n`);
      }
    },
    end(): void {
      if (output.isTTY === true) output.write('\r\u{1b}[K');
    },
  };
}

/** Which round of how many. */
export interface Round {
  readonly round: number;
  readonly of: number;
}

/** Progress over `total` scenarios of one round. */
export function createProgress(
  total: number,
  output: ProgressOutput,
  { round, of }: Round = { round: 1, of: 1 },
): Progress<CaseResult> {
  const prefix = of === 1 ? '' : `round ${round}/${of}, `;
  let failed = 0;
  return progressOf(total, output, (done, { verdict, requirements }) => {
    if (verdict.kind === 'fail') failed += 1;
    return `  ${prefix}${done}/${total} scenarios, ${failed} failed  ${requirements[0] ?? ''}`;
  });
}

/** Progress over `total` things that are called `noun`, each told by its name. */
export function countedProgress(
  total: number,
  noun: string,
  output: ProgressOutput,
): Progress<string> {
  return progressOf(total, output, (done, name) => `  ${done}/${total} ${noun}  ${name}`);
}
