/**
 * The thread of `startRingThread`: it waits for frames and commands alike.
 *
 * It says `undefined` when it switches, and then the number of each command with its reply.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { poll, POLLIN, receive } from '../socket.ts';
import { openRingSwitch } from './ring-switch.ts';
import type { RingTask, RingWork } from './ring-thread.ts';

/** Leases end this much late at most. */
const TURN_MS = 10;

if (parentPort === null) throw new Error('not a thread of a ring switch');
const { options, bell }: RingWork = workerData;
const ring = openRingSwitch({ ...options, bell });
const octets = new Uint8Array(64);
parentPort.postMessage(undefined, []);
// The loop of Node.js is not used: it cannot wait for packet sockets.
for (;;) {
  ring.turn(TURN_MS);
  while ((poll(bell, POLLIN, 0) & POLLIN) !== 0) receive(bell, octets);
  let task: { readonly message: RingTask } | undefined;
  while ((task = receiveMessageOnPort(parentPort)) !== undefined) {
    const { number, command } = task.message;
    parentPort.postMessage([number, ring.execute(command)], []);
  }
}
