/** A connection that the backend owns: one request after the other goes to its server. */
import { errorResponse, type ErrorStatus } from '../http/answers.ts';
import { hostToSay, replaceHost } from '../http/replace-host.ts';
import type { RequestHead } from '../http/request-head.ts';
import { SERVED_MAX } from '../handoff/message.ts';
import { briefOf } from '../policy/brief.ts';
import { setTimer, write } from '../owner/act.ts';
import { mayKeep } from '../policy/keep.ts';
import { act, send } from './act.ts';
import type { Connection, Turn } from './state.ts';

/** Does what can be done with the octets that the client has sent so far. */
export function serve(turn: Turn): void {
  const { connection } = turn;
  const { requests, phase } = connection;
  if (phase.kind === 'moving') askForMove(turn);
  if (phase.kind !== 'serving') return;
  if (connection.isTunnel || connection.isBusy) {
    pump(turn);
    return;
  }
  const front = requests.front();
  if (front === undefined) {
    if (connection.clientFinished) close(turn);
  } else if (front.kind === 'reject') answer(turn, front.status);
  else if (connection.isFirst || mayKeep(connection.keeps, briefOf(front.head))) {
    begin(turn, front.head);
  } else {
    connection.phase = { kind: 'moving', tries: 0 };
    connection.asks += 1;
    askForMove(turn);
  }
}

/** The controller says that the request it was asked about is to be served here. */
export function serveAsked(turn: Turn, ask: number): void {
  const { connection } = turn;
  const { requests, phase, asks } = connection;
  const front = requests.front();
  if (phase.kind !== 'moving' || ask !== asks || front?.kind !== 'request') return;
  setTimer(turn, undefined);
  connection.phase = { kind: 'serving' };
  begin(turn, front.head);
}

function begin(turn: Turn, head: RequestHead): void {
  const { connection } = turn;
  connection.isBusy = true;
  connection.isFirst = false;
  connection.isRequestEnded = false;
  connection.current = { brief: briefOf(head), octets: 0 };
  connection.host = hostToSay(head);
  connection.response.expect(head);
  if (!connection.hasServer) act(turn, { kind: 'server-open' });
  connection.hasServer = true;
  pump(turn);
}

function pump(turn: Turn): void {
  const { connection } = turn;
  const { requests } = connection;
  if (connection.isTunnel) {
    const octets = requests.rest();
    if (octets.length > 0) act(turn, { kind: 'server-write', octets, isEnd: false });
  } else if (!connection.isRequestEnded) {
    const { parts, isEnd } = requests.take();
    const named = connection.host === undefined ? parts : [replaceHost(parts, connection.host)];
    connection.host = undefined;
    for (const [at, octets] of named.entries()) {
      act(turn, { kind: 'server-write', octets, isEnd: isEnd && at === named.length - 1 });
    }
    connection.isRequestEnded = isEnd;
  }
}

/** Tells the controller that the request at the front is for another. */
function askForMove(turn: Turn): void {
  const front = turn.connection.requests.front();
  if (front?.kind !== 'request') return;
  const { served, asks: ask } = turn.connection;
  send(turn, { kind: 'move', ask, request: briefOf(front.head), served });
  setTimer(turn, turn.state.config.retryMs);
}

/** The server has said something. */
export function fromServer(turn: Turn, octets: Uint8Array): void {
  const { connection } = turn;
  if (connection.phase.kind !== 'serving') return;
  if (connection.isTunnel) {
    write(turn, octets);
    return;
  }
  const { passed, progress } = connection.response.push(octets);
  if (connection.current !== undefined) connection.current.octets += passed.length;
  if (passed.length > 0) write(turn, passed);
  if (progress === 'tunnel') {
    connection.isTunnel = true;
    pump(turn);
    if (connection.clientFinished) act(turn, { kind: 'server-finish' });
  } else if (progress === 'reject') cutOff(turn);
  else if (progress !== 'open') complete(turn, progress === 'end');
}

/** The server has answered without the agent, which knows of the response only how it ended. */
export function answered(turn: Turn, how: 'kept' | 'closed' | 'cut'): void {
  const { connection } = turn;
  if (connection.phase.kind !== 'serving' || !connection.isBusy) return;
  connection.isAllSent = false;
  if (how === 'cut') reset(turn);
  else complete(turn, how === 'kept');
}

/** The server has closed its side, or (`isFailure`) is not there or has reset. */
export function serverGone(turn: Turn, isFailure: boolean): void {
  const { connection } = turn;
  connection.hasServer = false;
  if (connection.phase.kind !== 'serving') return;
  if (connection.isTunnel) close(turn);
  else if (connection.isBusy) {
    if (!isFailure && connection.response.finish()) complete(turn, false);
    else cutOff(turn);
  }
}

function complete(turn: Turn, isKept: boolean): void {
  const { connection } = turn;
  connection.isBusy = false;
  remember(connection);
  if (isKept && connection.isRequestEnded) serve(turn);
  else close(turn);
}

/** Its length is worth knowing to whoever decides about the next request for the same. */
function remember(connection: Connection): void {
  const { current, served } = connection;
  connection.current = undefined;
  if (current === undefined || current.octets === 0) return;
  const { method, host, path } = current.brief;
  const others = served.filter((each) => each.path !== path || each.method !== method);
  const all = [...others, { method, host, path, octets: current.octets }];
  connection.served = all.slice(-SERVED_MAX);
}

/** A response that has not begun becomes an error; of one that has, the client sees the cut. */
function cutOff(turn: Turn): void {
  const { response } = turn.connection;
  if (response.hasBegun()) reset(turn);
  else answer(turn, 502);
}

/** Answers with an error and closes; what the client still sends is thrown away. */
export function answer(turn: Turn, status: ErrorStatus): void {
  write(turn, errorResponse(status));
  close(turn);
}

/** FIN after all that was written; the client's time to do the same begins when it has all. */
export function close(turn: Turn): void {
  const { connection, state } = turn;
  connection.phase = { kind: 'closing' };
  connection.requests.rest();
  if (connection.hasServer) act(turn, { kind: 'server-finish' });
  act(turn, { kind: 'finish' });
  setTimer(turn, connection.isAllSent ? state.config.closeMs : undefined);
}

/** The client is reset, so that it does not take a part for the whole. */
export function reset(turn: Turn): void {
  act(turn, { kind: 'abort' });
  end(turn, 'reset');
}

/** The connection has ended: the controller is told. */
export function end(turn: Turn, how: 'finished' | 'reset'): void {
  const { connection } = turn;
  // After the export there is no socket that could end.
  if (connection.phase.kind === 'offering') return;
  if (connection.hasServer) act(turn, { kind: 'server-abort' });
  connection.hasServer = false;
  connection.phase = { kind: 'ended', how, tries: 0 };
  sayClosed(turn, how);
  setTimer(turn, turn.state.config.retryMs);
}

/** Tells the controller that the connection has ended. */
export function sayClosed(turn: Turn, how: 'finished' | 'reset'): void {
  send(turn, { kind: 'closed', how, served: turn.connection.served });
}
