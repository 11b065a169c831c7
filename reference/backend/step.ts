/**
 * The agent of a backend: one event in, effects out; no clock, no socket, no randomness.
 *
 *   offer ─▶ importing ─▶ prepared ── commit ─▶ serving ◀─── response complete, next one is ours
 *                │            │                  │   │ next one is not ours
 *             refused      cancel: gone          │   ▼
 *                                                │ moving ── export ─▶ offering ── release ─▶ gone
 *                                                ▼
 *                             closing ─▶ ended ── noted ─▶ gone
 */
import { CONTROLLER, type ConnectionMessage, type HostMessage } from '../handoff/message.ts';
import { createRequestQueue } from '../http/request-queue.ts';
import { createResponseReader } from '../http/response-reader.ts';
import { limitHeld, setTimer } from '../owner/act.ts';
import { keyText, type ConnectionKey } from '../rules/rule.ts';
import type { TcpSnapshot } from '../tcp/snapshot.ts';
import { act, forget, send } from './act.ts';
import type { AgentEffect, AgentEvent, ConnectionEvent } from './event.ts';
import {
  answer,
  answered,
  end,
  fromServer,
  reset,
  sayClosed,
  serve,
  serveAsked,
  serverGone,
} from './serving.ts';
import type { AgentState, Connection, Turn } from './state.ts';

export { createAgent, type AgentState } from './state.ts';

type Offer = Extract<ConnectionMessage, { readonly kind: 'offer' }>;
type Export = Extract<ConnectionMessage, { readonly kind: 'export' }>;

/** Performs one event on `state`, in place, and says what the agent does about it. */
export function step(state: AgentState, event: AgentEvent): readonly AgentEffect[] {
  const effects: AgentEffect[] = [];
  if (event.kind !== 'message') {
    const connection = state.connections.get(keyText(event.key));
    if (connection !== undefined) {
      const turn = { state, connection, effects };
      onEvent(turn, event);
      limitHeld(turn);
    }
    return effects;
  }
  const { from, message } = event;
  if (!('key' in message)) onHostMessage(state, message, effects);
  else if (message.kind === 'offer') onOffer(state, message, effects);
  else {
    const connection = state.connections.get(keyText(message.key));
    if (connection === undefined) answerUnknown(message, effects);
    else if (from === CONTROLLER) onMessage({ state, connection, effects }, message);
  }
  return effects;
}

function onHostMessage({ config }: AgentState, message: HostMessage, effects: AgentEffect[]): void {
  if (message.kind !== 'ping') return;
  const { instance } = config;
  const pong: HostMessage = { kind: 'pong', count: message.count, instance };
  effects.push({ kind: 'send', to: CONTROLLER, message: pong });
}

/** The controller waits for an answer about a connection that this agent does not have. */
function answerUnknown({ kind, key, epoch }: ConnectionMessage, effects: AgentEffect[]): void {
  if (kind === 'check' || kind === 'dismiss') {
    const closed: ConnectionMessage = {
      kind: 'closed',
      key,
      epoch,
      how: 'reset',
      served: [],
    };
    effects.push({ kind: 'send', to: CONTROLLER, message: closed });
  }
  if (kind !== 'commit' && kind !== 'export') return;
  const reason = 'there is no such connection';
  effects.push({ kind: 'send', to: CONTROLLER, message: { kind: 'refused', key, epoch, reason } });
}

function onOffer(state: AgentState, offer: Offer, effects: AgentEffect[]): void {
  const { key, epoch, instance, transfer } = offer;
  // An earlier life may have taken it, and gone on from there.
  if (instance !== state.config.instance) return;
  const known = state.connections.get(keyText(key));
  if (known !== undefined) {
    const turn = { state, connection: known, effects };
    if (epoch < known.epoch) return;
    if (epoch === known.epoch) {
      if (known.phase.kind === 'prepared' || known.phase.kind === 'serving') {
        sayImported(turn);
      }
      return;
    }
    // What the controller has let go on to a later migration is over here.
    if (known.phase.kind === 'prepared') act(turn, { kind: 'drop' });
    forget(turn);
  }
  if (state.connections.size >= state.config.connectionsMax) {
    const reason = `there are ${state.config.connectionsMax} connections`;
    effects.push({
      kind: 'send',
      to: CONTROLLER,
      message: { kind: 'refused', key, epoch, reason },
    });
    return;
  }
  const connection = createConnection(key, epoch, offer);
  state.connections.set(keyText(key), connection);
  act({ state, connection, effects }, { kind: 'import', snapshot: transfer.snapshot });
}

function createConnection(key: ConnectionKey, epoch: number, { transfer }: Offer): Connection {
  const requests = createRequestQueue();
  requests.push(transfer.residual);
  return {
    key,
    epoch,
    phase: { kind: 'importing' },
    requests,
    response: createResponseReader(),
    keeps: transfer.keeps,
    isFirst: true,
    asks: 0,
    served: [],
    current: undefined,
    host: undefined,
    isBusy: false,
    isRequestEnded: true,
    hasServer: false,
    isTunnel: false,
    clientFinished: false,
    isPaused: false,
    isAllSent: transfer.snapshot.sent.length + transfer.snapshot.unsent.length === 0,
  };
}

