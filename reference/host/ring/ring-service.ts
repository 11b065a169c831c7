/**
 * What the thread of a ring switch does: it waits for frames and commands alike.
 *
 * It says `undefined` when it switches, and then the number of each command with its reply.
 */
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { poll, POLLIN, receive } from '../socket.ts';
import type { RingLoop } from './ring-loop.ts';
import type { RingTask } from './ring-thread.ts';

/** Leases end this much late at most. */
const TURN_MS = 10;

/** Runs a switch whose bell is `bell`, until the thread ends. */
export function serveRing(
  { turn, execute }: Pick<RingLoop, 'turn' | 'execute'>,
  bell: number,
): never {
  if (parentPort === null) throw new Error('not a thread of a ring switch');
  const octets = new Uint8Array(64);
  parentPort.postMessage(undefined, []);
  // The loop of Node.js is not used: it cannot wait for packet sockets.
  for (;;) {
    turn(TURN_MS);
    while ((poll(bell, POLLIN, 0) & POLLIN) !== 0) receive(bell, octets);
    let task: { readonly message: RingTask } | undefined;
    while ((task = receiveMessageOnPort(parentPort)) !== undefined) {
      const { number, command } = task.message;
      parentPort.postMessage([number, execute(command)], []);
    }
  }
}
