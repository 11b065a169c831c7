/**
 * A request that is to be answered by a server that knows of no Prism: TCP splicing.
 *
 *   client C ═ V controller K:p ═ B server     two connections; the server's is with C, as it thinks
 *   client C ════════════════════ B server     one rule, which shifts the numbers
 *
 * Three rules. The *guard* (C to B) keeps what B says from C as long as nothing translates it: by a
 * rule what the virtual endpoint says is barred, and for the guard that is B. The *turn* (B to C) has
 * the server for its client, and brings what B says to C to K:p instead, and makes C of K:p. So
 * nothing is needed at the server, no route and no address. The third (C to V) joins the two.
 *
 *             port      guard       turn
 *   binding ──▶ guarding ──▶ turning ──▶ proxying: the request, and `Connection: close` in it
 *                                           │ a long answer has begun, by a server that will close
 *         silent    all acknowledged   lock  ▼    export     turn gone   chown        guard gone
 *   freezing ──▶ settling ──▶ locking ──▶ exporting ──▶ clearing ──▶ joining ──▶ uncovering ──▶ spliced
 *       └────────────┴───────────┴────────────┘ back to proxying, unlocked again
 *
 * A server that closes after its answer has no later request of this client that the controller does
 * not see. One that does not promise it, and a client that has already said more, are proxied.
 */
import type { RequestHead } from '../http/request-head.ts';
import { note, setTimer } from '../owner/act.ts';
import { NO_DELTAS, type ConnectionKey, type Deltas, type Owner } from '../rules/rule.ts';
import type { Refusal } from '../control/command.ts';
import type { TcpSnapshot } from '../tcp/snapshot.ts';
import { act, command } from './act.ts';
import type { Decision } from './choosing.ts';
import type { Proxying, Splicing } from './connection.ts';
import type { ConnectionEvent } from './event.ts';
import { joinConnections } from './joining.ts';
import { learn } from './learning.ts';
import { lock } from './migration.ts';
import { abandon, readNext } from './phases.ts';
import {
  createProxying,
  onUpstreamOctets,
  openUpstream,
  recorderOf,
  waitForBackend,
} from './proxy.ts';
import type { Backend, Turn } from './state.ts';
import { nextEpoch } from './state.ts';

/** What the guard is never used for: a switch that cannot do it refuses before anything is lost. */
const ALL_DELTAS: Deltas = {
  clientSeq: 1,
  ownerSeq: 1,
  clientTimestamp: 1,
  ownerTimestamp: 1,
  clientWindow: { in: 1, out: 0 },
  ownerWindow: { in: 1, out: 0 },
};

/** Whether the request may be spliced, whatever its answer. */
export function maySplice(
  { connection }: Turn,
  { isSpliced = false }: Backend,
  head: RequestHead,
): boolean {
  const { isProxiedOnly, clientFinished, sideRules } = connection;
  const isPlain = !head.upgrade && head.method !== 'CONNECT';
  return isSpliced && isPlain && !isProxiedOnly && !clientFinished && sideRules.length === 0;
}

/** Passes the request at the front on, whose head is `head`, so that it can be spliced. */
export function beginSplicing(
  turn: Turn,
  { name, owner }: Backend,
  head: RequestHead,
  decision: Decision,
): void {
  const proxying = createProxying(head, decision, true, recorderOf(turn, head));
  turn.connection.phase = createSplicing('binding', proxying, owner);
  setTimer(turn, undefined);
  act(turn, { kind: 'upstream-bind', backend: name });
}

function createSplicing(step: Splicing['step'], proxying: Proxying, server: Owner): Splicing {
  return {
    kind: 'splicing',
    step,
    proxying,
    server,
    tries: 0,
    local: undefined,
    serverSide: undefined,
    clientSide: undefined,
    deltas: NO_DELTAS,
  };
}

function guardKey({ connection }: Turn, { server }: Splicing): ConnectionKey {
  const { address, port } = server;
  return { client: connection.key.client, virtual: { address, port } };
}

function turnKey(turn: Turn, splicing: Splicing): ConnectionKey {
  const { client, virtual } = guardKey(turn, splicing);
  return { client: virtual, virtual: client };
}

/** The controller, as the server's connection has it. */
function controllerAt({ state, connection }: Turn, { local }: Splicing): Owner {
  return { ...(local ?? connection.key.virtual), mac: state.config.mac };
}

