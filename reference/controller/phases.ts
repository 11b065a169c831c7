/** The phases that every part of the controller can lead to. */
import { errorResponse, type ErrorStatus } from '../http/answers.ts';
import { CONTROLLER, type ConnectionMessage } from '../handoff/message.ts';
import { setTimer, write } from '../owner/act.ts';
import { NO_KEEPS } from '../policy/keep.ts';
import { keyText } from '../rules/rule.ts';
import type { TcpSnapshot } from '../tcp/snapshot.ts';
import { act, command, send } from './act.ts';
import type { Holder, Phase } from './connection.ts';
import type { Turn } from './state.ts';
import { nextEpoch } from './state.ts';

type Deleting = Extract<Phase, { readonly kind: 'deleting' }>;
type Recalling = Extract<Phase, { readonly kind: 'recalling' }>;
type Offer = Extract<ConnectionMessage, { readonly kind: 'offer' }>;

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

/**
 * Deletes the rule, and then forgets the connection; its client is reset by what remains of it, here
 * or at the `holder`.
 */
export function deleteRule(turn: Turn, remains?: TcpSnapshot, holder?: Holder): void {
  turn.connection.phase = { kind: 'deleting', tries: 0, remains, holder };
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
export function endDeleting(turn: Turn, { remains, holder }: Deleting): void {
  if (turn.connection.sideRules.pop() !== undefined) deleteRule(turn, remains, holder);
  else if (remains !== undefined) resetWith(turn, remains);
  else if (holder !== undefined) recall(turn, { kind: 'recalling', tries: 0, holder });
  else forget(turn);
}

/** A reset of the client by a connection that is nobody's. */
function resetWith(turn: Turn, remains: TcpSnapshot): void {
  act(turn, { kind: 'import', snapshot: remains });
  act(turn, { kind: 'thaw' });
  act(turn, { kind: 'abort' });
  forget(turn);
}

/** Asks the holder for what remains, as for a migration to the controller. */
export function recall(turn: Turn, phase: Recalling): void {
  turn.connection.phase = phase;
  const { backend, epoch } = phase.holder;
  send(turn, backend, { kind: 'export', epoch, to: CONTROLLER, instance: 0, keeps: NO_KEEPS });
  setTimer(turn, turn.state.config.retryMs);
}

/** The holder has not answered. */
export function repeatRecall(turn: Turn, phase: Recalling): void {
  phase.tries += 1;
  if (phase.tries < turn.state.config.triesMax) recall(turn, phase);
  else forget(turn);
}

/** A backend offers what nobody wants: if it is all that remains, the client is reset with it. */
export function onRemains(turn: Turn, from: string, { epoch, transfer }: Offer): void {
  const { connection } = turn;
  const { phase } = connection;
  send(turn, from, { kind: 'release', epoch });
  if (phase.kind !== 'deleting' && phase.kind !== 'recalling') return;
  const { holder } = phase;
  if (holder?.backend !== from || holder.epoch !== epoch) return;
  if (phase.kind === 'recalling') resetWith(turn, transfer.snapshot);
  else connection.phase = { ...phase, remains: transfer.snapshot, holder: undefined };
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
export function abandon(turn: Turn, remains?: TcpSnapshot, holder?: Holder): void {
  act(turn, { kind: remains === undefined ? 'abort' : 'drop' });
  deleteRule(turn, remains, holder);
}
