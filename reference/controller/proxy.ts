/** One request passed on to a backend over a connection of its own, and its response passed back. */
import type { ErrorStatus } from '../http/answers.ts';
import type { RequestHead } from '../http/request-head.ts';
import { briefOf } from '../policy/brief.ts';
import { note, setTimer, write } from '../owner/act.ts';
import { askToClose } from '../http/ask-to-close.ts';
import { createResponseReader } from '../http/response-reader.ts';
import { act } from './act.ts';
import type { Proxying } from './connection.ts';
import { answer, closeConnection, readNext, resetConnection } from './phases.ts';
import type { Turn } from './state.ts';
import { learn } from './learning.ts';

/** Starts to pass on the request at the front, whose head is `head`. */
export function beginProxying(turn: Turn, backend: string, head: RequestHead): void {
  openUpstream(turn, createProxying(backend, head, false));
}

/** A request that will be passed on. */
export function createProxying(backend: string, head: RequestHead, maySplice: boolean): Proxying {
  const response = createResponseReader();
  response.expect(head);
  return {
    kind: 'proxying',
    backend,
    brief: briefOf(head),
    response,
    isOpen: false,
    isRequestEnded: false,
    isTunnel: false,
    responseOctets: 0,
    maySplice,
    hasBegun: false,
  };
}

/** Connects to the backend that a request is to be passed on to. */
export function openUpstream(turn: Turn, proxying: Proxying): void {
  const { backend } = proxying;
  note(turn, `passed on to ${backend}`);
  turn.connection.phase = proxying;
  waitForBackend(turn);
  act(turn, { kind: 'upstream-open', backend });
}

/** Bounds the time in which the backend says something. */
export function waitForBackend(turn: Turn): void {
  setTimer(turn, turn.state.config.responseMs);
}

/** The backend has been silent for too long. */
export function onSilence(turn: Turn, phase: Proxying): void {
  note(turn, `${phase.backend} is silent`);
  // A tunnel may be idle for as long as both ends like.
  if (!phase.isTunnel) cutOff(turn, phase, 504);
}

/** Passes on what has come of the request. */
export function pump(turn: Turn, phase: Proxying): void {
  const { requests, clientFinished } = turn.connection;
  if (!phase.isOpen) return;
  waitForBackend(turn);
  if (phase.isTunnel) {
    const octets = requests.rest();
    if (octets.length > 0) act(turn, { kind: 'upstream-write', octets });
    if (clientFinished) act(turn, { kind: 'upstream-finish' });
  } else if (!phase.isRequestEnded) {
    const { parts, isEnd } = requests.take();
    for (const octets of phase.hasBegun ? parts : begin(phase, parts)) {
      act(turn, { kind: 'upstream-write', octets });
    }
    phase.isRequestEnded = isEnd;
  }
}

/** The head is whole before anything is passed on. */
function begin(phase: Proxying, parts: readonly Uint8Array[]): readonly Uint8Array[] {
  phase.hasBegun = true;
  return phase.maySplice ? [askToClose(parts)] : parts;
}

/** The backend has said something. */
export function onUpstreamOctets(turn: Turn, phase: Proxying, octets: Uint8Array): void {
  phase.responseOctets += octets.length;
  waitForBackend(turn);
  if (phase.isTunnel) {
    write(turn, octets);
    return;
  }
  const { passed, progress } = phase.response.push(octets);
  if (passed.length > 0) write(turn, passed);
  if (progress === 'tunnel') {
    phase.isTunnel = true;
    phase.isRequestEnded = true;
    pump(turn, phase);
  } else if (progress === 'reject') {
    note(turn, `${phase.backend} answers what is no response`);
    cutOff(turn, phase);
  } else if (progress !== 'open') complete(turn, phase, progress === 'end');
}

/** The backend has closed its side. */
export function onUpstreamFinished(turn: Turn, phase: Proxying): void {
  if (phase.isTunnel || phase.response.finish()) complete(turn, phase, false);
  else cutOff(turn, phase);
}

/** There is no connection to the backend, or no longer. */
export function onUpstreamFailed(turn: Turn, phase: Proxying): void {
  note(turn, `${phase.backend} cannot be reached, or has reset`);
  if (!phase.isOpen) {
    // Nothing was sent, so that another may have the request.
    turn.connection.absent.add(phase.backend);
    readNext(turn);
  } else cutOff(turn, phase);
}

/** A response that has not begun becomes an error; of one that has, the client sees the cut. */
function cutOff(turn: Turn, phase: Proxying, status: ErrorStatus = 502): void {
  act(turn, { kind: 'upstream-abort' });
  if (phase.response.hasBegun()) resetConnection(turn);
  else answer(turn, status);
}

function complete(turn: Turn, phase: Proxying, isKept: boolean): void {
  const { connection } = turn;
  const before = connection.row?.backend === phase.backend ? connection.row.requests : 0;
  connection.row = { backend: phase.backend, requests: before + 1 };
  learn(turn.state, { ...phase.brief, octets: phase.responseOctets });
  const isReusable = isKept && phase.isRequestEnded;
  act(turn, { kind: 'upstream-close', isReusable });
  if (isReusable) readNext(turn);
  else closeConnection(turn);
}
