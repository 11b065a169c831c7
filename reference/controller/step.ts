/**
 * The controller: one event in, effects out; no clock, no socket, no randomness.
 *
 *   opened ─▶ reading ── policy: small ─▶ proxying ─▶ reading
 *                │ policy: large
 *                ▼
 *            migrating ─▶ away ── the next request is for another ─▶ migrating ─▶ …
 *                           │ closed
 *                           ▼
 *                       lingering ─▶ deleting ─▶ (recalling) ─▶ forgotten
 */
import { CONTROLLER, type ConnectionMessage, type Message } from '../handoff/message.ts';
import { limitHeld, note, setTimer } from '../owner/act.ts';
import { keyText } from '../rules/rule.ts';
import { act, send } from './act.ts';
import { adoptRules, checkOwner } from './adoption.ts';
import { countBound } from './bound.ts';
import { configure, loseTargets, noteHealth, noteLoad, repeatDismissal } from './change.ts';
import { createConnection, type Proxying } from './connection.ts';
import type { ConnectionEvent, ControllerEffect, ControllerEvent, Opened } from './event.ts';
import {
  onExported,
  onExportFailed,
  onImported,
  onMigrationMessage,
  onReply,
  repeatMigration,
  turnBack,
} from './migration.ts';
import {
  onSilence,
  onUpstreamFailed,
  onUpstreamFinished,
  onUpstreamOctets,
  pump,
} from './proxy.ts';
import { learn } from './learning.ts';
import { cancelUnknown, isAway, onAdopted, onAwayMessage, onClosed } from './owning.ts';
import { advance } from './reading.ts';
import { considerSplicing, onSplicingEvent, repeatSplicing } from './splicing.ts';
import {
  abandon,
  answer,
  closeConnection,
  deleteRule,
  endConnection,
  endDeleting,
  onRemains,
  readNext,
  repeatRecall,
  resetConnection,
  sayDelete,
} from './phases.ts';
import type { ControllerState, Turn } from './state.ts';
import { isTimeToLook, watchSpliced } from './watching.ts';

export { createController, type ControllerState } from './state.ts';

/**
 * Performs one event on `state`, in place, and says what the controller does about it; `nowMs` is a
 * clock that does not go back, in milliseconds.
 */
export function step(
  state: ControllerState,
  event: ControllerEvent,
  nowMs: number,
): readonly ControllerEffect[] {
  const effects: ControllerEffect[] = [];
  state.nowMs = nowMs;
  switch (event.kind) {
    case 'opened':
      open(state, event, effects);
      break;
    case 'message':
      if (!isOfThisLife(state, event.from, event.message, effects)) break;
      if ('key' in event.message) onMessage(state, event.from, event.message, effects);
      break;
    case 'heartbeat':
      beat(state, effects);
      break;
    case 'listed':
      adoptRules(state, event.rules, effects);
      watchSpliced(state, event.rules, effects);
      break;
    case 'configure':
      configure(state, event, effects);
      break;
    case 'health':
      noteHealth(state, event, effects);
      break;
    case 'load':
      noteLoad(state, event.backend, event.load);
      break;
    default: {
      const connection = state.connections.get(keyText(event.key));
      if (connection !== undefined) {
        const turn = { state, connection, effects };
        onEvent(turn, event);
        advance(turn);
        limitHeld(turn);
        countBound(state, connection);
      }
    }
  }
  return effects;
}

/** Asks every backend whether it is there, and the switch what rules it has, if that is to be known. */
function beat(state: ControllerState, effects: ControllerEffect[]): void {
  state.beats += 1;
  if (!state.isListed || isTimeToLook(state)) effects.push({ kind: 'list' });
  for (const [name, pulse] of state.pulses) {
    pulse.missed += 1;
    if (pulse.missed === state.config.missedMax) lose(state, name, effects);
    effects.push({ kind: 'send', to: name, message: { kind: 'ping', count: pulse.missed } });
  }
}

