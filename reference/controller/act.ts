/** The effects of one turn, said shortly. */
import type { Command } from '../control/command.ts';
import type { ConnectionMessage } from '../handoff/message.ts';
import type { ConnectionEffect } from './event.ts';
import type { Turn } from './state.ts';

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** What is done at the connection of the turn. */
export function act({ effects, connection }: Turn, effect: Without<ConnectionEffect, 'key'>): void {
  effects.push({ ...effect, key: connection.key });
}

/** Gives the switch a command about the connection. */
export function command(turn: Turn, given: Command): void {
  act(turn, { kind: 'command', command: given });
}

/** Says something about the connection to a backend. */
export function send(
  { effects, connection }: Turn,
  to: string,
  message: Without<ConnectionMessage, 'key'>,
): void {
  effects.push({ kind: 'send', to, message: { ...message, key: connection.key } });
}

/** Sets the connection's one timer anew; undefined stops it. */
export function setTimer(turn: Turn, afterMs: number | undefined): void {
  act(turn, { kind: 'timer', afterMs });
}

/** Writes a line into the connection's timeline. */
export function note(turn: Turn, what: string): void {
  act(turn, { kind: 'noted', what });
}

/** Writes to the client. */
export function write(turn: Turn, octets: Uint8Array): void {
  turn.connection.isAllSent = false;
  act(turn, { kind: 'write', octets });
}

/** Reads no more of a client that is far ahead of its answers, until it is no longer. */
export function limitHeld(turn: Turn): void {
  const { connection, state } = turn;
  const isFull = connection.requests.octets > state.config.heldOctetsMax;
  if (isFull === connection.isPaused) return;
  connection.isPaused = isFull;
  act(turn, { kind: isFull ? 'pause' : 'resume' });
}
