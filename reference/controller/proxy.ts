/** One request passed on to a backend over a connection of its own, and its response passed back. */
import type { ErrorStatus } from '../http/answers.ts';
import type { RequestHead } from '../http/request-head.ts';
import { briefOf } from '../policy/brief.ts';
import { note, setTimer, write } from '../owner/act.ts';
import type { Recorder } from '../cache/front-cache.ts';
import { createFieldAdder } from '../http/add-field.ts';
import { askToClose } from '../http/ask-to-close.ts';
import { hostToSay, replaceHost } from '../http/replace-host.ts';
import { createResponseReader } from '../http/response-reader.ts';
import { act } from './act.ts';
import { learnSession, type Decision } from './choosing.ts';
import type { Proxying } from './connection.ts';
import { answer, closeConnection, readNext, resetConnection } from './phases.ts';
import { unixMs, type Turn } from './state.ts';
import { learn } from './learning.ts';

/** Starts to pass on the request at the front, whose head is `head`. */
export function beginProxying(turn: Turn, head: RequestHead, decision: Decision): void {
  openUpstream(turn, createProxying(head, decision, false, recorderOf(turn, head)));
}

/** A request that will be passed on. */
export function createProxying(
  head: RequestHead,
  decision: Decision,
  maySplice: boolean,
  recorder?: Recorder,
): Proxying {
  const { backend, setCookie } = decision;
  const response = createResponseReader();
  response.expect(head);
  return {
    kind: 'proxying',
    backend,
    decision,
    brief: briefOf(head),
    host: hostToSay(head),
    recorder,
    addCookie: setCookie === undefined ? undefined : createFieldAdder('Set-Cookie', setCookie),
    response,
    isOpen: false,
    isRequestEnded: false,
    isTunnel: false,
    responseOctets: 0,
    maySplice,
    hasBegun: false,
  };
}

/** Who hears the response to a request, where responses are kept. */
export function recorderOf({ state }: Turn, head: RequestHead): Recorder | undefined {
  return state.cache?.record(head, unixMs(state));
}

/** Connects to the backend that a request is to be passed on to. */
export function openUpstream(turn: Turn, proxying: Proxying): void {
  const { backend } = proxying;
  note(turn, `passed on to ${backend}`);
  turn.connection.phase = proxying;
  const { connectMs, responseMs } = turn.state.config;
  setTimer(turn, Math.min(connectMs, responseMs));
  act(turn, { kind: 'upstream-open', backend });
}

/** Bounds the time in which the backend says something. */
export function waitForBackend(turn: Turn): void {
  setTimer(turn, turn.state.config.responseMs);
}

/** The backend has been silent for too long. */
export function onSilence(turn: Turn, phase: Proxying): void {
  note(turn, `${phase.backend} is silent`);
  if (!phase.isOpen) {
    act(turn, { kind: 'upstream-abort' });
    chooseAnother(turn, phase);
    // A tunnel may be idle for as long as both ends like.
  } else if (!phase.isTunnel) cutOff(turn, phase, 504);
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
  const named = phase.host === undefined ? parts : [replaceHost(parts, phase.host)];
  return phase.maySplice ? [askToClose(named)] : named;
}

/** The backend has said something. */
export function onUpstreamOctets(turn: Turn, phase: Proxying, octets: Uint8Array): void {
  phase.responseOctets += octets.length;
  waitForBackend(turn);
  if (phase.isTunnel) {
    write(turn, octets);
    return;
  }
  const hadHead = phase.response.head() !== undefined;
  const { passed, progress } = phase.response.push(octets);
  const head = phase.response.head();
  if (!hadHead && head !== undefined) learnSession(turn, phase.decision, head.fields);
  phase.recorder?.push(passed);
  const written = phase.addCookie?.(passed) ?? passed;
  if (written.length > 0) write(turn, written);
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
  if (!phase.isOpen) chooseAnother(turn, phase);
  else cutOff(turn, phase);
}

/** Nothing was sent, so that another may have the request. */
function chooseAnother(turn: Turn, { backend }: Proxying): void {
  turn.connection.absent.add(backend);
  readNext(turn);
}

/** A response that has not begun becomes an error; of one that has, the client sees the cut. */
export function cutOff(turn: Turn, phase: Proxying, status: ErrorStatus = 502): void {
  act(turn, { kind: 'upstream-abort' });
  if (phase.response.hasBegun()) resetConnection(turn);
  else answer(turn, status);
}

function complete(turn: Turn, phase: Proxying, isKept: boolean): void {
  const { connection } = turn;
  const before = connection.row?.backend === phase.backend ? connection.row.requests : 0;
  connection.decision = undefined;
  connection.last = phase.backend;
  connection.row = { backend: phase.backend, requests: before + 1 };
  learn(turn.state, { ...phase.brief, octets: phase.responseOctets });
  const isReusable = isKept && phase.isRequestEnded;
  act(turn, { kind: 'upstream-close', isReusable });
  if (isReusable) readNext(turn);
  else closeConnection(turn);
}