/**
 * Whatever a backend says, it is there; unless it was said in an earlier life.
 *
 * A later life than the one that is known has nothing of what that one had.
 */
function isOfThisLife(
  state: ControllerState,
  name: string,
  message: Message,
  effects: ControllerEffect[],
): boolean {
  const pulse = state.pulses.get(name);
  if (pulse === undefined) return true;
  if (message.kind === 'pong' || message.kind === 'imported') {
    const { instance } = message;
    const known = pulse.instance ?? instance;
    if (instance < known) return false;
    if (instance > known) lose(state, name, effects);
    pulse.instance = instance;
  }
  pulse.missed = 0;
  return true;
}

function lose(state: ControllerState, name: string, effects: ControllerEffect[]): void {
  loseTargets(state, name);
  for (const connection of state.connections.values()) {
    onLost({ state, connection, effects }, name);
    countBound(state, connection);
  }
}

function open(state: ControllerState, event: Opened, effects: ControllerEffect[]): void {
  const { key, isSigned } = event;
  const before = state.connections.get(keyText(key));
  // A client that uses its port again has come past a rule that was about to go.
  const connection = createConnection(key, before?.epoch ?? 0, false, isSigned);
  connection.sideRules.push(...(before?.sideRules ?? []));
  state.connections.set(keyText(key), connection);
  if (before !== undefined) countBound(state, before);
  readNext({ state, connection, effects });
}

function onEvent(turn: Turn, event: ConnectionEvent): void {
  const { connection } = turn;
  const { phase } = connection;
  if (phase.kind === 'splicing') onSplicingEvent(turn, phase, event);
  switch (event.kind) {
    case 'received':
      receive(turn, event.octets);
      break;
    case 'peer-finished':
      connection.clientFinished = true;
      if (phase.kind === 'proxying') pump(turn, phase);
      break;
    case 'sent-all':
      connection.isAllSent = true;
      if (connection.phase.kind === 'closing') setTimer(turn, turn.state.config.closeMs);
      break;
    case 'reset':
    case 'ended':
      onGone(turn, event.kind === 'ended');
      break;
    case 'exported':
      if (phase.kind === 'migrating') onExported(turn, phase, event.snapshot);
      break;
    case 'export-failed':
      if (phase.kind === 'migrating') onExportFailed(turn, phase, event.reason);
      break;
    case 'imported':
      if (phase.kind === 'migrating') onImported(turn, phase, CONTROLLER);
      break;
    case 'import-failed':
      note(turn, `not imported: ${event.reason}`);
      if (phase.kind === 'migrating') turnBack(turn, phase);
      else if (phase.kind === 'proxying') onGone(turn, false);
      break;
    case 'upstream-bound':
    case 'upstream-frozen':
    case 'upstream-kept':
      break;
    case 'upstream-opened':
    case 'upstream-received':
    case 'upstream-finished':
    case 'upstream-failed':
      if (phase.kind === 'proxying') onUpstream(turn, phase, event);
      break;
    case 'replied':
      if (event.epoch !== connection.epoch) break;
      if (phase.kind === 'migrating') onReply(turn, phase, event.error);
      else if (phase.kind === 'deleting') endDeleting(turn, phase);
      break;
    case 'timeout':
      onTimeout(turn);
      break;
    case 'opened':
      break;
    default:
      event satisfies never;
  }
}

function receive(turn: Turn, octets: Uint8Array): void {
  const { connection } = turn;
  const { phase } = connection;
  if (phase.kind === 'migrating' && phase.transfer !== undefined) phase.early.push(octets);
  else if (phase.kind !== 'closing') connection.requests.push(octets);
  if (phase.kind === 'proxying') pump(turn, phase);
}

type UpstreamEvent = Extract<
  ConnectionEvent,
  { readonly kind: `upstream-${'opened' | 'received' | 'finished' | 'failed'}` }
>;

