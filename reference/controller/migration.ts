/**
 * A connection on its way from one owner to the next.
 *
 *            add or lock        export            offer, imported     chown          commit
 *   locking ────────────▶ exporting ──▶ moving ──────────────▶ chowning ──▶ committing ──▶ away
 *      │ refused              │ cannot     │ refused, silent       │ refused      │ silent
 *      ▼                      ▼            ▼                       ▼              ▼
 *    proxied              unlocking    moving, to the controller  deleting ◀──────┘
 *
 * What is said is said again until it is answered, `triesMax` times at most. Until the commit a
 * new owner's server has seen nothing, so that the way back is open; after it there is none.
 */
import type { Refusal } from '../control/command.ts';
import { CONTROLLER, type ConnectionMessage, type Transfer } from '../handoff/message.ts';
import { note, setTimer } from '../owner/act.ts';
import { keepsOf } from '../policy/keep.ts';
import { NO_DELTAS, type Owner } from '../rules/rule.ts';
import type { TcpSnapshot } from '../tcp/snapshot.ts';
import { act, command, send } from './act.ts';
import { abandon, readNext } from './phases.ts';
import type { Migration } from './connection.ts';
import type { Turn } from './state.ts';
import { nextEpoch } from './state.ts';

const NOTHING = new Uint8Array(0);

/** Starts to move the connection from `from` to `to`; both are backends or the controller. */
export function beginMigration(turn: Turn, from: string, to: string): void {
  const { connection } = turn;
  note(turn, `migration from ${from} to ${to}`);
  connection.phase = {
    kind: 'migrating',
    step: 'locking',
    epoch: nextEpoch(turn),
    from,
    to,
    tries: 0,
    transfer: undefined,
    early: [],
  };
  say(turn, connection.phase);
}

/** Says what the step of a migration has to say, and waits for the answer. */
function say(turn: Turn, migration: Migration): void {
  const { key } = turn.connection;
  const { step, epoch, from, to, transfer } = migration;
  const { config, pulses } = turn.state;
  const instance = pulses.get(to)?.instance ?? 0;
  switch (step) {
    case 'locking':
      lock(turn, epoch);
      break;
    case 'exporting':
      setTimer(turn, undefined);
      act(turn, { kind: 'export' });
      return;
    case 'moving':
      if (from !== CONTROLLER) {
        const keeps = keepsOf(config.site, to);
        send(turn, from, { kind: 'export', epoch, to, instance, keeps });
      } else if (transfer !== undefined) {
        send(turn, to, { kind: 'offer', epoch, instance, transfer });
      }
      break;
    case 'chowning': {
      const owner = ownerOf(turn, to);
      if (owner === undefined) break;
      const { epoch: now } = turn.connection;
      command(turn, { op: 'chown', key, owner, deltas: NO_DELTAS, unlock: true, epoch: now });
      break;
    }
    case 'committing':
      send(turn, to, { kind: 'commit', epoch, instance });
      break;
    case 'unlocking':
      command(turn, { op: 'unlock', key, epoch: turn.connection.epoch });
      break;
    default:
      step satisfies never;
  }
  setTimer(turn, config.retryMs);
}

/** Lets nothing of the connection pass, with a rule of its own where there is none. */
export function lock(turn: Turn, epoch: number): void {
  const { key, hasRule } = turn.connection;
  if (hasRule) {
    command(turn, { op: 'lock', key, epoch });
    return;
  }
  const owner = { ...key.virtual, mac: turn.state.config.mac };
  command(turn, { op: 'add', rule: { key, owner, deltas: NO_DELTAS, locked: true }, epoch });
}

function ownerOf({ state, connection }: Turn, name: string): Owner | undefined {
  if (name === CONTROLLER) return { ...connection.key.virtual, mac: state.config.mac };
  return state.config.backends.find((backend) => backend.name === name)?.owner;
}

function enter(turn: Turn, migration: Migration, step: Migration['step']): void {
  migration.step = step;
  migration.tries = 0;
  if (step === 'chowning' || step === 'unlocking') nextEpoch(turn);
  say(turn, migration);
}

/** Time has passed without an answer. */
export function repeatMigration(turn: Turn, migration: Migration): void {
  migration.tries += 1;
  if (migration.tries < turn.state.config.triesMax) say(turn, migration);
  else giveUp(turn, migration);
}

function giveUp(turn: Turn, migration: Migration): void {
  note(turn, `${migration.step} was not answered`);
  switch (migration.step) {
    case 'moving':
      turnBack(turn, migration);
      break;
    case 'locking':
      // The lock may have come through, and its answer not: then there is a rule to be deleted.
      turn.connection.hasRule = true;
      enter(turn, migration, 'unlocking');
      break;
    case 'unlocking':
      stayWithOwner(turn, migration);
      break;
    case 'exporting':
    case 'chowning':
    case 'committing':
      fail(turn, migration);
      break;
    default:
      migration.step satisfies never;
  }
}

/** The new owner does not have it: whoever holds the state gives it to the controller. */
export function turnBack(turn: Turn, migration: Migration, isRefusal = false): void {
  const { from, to, transfer, epoch } = migration;
  if (to === CONTROLLER || migration.step !== 'moving') {
    fail(turn, migration);
    return;
  }
  const { absent, unwilling } = turn.connection;
  (isRefusal ? unwilling : absent).add(to);
  send(turn, to, { kind: 'cancel', epoch });
  migration.to = CONTROLLER;
  if (from === CONTROLLER && transfer !== undefined) {
    setTimer(turn, undefined);
    act(turn, { kind: 'import', snapshot: transfer.snapshot });
  } else enter(turn, migration, 'moving');
}

