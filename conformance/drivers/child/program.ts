/** A program that runs in a process group of its own, so that nothing it started outlives it. */
import { spawn } from 'node:child_process';
import { createTail } from './tail.ts';

/** What is told of a program while it runs. */
export interface Listener {
  readonly output: (octets: Uint8Array) => void;
  /** It could not be started, for a reason that is told as text. */
  readonly notStarted: (told: string) => void;
  /** It has ended and all its output was told, or it has closed its output. */
  readonly ended: (how: string) => void;
}

/** A program that was started. */
export interface Program {
  write(text: string): void;
  /** No more will be written. */
  closeInput(): void;
  /** Gives the program, and not what it has started, a signal. */
  signal(name: NodeJS.Signals): void;
  /** Ends it and all that it started, whatever they do. */
  kill(): void;
  /** Resolves when it is gone. */
  readonly gone: Promise<void>;
  /** Undefined where it could not be started. */
  readonly pid: number | undefined;
  /** The end of its standard error, to be put behind a sentence. */
  lastWords(): string;
}

/** How long a program that closed its output may take to tell why, by its end. */
const LAST_WORDS_MS = 500;

/** Starts `cmd` in `folder`. */
export function startProgram(cmd: readonly string[], folder: string, listener: Listener): Program {
  const [program = '', ...words] = cmd;
  const child = spawn(program, words, { cwd: folder, detached: true, stdio: 'pipe' });
  const tail = createTail();
  let isGone = false;

  function kill(): void {
    if (child.pid === undefined || isGone) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Nothing is left of the group.
    }
  }

  function bury(): void {
    isGone = true;
    process.off('exit', kill);
  }

  const gone = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      bury();
      resolve();
      listener.notStarted(`${program}: ${error.message}`);
    });
    child.once('close', (status, signal) => {
      bury();
      resolve();
      listener.ended(`ended with ${signal ?? `status ${status}`}`);
    });
  });
  child.stdout.on('data', listener.output);
  child.stderr.on('data', (octets: Uint8Array) => tail.push(octets));
  // A program that is gone reads nothing: its end is told by the events above.
  child.stdin.on('error', () => undefined);
  // What it started must not keep its output open.
  child.once('exit', kill);
  child.stdout.once('end', () => {
    setTimeout(() => listener.ended('closed its standard output'), LAST_WORDS_MS).unref();
  });
  process.once('exit', kill);
  return {
    write: (text) => void child.stdin.write(text),
    closeInput: () => void child.stdin.end(),
    signal: (name) => void child.kill(name),
    kill,
    gone,
    pid: child.pid,
    lastWords: () => tail.told(),
  };
}