/** Says what the step has to say, and waits for the answer. */
function say(turn: Turn, splicing: Splicing): void {
  const { key, epoch } = turn.connection;
  const { step, server, deltas } = splicing;
  const owner = controllerAt(turn, splicing);
  switch (step) {
    case 'guarding': {
      const guard = { key: guardKey(turn, splicing), owner, deltas: ALL_DELTAS, locked: false };
      command(turn, { op: 'add', rule: guard, epoch });
      break;
    }
    case 'turning': {
      const back = { key: turnKey(turn, splicing), owner, deltas: NO_DELTAS, locked: false };
      command(turn, { op: 'add', rule: back, epoch });
      break;
    }
    case 'locking':
      lock(turn, epoch);
      break;
    case 'clearing':
      command(turn, { op: 'delete', key: turnKey(turn, splicing), epoch });
      break;
    case 'joining':
      command(turn, { op: 'chown', key, owner: server, deltas, unlock: true, epoch });
      break;
    case 'uncovering':
      command(turn, { op: 'delete', key: guardKey(turn, splicing), epoch });
      break;
    case 'unlocking':
      command(turn, { op: 'unlock', key, epoch });
      break;
    case 'binding':
    case 'freezing':
    case 'settling':
    case 'exporting':
      return;
    default:
      step satisfies never;
  }
  setTimer(turn, turn.state.config.retryMs);
}

function enter(turn: Turn, splicing: Splicing, step: Splicing['step']): void {
  splicing.step = step;
  splicing.tries = 0;
  setTimer(turn, undefined);
  nextEpoch(turn);
  say(turn, splicing);
}

/** What is told while a connection is on its way; what is told in all phases is done elsewhere. */
export function onSplicingEvent(turn: Turn, splicing: Splicing, event: ConnectionEvent): void {
  switch (event.kind) {
    case 'upstream-bound':
      onBound(turn, splicing, event.local);
      break;
    case 'upstream-failed':
      if (splicing.step === 'binding') giveUpSplicing(turn, splicing, true);
      break;
    case 'upstream-received':
      if (splicing.step === 'freezing') passOn(turn, splicing, event.octets);
      break;
    case 'upstream-frozen':
      onFrozen(turn, splicing, event.snapshot);
      break;
    case 'upstream-kept':
      if (splicing.step === 'freezing') turnAway(turn, splicing, event.reason);
      break;
    case 'sent-all':
      onSettled(turn, splicing);
      break;
    case 'exported':
      onClientExported(turn, splicing, event.snapshot);
      break;
    case 'export-failed':
      if (splicing.step === 'exporting') turnAway(turn, splicing, event.reason);
      break;
    case 'replied':
      if (event.epoch === turn.connection.epoch) onReply(turn, splicing, event.error);
      break;
    default:
      break;
  }
}

/** The last that the server has said before it was silenced; it may be the end of its answer. */
function passOn(turn: Turn, splicing: Splicing, octets: Uint8Array): void {
  const { connection } = turn;
  const { proxying } = splicing;
  connection.phase = proxying;
  onUpstreamOctets(turn, proxying, octets);
  if (connection.phase === proxying) connection.phase = splicing;
}

/** The controller's end of the connection to the server is `local`. */
function onBound(turn: Turn, splicing: Splicing, local: Splicing['local']): void {
  if (splicing.step !== 'binding') return;
  splicing.local = local;
  turn.connection.sideRules.push(guardKey(turn, splicing));
  enter(turn, splicing, 'guarding');
}

/** Something of the answer has come: is it worth it, and can it be? */
export function considerSplicing(turn: Turn, proxying: Proxying): void {
  const { connection, state } = turn;
  const { requests, clientFinished } = connection;
  const head = proxying.response.head();
  const backend = state.config.backends.find(({ name }) => name === proxying.backend);
  if (!proxying.maySplice || head === undefined || backend === undefined) return;
  proxying.maySplice = false;
  const { framing } = head;
  const isShort = framing.kind === 'length' && framing.octets < state.config.handOffFromOctets;
  const isLast = proxying.isRequestEnded && requests.octets === 0 && !clientFinished;
  if (isShort || !isLast || head.keepAlive) return;
  note(turn, `splice to ${backend.name}`);
  connection.phase = createSplicing('freezing', proxying, backend.owner);
  setTimer(turn, undefined);
  act(turn, { kind: 'upstream-freeze' });
}

/** The server's connection is silent; all that it has said is on its way to the client. */
function onFrozen(turn: Turn, splicing: Splicing, snapshot: TcpSnapshot): void {
  if (splicing.step !== 'freezing') return;
  splicing.serverSide = snapshot;
  enter(turn, splicing, 'settling');
  if (turn.connection.isAllSent) onSettled(turn, splicing);
  else {
    act(turn, { kind: 'settle' });
    setTimer(turn, turn.state.config.responseMs);
  }
}

/** The client has acknowledged all that came from the server. */
function onSettled(turn: Turn, splicing: Splicing): void {
  if (splicing.step === 'settling') enter(turn, splicing, 'locking');
}

