/** What only a controller does in one turn, said shortly. */
import type { ConnectionMessage } from '../handoff/message.ts';
import type { Without } from '../owner/act.ts';
import type { ConnectionEffect, RuleCommand } from './event.ts';
import type { Turn } from './state.ts';

/** What is done at the connection of the turn. */
export function act({ effects, connection }: Turn, effect: Without<ConnectionEffect, 'key'>): void {
  effects.push({ ...effect, key: connection.key });
}

/** Gives the switch a command about the connection. */
export function command(turn: Turn, given: RuleCommand): void {
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
