/**
 * A ring switch in a thread of its own, so that this thread can wait for messages.
 *
 *   ask ─▶ command, and an octet through the bell ─▶ serveRing ─▶ reply ─▶ done
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Command, Reply } from '../../control/command.ts';
import { closeDescriptor, MSG_DONTWAIT, openSocketPair, send } from '../socket.ts';
import { AF_UNIX } from '../socket-address.ts';
import { SyscallError } from '../syscall.ts';
import type { RingOptions } from './ring-switch.ts';

/** What can be told to a thread. */
export type RingThreadOptions = Omit<RingOptions, 'clock' | 'onExpired' | 'bell'>;

/** What a thread begins with. */
export interface RingWork<Options> {
  readonly options: Options;
  readonly bell: number;
}

/** A command on its way to a thread. */
export interface RingTask {
  readonly number: number;
  readonly command: Command;
}

/** A switch that runs beside this thread; this process ends when it fails. */
export interface RingThread {
  /** Has a command performed; commands are performed in their order. */
  ask(command: Command, done: (reply: Reply) => void): void;
  close(): void;
}

const SOCK_DGRAM = 2;
const RING = new Uint8Array(1);

/** Starts a switch at devices of this thread's namespace, and answers when it switches. */
export function startRingThread(options: RingThreadOptions): Promise<RingThread> {
  return startThread(new URL('ring-worker.ts', import.meta.url), options);
}

/** The same for another switch: `program` gives it, and the bell that it is given, to `serveRing`. */
export async function startThread(program: URL, options: object): Promise<RingThread> {
  const [rope, bell] = openSocketPair(AF_UNIX, SOCK_DGRAM);
  const workerData: RingWork<object> = { options, bell };
  const worker = new Worker(program, { workerData });
  await once(worker, 'message');
  const awaited = new Map<number, (reply: Reply) => void>();
  let lastNumber = 0;
  worker.on('message', ([number, reply]: readonly [number, Reply]) => {
    awaited.get(number)?.(reply);
    awaited.delete(number);
  });
  return {
    ask(command, done) {
      lastNumber += 1;
      awaited.set(lastNumber, done);
      worker.postMessage({ number: lastNumber, command } satisfies RingTask, []);
      pull(rope);
    },
    close() {
      void worker.terminate().then(() => [rope, bell].forEach(closeDescriptor));
    },
  };
}

/** A bell that has not been heard yet need not ring again. */
function pull(rope: number): void {
  try {
    send(rope, RING, MSG_DONTWAIT);
  } catch (error) {
    if (!(error instanceof SyscallError) || error.errno !== 'EAGAIN') throw error;
  }
}
