/** `prismspec init`: a device that already runs, to be made into one's own. */
import { constants, copyFileSync, existsSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { EXIT, type ExitCode } from '../../verdict/exit-code.ts';
import { Complaint } from '../complaint.ts';
import { SUITE_ROOT } from '../suite.ts';
import { writeIn } from '../write-file.ts';

/** A device that can be copied; the suite's own tests run it. */
interface Example {
  /** Files under `hardware`, the target file first. */
  readonly files: readonly [string, string];
  readonly told: string;
  /** Where it is written what the device is asked. */
  readonly read: string;
}

/** What all programs that speak prism-dut/1 have in common. */
const PROGRAM = {
  told: 'a device that runs. Make it yours, and then',
  read: 'The protocol is in docs/prism-dut-1.md, the way in docs/howto/your-device.md.',
} as const;

/** The programs, by language. */
const PROGRAMS: Readonly<Record<string, Example>> = {
  python: { files: ['stdio/device-py.yaml', 'stdio/device.py'], ...PROGRAM },
  go: { files: ['stdio/device-go.yaml', 'stdio/device.go'], ...PROGRAM },
};

/** A command from capture to capture. */
const COMMAND: Example = {
  files: ['tcprewrite/handoff.yaml', 'tcprewrite/rewrite.mjs'],
  told: 'tcprewrite (Debian: tcpreplay) as a device. Put your command in its place, and then',
  read: 'What the command is given is in hardware/README.md, the way in docs/howto/your-device.md.',
};

/** The drivers that a device can be begun for. */
export const INIT_DRIVERS: readonly string[] = ['stdio', 'pcap-files'];
/** The languages that there are examples in. */
export const INIT_LANGUAGES: readonly string[] = Object.keys(PROGRAMS);

/** Options of `init`. */
export interface InitOptions {
  readonly driver: string;
  readonly lang?: string;
  readonly out: string;
}

function exampleFor({ driver, lang }: InitOptions): Example {
  if (driver === 'pcap-files') {
    if (lang === undefined) return COMMAND;
    throw new Complaint(EXIT.usage, '--lang is for --driver stdio: pcap-files starts any command');
  }
  const program = lang === undefined ? undefined : PROGRAMS[lang];
  if (program !== undefined) return program;
  throw new Complaint(EXIT.usage, `--lang is missing: expected ${INIT_LANGUAGES.join(' or ')}`);
}

/** Copies all of `files` to the folder `out`, or none; over nothing. */
function copyAll(files: readonly string[], out: string): readonly string[] {
  const copies = files.map((file) => join(out, basename(file)));
  const there = copies.find((path) => existsSync(path));
  if (there !== undefined) {
    throw new Complaint(EXIT.usage, `${there} is there already, and nothing was written`);
  }
  const written: string[] = [];
  writeIn(out, () => {
    try {
      for (const file of files) {
        const copy = join(out, basename(file));
        copyFileSync(join(SUITE_ROOT, 'hardware', file), copy, constants.COPYFILE_EXCL);
        written.push(copy);
      }
    } catch (error) {
      for (const each of written) rmSync(each, { force: true });
      throw error;
    }
  });
  return copies;
}

/** Copies an example to a folder; tells what to do next. */
export function initCommand(options: InitOptions): ExitCode {
  const { files, told, read } = exampleFor(options);
  const copies = copyAll(files, options.out);
  const [target = ''] = copies;
  const lines = [
    `wrote ${copies.join(' and ')}: ${told}`,
    '',
    `  npx prismspec doctor --target ${target}`,
    `  npx prismspec run --target ${target}`,
    '  npx prismspec explain PRISM-REW-01',
    '',
    read,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return EXIT.conformant;
}
