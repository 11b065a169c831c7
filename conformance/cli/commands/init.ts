/** `prismspec init`: a device that already runs, to be made into one's own. */
import { constants, copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, type ExitCode } from '../../verdict/exit-code.ts';
import { Complaint } from '../complaint.ts';
import { SUITE_ROOT } from '../suite.ts';

/** The files of each example: the target file first. The suite's own tests run them. */
const EXAMPLES: Readonly<Record<string, readonly [string, string]>> = {
  python: ['device-py.yaml', 'device.py'],
  go: ['device-go.yaml', 'device.go'],
};

/** The drivers that a device can be begun for. */
export const INIT_DRIVERS: readonly string[] = ['stdio'];
/** The languages that there are examples in. */
export const INIT_LANGUAGES: readonly string[] = Object.keys(EXAMPLES);

/** Options of `init`. */
export interface InitOptions {
  readonly driver: string;
  readonly lang: string;
  readonly out: string;
}

/** Copies the example in a language to a folder, over nothing; tells what to do next. */
export function initCommand({ lang, out }: InitOptions): ExitCode {
  const files = EXAMPLES[lang];
  if (files === undefined) throw new Error(`no example in ${lang}`);
  const there = files.map((file) => join(out, file)).find((path) => existsSync(path));
  if (there !== undefined) {
    throw new Complaint(EXIT.usage, `${there} is there already, and nothing was written`);
  }
  try {
    mkdirSync(out, { recursive: true });
    for (const file of files) {
      const from = join(SUITE_ROOT, 'hardware', 'stdio', file);
      copyFileSync(from, join(out, file), constants.COPYFILE_EXCL);
    }
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    throw new Complaint(EXIT.usage, `nothing can be written to ${out}: ${told}`);
  }
  const target = join(out, files[0]);
  const lines = [
    `wrote ${target} and ${join(out, files[1])}: a device that runs. Make it yours, and then`,
    '',
    `  npx prismspec doctor --target ${target}`,
    `  npx prismspec run --target ${target}`,
    `  npx prismspec explain PRISM-RULE-09`,
    '',
    'The protocol is in docs/prism-dut-1.md, the way in docs/howto/your-device.md.',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return EXIT.conformant;
}
