/** What a backend that owns a connection says: whose the next request is, and when it is over. */
import { CONTROLLER, type ConnectionMessage } from '../handoff/message.ts';
import { setTimer } from '../owner/act.ts';
import { subjectOf } from '../policy/brief.ts';
import { send } from './act.ts';
import { backendAt, decideFor } from './choosing.ts';
import type { Phase } from './connection.ts';
import type { ControllerEffect } from './event.ts';
import { isWorthHandOff } from './learning.ts';
import { beginMigration } from './migration.ts';
import { deleteRule, endConnection } from './phases.ts';
import { canTake, isKnown, type Turn } from './state.ts';

type Closed = Extract<ConnectionMessage, { readonly kind: 'closed' }>;
type Move = Extract<ConnectionMessage, { readonly kind: 'move' }>;

/** What a backend still holds of a connection that is not on its way is of no use any more. */
export function cancelUnknown(
  from: string,
  { kind, key, epoch }: ConnectionMessage,
  effects: ControllerEffect[],
): void {
  if (kind === 'imported') {
    effects.push({ kind: 'send', to: from, message: { kind: 'cancel', key, epoch } });
  }
  if (kind === 'offer') {
    effects.push({ kind: 'send', to: from, message: { kind: 'release', key, epoch } });
  }
  if (kind === 'move') {
    effects.push({ kind: 'send', to: from, message: { kind: 'stay', key, epoch } });
  }
}

/** The commit, or the release, may have been lost; a request may be for another backend. */
export function onAwayMessage(turn: Turn, from: string, message: ConnectionMessage): void {
  const { phase } = turn.connection;
  if (phase.kind !== 'away') return;
  const isOwner = from === phase.owner && message.epoch === phase.epoch;
  if (message.kind === 'imported' && isOwner) {
    send(turn, from, { kind: 'commit', epoch: message.epoch, instance: message.instance });
    if (phase.from !== CONTROLLER) {
      send(turn, phase.from, { kind: 'release', epoch: message.epoch });
    }
  } else if (message.kind === 'move' && isOwner) move(turn, phase.owner, message);
  else if (!isOwner) cancelUnknown(from, message, turn.effects);
}

/** The owner of before has it: it is as if this controller had handed it off. */
export function onAdopted(turn: Turn, from: string, { kind, epoch }: ConnectionMessage): void {
  const { phase } = turn.connection;
  if (phase.kind !== 'adopting' || kind !== 'committed' || from !== phase.owner) return;
  if (!isKnown(turn.state, from)) return;
  setTimer(turn, undefined);
  turn.connection.phase = { kind: 'away', owner: from, from: CONTROLLER, epoch };
}

/** The owner asks about a request that it may not serve by itself. */
function move(turn: Turn, owner: string, { request, epoch, ask }: Move): void {
  const decision = decideFor(turn, subjectOf(request), owner, ask);
  if (decision === 503) {
    send(turn, owner, { kind: 'stay', epoch });
    return;
  }
  // What is refused is answered by the controller; what must pass it is read there.
  const next = typeof decision === 'object' ? backendAt(turn, decision.backend) : undefined;
  if (next === undefined || typeof decision !== 'object' || decision.isPassedOn) {
    beginMigration(turn, owner, CONTROLLER);
  } else if (next.name === owner) send(turn, owner, { kind: 'serve', epoch, ask });
  else {
    // What is small is passed on by the controller, without another move for the next one.
    const isWorth = canTake(turn, next) && isWorthHandOff(turn.state, request);
    beginMigration(turn, owner, isWorth ? next.name : CONTROLLER);
  }
}

/** Whether a backend has the connection in this phase, and tells what becomes of it. */
export function isAway(
  phase: Phase,
): phase is Extract<
  Phase,
  { readonly owner: string; readonly kind: 'away' | 'adopting' | 'dismissing' }
> {
  return phase.kind === 'away' || phase.kind === 'adopting' || phase.kind === 'dismissing';
}

/** The owner's socket is gone. */
export function onClosed(turn: Turn, from: string, { how }: Closed): void {
  const { connection } = turn;
  const { phase } = connection;
  if (isAway(phase) && phase.owner === from) endConnection(turn, how === 'finished');
  if (phase.kind !== 'migrating') return;
  if (phase.to === from && phase.step === 'committing') endConnection(turn, how === 'finished');
  // Asked for the next owner, it has lost its client instead.
  if (phase.from === from && (phase.step === 'locking' || phase.step === 'moving')) {
    deleteRule(turn);
  }
}