function onUpstream(turn: Turn, phase: Proxying, event: UpstreamEvent): void {
  switch (event.kind) {
    case 'upstream-opened':
      phase.isOpen = true;
      pump(turn, phase);
      break;
    case 'upstream-received':
      onUpstreamOctets(turn, phase, event.octets);
      if (turn.connection.phase === phase) considerSplicing(turn, phase);
      break;
    case 'upstream-finished':
      onUpstreamFinished(turn, phase);
      break;
    case 'upstream-failed':
      onUpstreamFailed(turn, phase);
      break;
    default:
      event satisfies never;
  }
}

/** The controller's socket is gone: by a reset of the client, or because all was said. */
function onGone(turn: Turn, isClean: boolean): void {
  const { connection } = turn;
  const { phase } = connection;
  if (phase.kind === 'proxying' || phase.kind === 'splicing') {
    act(turn, { kind: 'upstream-abort' });
  }
  if (phase.kind === 'migrating') {
    const { from, to, epoch } = phase;
    if (to !== CONTROLLER) send(turn, to, { kind: 'cancel', epoch });
    if (from !== CONTROLLER) send(turn, from, { kind: 'release', epoch });
    // The lock is in the way of all that may follow.
    deleteRule(turn);
    return;
  }
  if (phase.kind === 'splicing') deleteRule(turn);
  else if (!isAway(phase)) endConnection(turn, isClean);
}

function onTimeout(turn: Turn): void {
  const { connection, state } = turn;
  const { phase } = connection;
  switch (phase.kind) {
    case 'reading':
      if (connection.requests.octets > 0) answer(turn, 408);
      else closeConnection(turn);
      break;
    case 'migrating':
      repeatMigration(turn, phase);
      break;
    case 'closing':
      resetConnection(turn);
      break;
    case 'lingering':
      deleteRule(turn);
      break;
    case 'deleting':
      phase.tries += 1;
      if (phase.tries >= state.config.triesMax) endDeleting(turn, phase);
      else sayDelete(turn);
      break;
    case 'recalling':
      repeatRecall(turn, phase);
      break;
    case 'adopting':
      checkOwner(turn);
      break;
    case 'proxying':
      onSilence(turn, phase);
      break;
    case 'splicing':
      repeatSplicing(turn, phase);
      break;
    case 'dismissing':
      repeatDismissal(turn);
      break;
    case 'away':
    case 'spliced':
      break;
    default:
      phase satisfies never;
  }
}

function onMessage(
  state: ControllerState,
  from: string,
  message: ConnectionMessage,
  effects: ControllerEffect[],
): void {
  const { kind, key, epoch } = message;
  if ('served' in message) for (const each of message.served) learn(state, each);
  const connection = state.connections.get(keyText(key));
  if (kind === 'closed') {
    effects.push({ kind: 'send', to: from, message: { kind: 'noted', key, epoch } });
    if (connection === undefined) return;
    onClosed({ state, connection, effects }, from, message);
    countBound(state, connection);
  } else if (connection === undefined) {
    cancelUnknown(from, message, effects);
  } else {
    const turn = { state, connection, effects };
    const { phase } = connection;
    if (phase.kind === 'migrating') {
      onMigrationMessage(turn, phase, from, message);
      if (message.kind === 'move') onAwayMessage(turn, from, message);
    } else if (phase.kind === 'away') onAwayMessage(turn, from, message);
    else if (phase.kind === 'adopting') onAdopted(turn, from, message);
    else if (message.kind === 'offer') onRemains(turn, from, message);
    else cancelUnknown(from, message, effects);
    countBound(state, connection);
  }
}

/** Nothing is left of a backend: what it owned is answered with resets by the controller's kernel. */
function onLost(turn: Turn, backend: string): void {
  const { phase } = turn.connection;
  if (isAway(phase) && phase.owner === backend) deleteRule(turn);
  if (phase.kind !== 'migrating') return;
  if (phase.from === backend && phase.step !== 'committing') {
    abandon(turn, phase.transfer?.snapshot);
  } else if (phase.to === backend) turnBack(turn, phase);
}
