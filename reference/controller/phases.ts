/** The phases that every part of the controller can lead to. */
import { errorResponse, type ErrorStatus } from '../http/answers.ts';
import { setTimer, write } from '../owner/act.ts';
import { keyText } from '../rules/rule.ts';
import type { TcpSnapshot } from '../tcp/snapshot.ts';
import { act, command } from './act.ts';
import type { Turn } from './state.ts';
import { nextEpoch } from './state.ts';

/** The connection is the controller's, and the next request is to be read within a bounded time. */
export function readNext(turn: Turn): void {
  turn.connection.phase = { kind: 'reading' };
  setTimer(turn, turn.state.config.headMs);
}

/** Answers with an error and closes; what the client still sends is thrown away. */
export function answer(turn: Turn, status: ErrorStatus): void {
  write(turn, errorResponse(status));
  closeConnection(turn);
}

/** FIN after all that was written; the client's time to do the same begins when it has all. */
export function closeConnection(turn: Turn): void {
  const { connection, state } = turn;
  connection.phase = { kind: 'closing' };
  connection.requests.rest();
  act(turn, { kind: 'finish' });
  setTimer(turn, connection.isAllSent ? state.config.closeMs : undefined);
}

/** The connection is over: its rule lingers for late segments, or goes at once. */
export function endConnection(turn: Turn, lingers: boolean): void {
  const { connection, state } = turn;
  if (!connection.hasRule && connection.sideRules.length === 0) forget(turn);
  else if (lingers) {
    connection.phase = { kind: 'lingering' };
    setTimer(turn, state.config.lingerMs);
  } else deleteRule(turn);
}

/** Deletes the rule, and then forgets the connection; its client is reset by what remains of it. */
export function deleteRule(turn: Turn, remains?: TcpSnapshot): void {
  turn.connection.phase = { kind: 'deleting', tries: 0, remains };
  nextEpoch(turn);
  sayDelete(turn);
}

/** Says that the rule goes, and waits for the answer. */
export function sayDelete(turn: Turn): void {
  const { key, epoch, sideRules } = turn.connection;
  command(turn, { op: 'delete', key: sideRules.at(-1) ?? key, epoch });
  setTimer(turn, turn.state.config.retryMs);
}

/** The rule is gone, or nobody says so: a client that only waits is told that nobody answers. */
export function endDeleting(turn: Turn, remains: TcpSnapshot | undefined): void {
  if (turn.connection.sideRules.pop() !== undefined) {
    deleteRule(turn, remains);
    return;
  }
  if (remains !== undefined) {
    act(turn, { kind: 'import', snapshot: remains });
    act(turn, { kind: 'thaw' });
    act(turn, { kind: 'abort' });
  }
  forget(turn);
}

/** Nothing more is known of the connection. */
export function forget(turn: Turn): void {
  setTimer(turn, undefined);
  turn.state.connections.delete(keyText(turn.connection.key));
}

/** The client is reset, so that it does not take a part for the whole. */
export function resetConnection(turn: Turn): void {
  act(turn, { kind: 'abort' });
  endConnection(turn, false);
}

/** No owner is left. What the controller holds would be in the way of the lock, and waits for it. */
export function abandon(turn: Turn, remains?: TcpSnapshot): void {
  act(turn, { kind: remains === undefined ? 'abort' : 'drop' });
  deleteRule(turn, remains);
}
