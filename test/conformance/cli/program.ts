/** The program as a user starts it, for tests: a process of its own, two at a time. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../../tools/prismspec.mjs', import.meta.url));

/** What a process leaves. */
export interface Ended {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `prismspec` with `words`; resolves when it has ended. */
export type Program = (words: readonly string[], env?: NodeJS.ProcessEnv) => Promise<Ended>;

/** How many commands run at a time. */
const LANES = 2;

function start(words: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...words], {
      cwd,
      env: { ...process.env, NO_COLOR: undefined, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject).on('close', (exit) => resolve({ exit, stdout, stderr }));
  });
}

/** The program, started in the folder `cwd`. */
export function programIn(cwd: string): Program {
  const lanes: Promise<unknown>[] = Array.from({ length: LANES }, () => Promise.resolve());
  let turn = 0;
  return (words, env = {}) => {
    const lane = (turn += 1) % LANES;
    const ended = (lanes[lane] ?? Promise.resolve()).then(() => start(words, cwd, env));
    lanes[lane] = ended.catch(() => undefined);
    return ended;
  };
}
