/**
 * The command line: words in, an exit status out.
 *
 * A command is loaded when it is asked for: what the others need takes longer than many a run.
 */
import { Command, CommanderError, Option } from 'commander';
import { closeOpened } from '../run/opened.ts';
import { EXIT, type ExitCode } from '../verdict/exit-code.ts';
import type { BaselineOptions } from './commands/baseline.ts';
import type { CheckOptions } from './commands/check.ts';
import type { DoctorOptions } from './commands/doctor.ts';
import type { LabOptions } from './commands/lab.ts';
import type { KillTableOptions } from './commands/kill-table.ts';
import { initCommand, INIT_DRIVERS, INIT_LANGUAGES, type InitOptions } from './commands/init.ts';
import type { ReplayOptions, ShrinkOptions } from './commands/replay.ts';
import type { RunOptions } from './commands/run.ts';
import { Complaint } from './complaint.ts';
import { levelName, REPORTS, reportNames, wholeNumber } from './options.ts';
import { studyCommands } from './study-words.ts';
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
    .option(
      '--target <file|name>',
      'reference, sim, lab (whole Prisms), balancer-sim, balancer-lab, url-switch-sim or a YAML file',
      'reference',
    )
    .option('--level <level>', 'the weakest level that the exit status counts', levelName, 'MUST')
    .option('--seed <n>', 'seed of generated packets', wholeNumber(0), DEFAULT_SEED)
    .option('--effort <n>', 'times as many generated packets', wholeNumber(1), 1)
    .option('--report <list>', `any of ${REPORTS.join(',')}`, reportNames, [...REPORTS])
    .option('--out <dir>', 'where reports go (default: reports/out/NAME)')
    .option('--min-tests <n>', 'least number of decided requirements', wholeNumber(1), 1)
    .option('--repeat <n>', 'times that every scenario is run', wholeNumber(1), 1)
    .option('--baseline <file>', 'failures that are known')
    .option('--captures', 'where stories are told: keep the frames of every scenario', false)
    .action(async (specs: string[], options: RunOptions) => {
      const { runCommand } = await import('./commands/run.ts');
      done(await runCommand(specs, options));
    });
  root
    .command('list')
    .description('print the catalogue, or what SPEC selects of it')
    .argument('[SPEC...]')
    .action(async (specs: string[]) => {
      const { listCommand } = await import('./commands/list.ts');
      done(listCommand(specs));
    });
  root
    .command('explain')
    .description('print all that is known of one requirement')
    .argument('<ID>')
    .action(async (id: string) => {
      const { explainCommand } = await import('./commands/list.ts');
      done(explainCommand(id));
    });
  root
    .command('doctor')
    .description('check that a device can be judged at all, and that the suite can fail one')
    .option(
      '--target <file|name>',
      'the name of a device, a whole Prism or a server switch, or a YAML file',
      'reference',
    )
    .option('--prove', 'run the suite on a broken device, which must fail', false)
    .option('--kill-table', 'run the suite on every defect and every correct variation', false)
    .option('--whole', 'with --kill-table: the whole suite on each defect; slow', false)
    .option('--only <name...>', 'with --kill-table: these defects and variations alone', [])
    .option('--out <file>', 'with --kill-table: where the page goes', 'docs/kill-table.md')
    .option('--check', 'with --kill-table: compare with that page instead', false)
    .action(async (options: DoctorOptions & KillTableOptions & { killTable: boolean }) => {
      if (options.killTable) {
        const { killTableCommand } = await import('./commands/kill-table.ts');
        done(await killTableCommand(options));
      } else {
        const { doctorCommand } = await import('./commands/doctor.ts');
        done(await doctorCommand(options));
      }
    });
  root
    .command('diff')
    .description(
      'print how run B differs from run A: folders with reports, run.json files, or bundles',
    )
    .argument('<A>')
    .argument('<B>')
    .action(async (a: string, b: string) => {
      const { diffCommand } = await import('./commands/diff.ts');
      done(diffCommand(a, b));
    });
  root
    .command('init')
    .description('write a device that runs, to be made into your own')
    .addOption(
      new Option('--driver <name>', 'how the suite reaches it')
        .choices(INIT_DRIVERS)
        .default('stdio'),
    )
    .addOption(
      new Option('--lang <name>', 'its language, with --driver stdio').choices(INIT_LANGUAGES),
    )
    .option('--out <dir>', 'where it goes; no file there is overwritten', 'my-switch')
    .action((options: InitOptions) => done(initCommand(options)));
  bundleCommands(root, done);
  baselineCommands(root, done);
  captureCommands(root, done);
  labCommands(root, done);
  studyCommands(root, done);
  return root;
}