/** The client's connection is silent too. */
function onClientExported(turn: Turn, splicing: Splicing, snapshot: TcpSnapshot): void {
  const { serverSide, step } = splicing;
  if (step !== 'exporting' || serverSide === undefined) return;
  splicing.clientSide = snapshot;
  const joined = joinConnections(snapshot, serverSide);
  if (!joined.ok || turn.connection.requests.octets > 0) {
    turnAway(turn, splicing, joined.ok ? 'the client has said more' : joined.error);
    return;
  }
  splicing.deltas = joined.value;
  enter(turn, splicing, 'clearing');
}

/** It cannot be. */
function turnAway(turn: Turn, splicing: Splicing, reason: string): void {
  note(turn, `not spliced: ${reason}`);
  if (splicing.step === 'freezing') resume(turn, splicing);
  else enter(turn, splicing, 'unlocking');
}

/** The switch has answered the last command. */
function onReply(turn: Turn, splicing: Splicing, error: Refusal | undefined): void {
  const { connection } = turn;
  const { step } = splicing;
  if (error !== undefined) {
    note(turn, `the switch refused ${step}: ${error}`);
    giveUpSplicing(turn, splicing, true);
    return;
  }
  switch (step) {
    case 'guarding':
      connection.sideRules.push(turnKey(turn, splicing));
      enter(turn, splicing, 'turning');
      break;
    case 'turning':
      openUpstream(turn, splicing.proxying);
      break;
    case 'locking':
      connection.hasRule = true;
      enter(turn, splicing, 'exporting');
      act(turn, { kind: 'export' });
      break;
    case 'clearing':
      connection.sideRules.pop();
      enter(turn, splicing, 'joining');
      break;
    case 'joining':
      enter(turn, splicing, 'uncovering');
      break;
    case 'uncovering':
      connection.sideRules.pop();
      leave(turn, splicing);
      break;
    case 'unlocking':
      resume(turn, splicing);
      break;
    case 'binding':
    case 'freezing':
    case 'settling':
    case 'exporting':
      break;
    default:
      step satisfies never;
  }
}

/** Time has passed without an answer. */
export function repeatSplicing(turn: Turn, splicing: Splicing): void {
  splicing.tries += 1;
  const isBounded = splicing.step !== 'settling' && splicing.tries < turn.state.config.triesMax;
  if (isBounded) say(turn, splicing);
  else {
    note(turn, `${splicing.step} was not answered`);
    giveUpSplicing(turn, splicing, false);
  }
}

function giveUpSplicing(turn: Turn, splicing: Splicing, isRefused: boolean): void {
  const { step, proxying } = splicing;
  switch (step) {
    case 'guarding':
    case 'turning':
      proxying.maySplice = false;
      act(turn, { kind: 'upstream-abort' });
      openUpstream(turn, proxying);
      break;
    case 'locking':
      // The lock may have come through, and its answer not.
      turn.connection.hasRule ||= !isRefused;
      if (isRefused) resume(turn, splicing);
      else enter(turn, splicing, 'unlocking');
      break;
    case 'clearing':
    case 'joining':
      act(turn, { kind: 'upstream-abort' });
      abandon(turn, splicing.clientSide);
      break;
    case 'uncovering':
      leave(turn, splicing);
      break;
    case 'binding':
      turn.connection.absent.add(proxying.backend);
      readNext(turn);
      break;
    case 'freezing':
    case 'settling':
    case 'exporting':
    case 'unlocking':
      resume(turn, splicing);
      break;
    default:
      step satisfies never;
  }
}

/** Nothing comes of it: both connections go on at the controller. */
function resume(turn: Turn, { proxying, clientSide, serverSide }: Splicing): void {
  if (clientSide !== undefined) {
    act(turn, { kind: 'import', snapshot: clientSide });
    act(turn, { kind: 'thaw' });
  }
  if (serverSide !== undefined) act(turn, { kind: 'upstream-thaw' });
  turn.connection.phase = proxying;
  waitForBackend(turn);
}

/** Client and server have each other. */
function leave(turn: Turn, { proxying, clientSide }: Splicing): void {
  const { connection, state } = turn;
  const framing = proxying.response.head()?.framing;
  if (framing?.kind === 'length') learn(state, { ...proxying.brief, octets: framing.octets });
  act(turn, { kind: 'upstream-yield', windowOctets: clientSide?.windows.send ?? 0 });
  note(turn, `spliced to ${proxying.backend}`);
  setTimer(turn, undefined);
  const { beats } = state;
  const owner = proxying.backend;
  connection.phase = { kind: 'spliced', owner, sinceBeat: beats, packets: 0, seenBeat: beats };
}