function onMessage(turn: Turn, message: ConnectionMessage): void {
  const { connection } = turn;
  const { phase } = connection;
  if (message.kind === 'export') {
    onExport(turn, message);
    return;
  }
  if (message.kind === 'noted') {
    if (phase.kind === 'ended') forget(turn);
    return;
  }
  if (message.kind === 'check') {
    onCheck(turn);
    return;
  }
  if (message.epoch !== connection.epoch && message.kind !== 'stay') return;
  switch (message.kind) {
    case 'commit':
      if (message.instance === turn.state.config.instance) commit(turn);
      else send(turn, { kind: 'refused', reason: 'it was imported in an earlier life' });
      break;
    case 'cancel':
      if (phase.kind === 'prepared' || phase.kind === 'importing') {
        act(turn, { kind: 'drop' });
        forget(turn);
      }
      break;
    case 'release':
      if (phase.kind === 'offering') forget(turn);
      break;
    case 'stay':
      if (phase.kind === 'moving') answer(turn, 503);
      break;
    case 'serve':
      serveAsked(turn, message.ask);
      break;
    case 'dismiss':
      if (phase.kind === 'ended') sayClosed(turn, phase.how);
      else reset(turn);
      break;
    default:
      break;
  }
}

/** A controller that has started anew asks for what it must know. */
function onCheck(turn: Turn): void {
  const { phase } = turn.connection;
  if (phase.kind === 'ended') sayClosed(turn, phase.how);
  else if (phase.kind !== 'importing' && phase.kind !== 'prepared') {
    send(turn, { kind: 'committed' });
  }
}

function commit(turn: Turn): void {
  const { connection } = turn;
  const { kind } = connection.phase;
  if (kind === 'importing') return;
  if (kind === 'prepared') {
    setTimer(turn, undefined);
    connection.phase = { kind: 'serving' };
    act(turn, { kind: 'thaw' });
    send(turn, { kind: 'committed' });
    serve(turn);
  } else send(turn, { kind: 'committed' });
}

function onExport(turn: Turn, { epoch, to, instance, keeps }: Export): void {
  const { connection } = turn;
  const { phase } = connection;
  if (epoch < connection.epoch) return;
  if (phase.kind === 'offering' && epoch === connection.epoch) {
    phase.to = to;
    phase.instance = instance;
    phase.tries = 0;
    sayOffer(turn);
    return;
  }
  const isFree = phase.kind === 'moving' || (phase.kind === 'serving' && !connection.isBusy);
  if (!isFree || connection.isTunnel) return;
  connection.epoch = epoch;
  connection.phase = { kind: 'offering', to, instance, transfer: undefined, keeps, tries: 0 };
  act(turn, { kind: 'export' });
}

/** Says the offer, and waits for the release. */
function sayOffer(turn: Turn): void {
  const { phase } = turn.connection;
  if (phase.kind !== 'offering' || phase.transfer === undefined) return;
  const { instance, transfer } = phase;
  send(turn, { kind: 'offer', instance, transfer }, phase.to);
  setTimer(turn, turn.state.config.retryMs);
}

function onEvent(turn: Turn, event: ConnectionEvent): void {
  const { connection } = turn;
  switch (event.kind) {
    case 'imported':
      onImported(turn);
      break;
    case 'import-failed':
      send(turn, { kind: 'refused', reason: event.reason });
      forget(turn);
      break;
    case 'exported':
      onExported(turn, event.snapshot);
      break;
    case 'export-failed':
      connection.phase = { kind: 'moving', tries: 0 };
      send(turn, { kind: 'kept', reason: event.reason });
      setTimer(turn, turn.state.config.retryMs);
      break;
    case 'received':
      if (connection.phase.kind !== 'closing') connection.requests.push(event.octets);
      serve(turn);
      break;
    case 'peer-finished':
      connection.clientFinished = true;
      if (connection.isTunnel) act(turn, { kind: 'server-finish' });
      else serve(turn);
      break;
    case 'sent-all':
      connection.isAllSent = true;
      if (connection.phase.kind === 'closing') setTimer(turn, turn.state.config.closeMs);
      break;
    case 'reset':
    case 'ended':
      end(turn, event.kind === 'reset' ? 'reset' : 'finished');
      break;
    case 'served':
      fromServer(turn, event.octets);
      break;
    case 'answered':
      answered(turn, event.how);
      break;
    case 'server-finished':
    case 'server-failed':
      serverGone(turn, event.kind === 'server-failed');
      break;
    case 'timeout':
      onTimeout(turn);
      break;
    default:
      event satisfies never;
  }
}

function onImported(turn: Turn): void {
  const { connection } = turn;
  if (connection.phase.kind !== 'importing') return;
  connection.phase = { kind: 'prepared' };
  sayImported(turn);
  setTimer(turn, turn.state.config.commitMs);
}

function sayImported(turn: Turn): void {
  send(turn, { kind: 'imported', instance: turn.state.config.instance });
}

function onExported(turn: Turn, snapshot: TcpSnapshot): void {
  const { connection } = turn;
  const { phase } = connection;
  if (phase.kind !== 'offering') return;
  if (connection.hasServer) act(turn, { kind: 'server-abort' });
  connection.hasServer = false;
  phase.transfer = { snapshot, residual: connection.requests.rest(), keeps: phase.keeps };
  sayOffer(turn);
}

function onTimeout(turn: Turn): void {
  const { connection, state } = turn;
  const { phase } = connection;
  const { triesMax, retryMs } = state.config;
  switch (phase.kind) {
    case 'prepared':
      // No commit: its controller is gone, or has let another have it.
      act(turn, { kind: 'drop' });
      forget(turn);
      break;
    case 'moving':
      phase.tries += 1;
      if (phase.tries >= triesMax) answer(turn, 503);
      else serve(turn);
      break;
    case 'offering':
      phase.tries += 1;
      if (phase.tries >= triesMax) forget(turn);
      else sayOffer(turn);
      break;
    case 'closing':
      reset(turn);
      break;
    case 'ended':
      phase.tries += 1;
      if (phase.tries >= triesMax) forget(turn);
      else {
        sayClosed(turn, phase.how);
        setTimer(turn, retryMs);
      }
      break;
    case 'importing':
    case 'serving':
      break;
    default:
      phase satisfies never;
  }
}
