/** Tries devices in as many processes as there are cores. */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Outcome, Task } from './trial-worker.ts';

const WORKER = fileURLToPath(new URL('trial-worker.ts', import.meta.url));
const REGISTER = new URL('../../tools/register.mjs', import.meta.url).href;

/** Frames live for one scenario: with room for them, what is short-lived is seldom looked at. */
const ROOM = ['--max-semi-space-size=64'];

/** One process, that is given tasks until there are none left. */
async function work(tasks: Task[], onOutcome: (outcome: Outcome) => void): Promise<void> {
  const first = tasks.shift();
  if (first === undefined) return;
  const worker = fork(WORKER, { execArgv: ['--import', REGISTER, ...ROOM] });
  await new Promise<void>((resolve, reject) => {
    let trying: Task | undefined = first;
    worker.on('message', (message: Outcome) => {
      onOutcome(message);
      trying = tasks.shift();
      if (trying === undefined) worker.disconnect();
      else worker.send(trying);
    });
    worker.on('error', reject);
    worker.on('exit', (status) => {
      if (trying === undefined) resolve();
      else reject(new Error(`the process that tried ${trying.name} ended with status ${status}`));
    });
    worker.send(first);
  });
}

/** Performs all of `tasks`; outcomes come as they are ready. Rejects when a process fails. */
export async function tryAll(
  tasks: readonly Task[],
  onOutcome: (outcome: Outcome) => void,
): Promise<void> {
  const left = [...tasks];
  await Promise.all(
    Array.from({ length: availableParallelism() }, async () => work(left, onOutcome)),
  );
}
