/**
 * What the thread of a ring switch does: it waits for frames and commands alike.
 *
 * It says `undefined` when it switches, and then the number of each command with its reply.
 */
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import type { Command, Reply } from '../../control/command.ts';
import { poll, POLLIN, receive } from '../socket.ts';
import type { RingTask } from './ring-thread.ts';

/** A switch that runs whenever it is given a turn, as `RingLoop`; it may not wait for events. */
export interface Served {
  readonly execute: (command: Command) => Reply | Promise<Reply>;
  readonly turn: (timeoutMs: number) => number | Promise<number>;
}

/** Leases end this much late at most. */
const TURN_MS = 10;

/** Runs a switch whose bell is `bell`, until the thread ends. */
export async function serveRing({ turn, execute }: Served, bell: number): Promise<never> {
  if (parentPort === null) throw new Error('not a thread of a ring switch');
  const octets = new Uint8Array(64);
  parentPort.postMessage(undefined, []);
  // The loop of Node.js is not used: it cannot wait for packet sockets.
  for (;;) {
    await turn(TURN_MS);
    while ((poll(bell, POLLIN, 0) & POLLIN) !== 0) receive(bell, octets);
    let task: { readonly message: RingTask } | undefined;
    while ((task = receiveMessageOnPort(parentPort)) !== undefined) {
      const { number, command } = task.message;
      parentPort.postMessage([number, await execute(command)], []);
    }
  }
}
