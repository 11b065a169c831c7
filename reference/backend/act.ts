/** What only the agent of a backend does in one turn, said shortly. */
import { CONTROLLER, type ConnectionMessage } from '../handoff/message.ts';
import { setTimer, type Without } from '../owner/act.ts';
import { keyText } from '../rules/rule.ts';
import type { ConnectionEffect } from './event.ts';
import type { Turn } from './state.ts';

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

/** Forgets the connection. */
export function forget(turn: Turn): void {
  setTimer(turn, undefined);
  turn.state.connections.delete(keyText(turn.connection.key));
}
