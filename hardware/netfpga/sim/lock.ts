/** One process at a time, by a lock of flock(1): who dies lets go of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const WAIT_MAX_SECONDS = 900;

/** Does `work` while nobody else does any under the lock of the file at `path`; throws its errors. */
export async function underLock(path: string, work: () => Promise<void>): Promise<void> {
  const words = ['--timeout', String(WAIT_MAX_SECONDS), path, 'sh', '-c', 'echo; exec cat'];
  const holder = spawn('flock', words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = once(holder, 'close');
  // It speaks when it has the lock, and ends with its input.
  await Promise.race([once(holder.stdout, 'data'), gone.then(() => refuse(path))]);
  try {
    await work();
  } finally {
    holder.stdin.end();
    await gone;
  }
}

function refuse(path: string): never {
  throw new Error(`flock: no lock of ${path} within ${WAIT_MAX_SECONDS} s`);
}
