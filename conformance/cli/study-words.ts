/** The words of `prismspec study`. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ExitCode } from '../verdict/exit-code.ts';
import type { StudyOptions } from './commands/study.ts';
import { wholeNumber } from './options.ts';

const REQUESTS = 1_000_000;
const SEED = 1;
const NODES = [1, 2, 4, 8, 16];
/** The most nodes of a simulated cluster. */
const MOST_NODES = 64;

/** Numbers of nodes, separated by commas; each once, ascending. */
function nodeCounts(text: string): readonly number[] {
  const counts = text.split(',').map((word) => (/^\d{1,3}$/u.test(word) ? Number(word) : 0));
  if (counts.some((count) => count < 1 || count > MOST_NODES)) {
    throw new InvalidArgumentError(
      `expected whole numbers of 1 to ${MOST_NODES}, separated by commas: 4,8,16`,
    );
  }
  return [...new Set(counts)].toSorted((a, b) => a - b);
}

/** Adds `study` to the command line. */
export function studyCommands(root: Command, done: (exit: ExitCode) => void): void {
  root
    .command('study')
    .description('simulations, from which a page of answers comes')
    .command('lard')
    .description('compare LARD with other ways of choosing a backend')
    .addOption(
      new Option('--trace <file>', 'an access log, Common or Combined; .gz is unpacked').conflicts([
        'requests',
        'seed',
      ]),
    )
    .option('--requests <n>', 'requests of a synthetic trace', wholeNumber(1), REQUESTS)
    .option('--seed <n>', 'its seed', wholeNumber(0), SEED)
    .option('--nodes <list>', `numbers of nodes, 1 to ${MOST_NODES}`, nodeCounts, NODES)
    .option('--out <dir>', 'where page and text go', 'reports/out/study')
    .action(async (options: StudyOptions) => {
      const { studyLardCommand } = await import('./commands/study.ts');
      done(await studyLardCommand(options));
    });
}