/** There is no way on and none back. */
function fail(turn: Turn, migration: Migration): void {
  const { from, to, epoch, transfer } = migration;
  if (to !== CONTROLLER) send(turn, to, { kind: 'cancel', epoch });
  const isElsewhere = from !== CONTROLLER && transfer === undefined;
  if (from !== CONTROLLER && !isElsewhere) send(turn, from, { kind: 'release', epoch });
  abandon(turn, transfer?.snapshot, isElsewhere ? { backend: from, epoch } : undefined);
}

/** The connection stays where it was: its lock is off, or will end by itself. */
function stayWithOwner(turn: Turn, { from, epoch }: Migration): void {
  const { connection } = turn;
  setTimer(turn, undefined);
  if (from === CONTROLLER) {
    connection.isProxiedOnly = true;
    readNext(turn);
    return;
  }
  connection.decision = undefined;
  send(turn, from, { kind: 'stay', epoch });
  connection.phase = { kind: 'away', owner: from, from, epoch };
}

/** The switch has answered the last command. */
export function onReply(turn: Turn, migration: Migration, error: Refusal | undefined): void {
  const { connection } = turn;
  const { step, from, to } = migration;
  if (error !== undefined) note(turn, `the switch refused ${step}: ${error}`);
  if (step === 'unlocking') stayWithOwner(turn, migration);
  else if (step === 'chowning') {
    if (error !== undefined) fail(turn, migration);
    else if (to === CONTROLLER) takeOver(turn, migration);
    else enter(turn, migration, 'committing');
  } else if (step === 'locking') {
    if (error !== undefined) stayWithOwner(turn, migration);
    else {
      connection.hasRule = true;
      enter(turn, migration, from === CONTROLLER ? 'exporting' : 'moving');
    }
  }
}

function takeOver(turn: Turn, migration: Migration): void {
  const { from, epoch, transfer, early } = migration;
  if (from !== CONTROLLER) send(turn, from, { kind: 'release', epoch });
  for (const octets of [transfer?.residual ?? NOTHING, ...early]) {
    turn.connection.requests.push(octets);
  }
  const { sent, unsent } = migration.transfer?.snapshot ?? { sent: NOTHING, unsent: NOTHING };
  turn.connection.isAllSent = sent.length + unsent.length === 0;
  act(turn, { kind: 'thaw' });
  readNext(turn);
}

/** The controller's own socket has given its state. */
export function onExported(turn: Turn, migration: Migration, snapshot: TcpSnapshot): void {
  const { connection, state } = turn;
  migration.transfer = {
    snapshot,
    residual: connection.requests.rest(),
    keeps: keepsOf(state.config.site, migration.to),
  };
  enter(turn, migration, 'moving');
}

/** The controller's own socket has given nothing: it goes on. */
export function onExportFailed(turn: Turn, migration: Migration, reason: string): void {
  note(turn, `not exported: ${reason}`);
  turn.connection.isProxiedOnly = true;
  enter(turn, migration, 'unlocking');
}

/** The state has become a socket, at the controller or at a backend. */
export function onImported(turn: Turn, migration: Migration, at: string): void {
  if (migration.step === 'moving' && migration.to === at) enter(turn, migration, 'chowning');
}

/** What a backend says to the controller while the connection moves. */
export function onMigrationMessage(
  turn: Turn,
  migration: Migration,
  sender: string,
  message: ConnectionMessage,
): void {
  const { step, from, to, epoch } = migration;
  if (message.epoch !== epoch) return;
  switch (message.kind) {
    case 'imported':
      onImported(turn, migration, sender);
      break;
    case 'refused':
      note(turn, `${sender} refused: ${message.reason}`);
      if (sender === to && (step === 'moving' || step === 'committing')) {
        turnBack(turn, migration, true);
      }
      break;
    case 'kept':
      note(turn, `${sender} keeps it: ${message.reason}`);
      if (sender === from && step === 'moving') enter(turn, migration, 'unlocking');
      break;
    case 'offer':
      if (sender === from && to === CONTROLLER && step === 'moving') {
        accept(turn, migration, message.transfer);
      }
      break;
    case 'committed':
    // The word that it was committed may be late, or lost.
    case 'move':
      if (sender === to && step === 'committing') arrive(turn, migration);
      break;
    default:
      break;
  }
}

function accept(turn: Turn, migration: Migration, transfer: Transfer): void {
  if (migration.transfer !== undefined) return;
  migration.transfer = transfer;
  setTimer(turn, undefined);
  act(turn, { kind: 'import', snapshot: transfer.snapshot });
}

function arrive(turn: Turn, { from, to, epoch }: Migration): void {
  if (from !== CONTROLLER) send(turn, from, { kind: 'release', epoch });
  setTimer(turn, undefined);
  note(turn, `${to} owns it`);
  turn.connection.decision = undefined;
  turn.connection.last = to;
  turn.connection.phase = { kind: 'away', owner: to, from, epoch };
}
