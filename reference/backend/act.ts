/** The effects of one turn, said shortly. */
import { CONTROLLER, type ConnectionMessage } from '../handoff/message.ts';
import { keyText } from '../rules/rule.ts';
import type { ConnectionEffect } from './event.ts';
import type { Turn } from './state.ts';

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** What is done at the connection of the turn. */
export function act({ effects, connection }: Turn, effect: Without<ConnectionEffect, 'key'>): void {
  effects.push({ ...effect, key: connection.key });
}

/** Says something about the connection, to the controller unless another is named. */
export function send(
  { effects, connection }: Turn,
  message: Without<ConnectionMessage, 'key' | 'epoch'>,
  to: string = CONTROLLER,
): void {
  const { key, epoch } = connection;
  effects.push({ kind: 'send', to, message: { ...message, key, epoch } });
}

/** Sets the connection's one timer anew; undefined stops it. */
export function setTimer(turn: Turn, afterMs: number | undefined): void {
  act(turn, { kind: 'timer', afterMs });
}

/** Forgets the connection. */
export function forget(turn: Turn): void {
  setTimer(turn, undefined);
  turn.state.connections.delete(keyText(turn.connection.key));
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
