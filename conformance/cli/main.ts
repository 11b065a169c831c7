/** The command line: words in, an exit status out. */
import { Command, CommanderError } from 'commander';
import { closeSession } from '../run/session.ts';
import { EXIT, type ExitCode } from '../verdict/exit-code.ts';
import { doctorCommand, type DoctorOptions } from './commands/doctor.ts';
import { killTableCommand, type KillTableOptions } from './commands/kill-table.ts';
import { explainCommand, listCommand } from './commands/list.ts';
import { runCommand, type RunOptions } from './commands/run.ts';
import { Complaint } from './complaint.ts';
import { levelName, REPORTS, reportNames, wholeNumber } from './options.ts';
import { suiteVersion } from './suite.ts';

const DEFAULT_SEED = 1;

function program(done: (exit: ExitCode) => void): Command {
  const root = new Command('prismspec')
    .description('Judges Prism switches, requirement by requirement.')
    .version(suiteVersion())
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /u, 'prismspec: ')),
    });
  root
    .command('run')
    .description('judge a device')
    .argument('[SPEC...]', 'PRISM-SEQ-04, PRISM-SEQ, RFC9293/3.4, @tag; !SPEC leaves out')
    .option('--target <file|name>', 'the device: reference, or a YAML file', 'reference')
    .option('--level <level>', 'the weakest level that the exit status counts', levelName, 'MUST')
    .option('--seed <n>', 'seed of generated packets', wholeNumber(0), DEFAULT_SEED)
    .option('--effort <n>', 'times as many generated packets', wholeNumber(1), 1)
    .option('--report <list>', `any of ${REPORTS.join(',')}`, reportNames, [...REPORTS])
    .option('--out <dir>', 'where reports go (default: reports/out/NAME)')
    .option('--min-tests <n>', 'least number of decided requirements', wholeNumber(1), 1)
    .action(async (specs: string[], options: RunOptions) => done(await runCommand(specs, options)));
  root
    .command('list')
    .description('print the catalogue, or what SPEC selects of it')
    .argument('[SPEC...]')
    .action((specs: string[]) => done(listCommand(specs)));
  root
    .command('explain')
    .description('print all that is known of one requirement')
    .argument('<ID>')
    .action((id: string) => done(explainCommand(id)));
  root
    .command('doctor')
    .description('check that a device can be judged at all, and that the suite can fail one')
    .option('--target <file|name>', 'the device: reference, or a YAML file', 'reference')
    .option('--prove', 'run the suite on a broken device, which must fail', false)
    .option('--kill-table', 'run the suite on every defect and every correct variation', false)
    .option('--only <name...>', 'with --kill-table: these defects and variations alone', [])
    .option('--out <file>', 'with --kill-table: where the page goes', 'docs/kill-table.md')
    .option('--check', 'with --kill-table: compare with that page instead', false)
    .action(async (options: DoctorOptions & KillTableOptions & { killTable: boolean }) =>
      done(await (options.killTable ? killTableCommand(options) : doctorCommand(options))),
    );
  return root;
}

function exitOfError(error: unknown): ExitCode {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? EXIT.conformant : EXIT.usage;
  }
  if (error instanceof Complaint) {
    process.stderr.write(`prismspec: ${error.message}\n`);
    return error.exit;
  }
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`prismspec: a fault of the suite itself, please report it\n${told}\n`);
  return EXIT.ownFault;
}

/** Runs one command; resolves to the exit status of the process. */
export async function main(words: readonly string[]): Promise<ExitCode> {
  process.once('SIGINT', () => {
    // The device is ended too: it may have started processes and made files.
    void closeSession().finally(() => process.exit(EXIT.interrupted));
  });
  let exit: ExitCode = EXIT.conformant;
  try {
    await program((status) => {
      exit = status;
    }).parseAsync(words, { from: 'user' });
    return exit;
  } catch (error) {
    return exitOfError(error);
  }
}
