/** What the programs of a Prism have alike. */
import { fstatSync } from 'node:fs';
import { readPlan, type Plan } from './plan.ts';

/** What runs until it is closed. */
export interface Running {
  close(): void;
}

/** Starts what `start` makes of the plan and the words behind it on the command line. */
export async function runProgram(
  usage: string,
  start: (plan: Plan, words: readonly string[]) => Running | Promise<Running>,
): Promise<void> {
  const [file, ...words] = process.argv.slice(2);
  if (file === undefined) {
    process.stderr.write(`usage: ${usage}\n`);
    process.exit(64);
  }
  const running = await start(readPlan(file), words);
  const end = (): void => {
    running.close();
    process.exit(0);
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  endWithParent(end);
  process.stdout.write('ready\n');
}

/** A parent that holds the other end of standard input is a parent that must not be outlived. */
function endWithParent(end: () => void): void {
  const input = fstatSync(0);
  if (!input.isFIFO() && !input.isSocket()) return;
  process.stdin.on('end', end);
  process.stdin.resume();
}