function labCommands(root: Command, done: (exit: ExitCode) => void): void {
  const lab = root.command('lab').description('the real Prism on this kernel; needs root');
  const networked = (name: string, description: string): Command =>
    lab
      .command(name)
      .description(description)
      .option('--rate <rate>', 'limit of every link, as tc writes it: 1gbit')
      .addOption(
        new Option('--switch <kind>', 'its switch').choices([
          'bpf',
          'ring',
          'p4-model',
          'bmv2',
          'netfpga-sim',
        ]),
      )
      .option('--out <dir>', 'where the timeline goes (default: reports/out/lab)');
  networked('up', 'bring it up, to be used by hand').action(async (options: LabOptions) => {
    const { labUpCommand } = await import('./commands/lab.ts');
    done(await labUpCommand(options));
  });
  networked('demo', 'show what it does').action(async (options: LabOptions) => {
    const { labDemoCommand } = await import('./commands/lab.ts');
    done(await labDemoCommand(options));
  });
  lab
    .command('down')
    .description('take it down')
    .action(async () => {
      const { labDownCommand } = await import('./commands/lab.ts');
      done(await labDownCommand());
    });
}

function captureCommands(root: Command, done: (exit: ExitCode) => void): void {
  root
    .command('check')
    .description('judge captures alone, no device at hand')
    .argument('<CLIENT>', "pcap or pcapng of the client's side of the switch")
    .argument('[BACKEND]', "of the backends' side")
    .argument('[CONTROLLER]', "of the controller's port")
    .option('--level <level>', 'the weakest level that the exit status counts', levelName, 'MUST')
    .addOption(new Option('--report <name>', 'write a report too').choices(['json']))
    .option('--out <dir>', 'where the report goes (default: reports/out/check)')
    .action(async (client: string, backend: string, controller: string, options: CheckOptions) => {
      const { checkCommand } = await import('./commands/check.ts');
      const paths = [client, backend, controller].filter((path) => path !== undefined);
      done(checkCommand(paths, options));
    });
}

function bundleCommands(root: Command, done: (exit: ExitCode) => void): void {
  root
    .command('replay')
    .description('do a failure again, from the bundle that it left')
    .argument('<BUNDLE>', 'a file *.prismbug')
    .option('--target <file|name>', 'the device (default: that of the bundle, if it is built in)')
    .action(async (file: string, options: ReplayOptions) => {
      const { replayCommand } = await import('./commands/replay.ts');
      done(await replayCommand(file, options));
    });
  root
    .command('shrink')
    .description('make the packet sequence of a bundle smaller, and write another bundle')
    .argument('<BUNDLE>', 'a file *.prismbug')
    .option('--target <file|name>', 'the device (default: that of the bundle, if it is built in)')
    .option('--out <file>', 'the bundle to write (default: BUNDLE-shrunk.prismbug)')
    .action(async (file: string, options: ShrinkOptions) => {
      const { shrinkCommand } = await import('./commands/replay.ts');
      done(await shrinkCommand(file, options));
    });
}

function baselineCommands(root: Command, done: (exit: ExitCode) => void): void {
  root
    .command('baseline')
    .description('failures that are known')
    .command('update')
    .description('make the failures of a run known ones, until a day')
    .requiredOption('--run <dir|run.json>', 'the run')
    .requiredOption('--issue <url>', 'where the failures are dealt with')
    .requiredOption('--expires <date>', 'the last day on which they are excused')
    .option('--baseline <file>', 'the file to write', 'baseline.yaml')
    .option('--prune', 'drop the entries of requirements that passed', false)
    .action(async (options: BaselineOptions) => {
      const { baselineUpdateCommand } = await import('./commands/baseline.ts');
      done(baselineUpdateCommand(options));
    });
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
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      void closeOpened().finally(() => process.exit(EXIT.interrupted));
    });
  }
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
