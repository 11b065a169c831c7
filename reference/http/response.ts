/**
 * Responses in the octets that a backend sends. RFC 9112 sections 4, 6 and 7.
 *
 * They are read as a proxy has to: a response ends where the client will find its end, given the
 * request that it answers, and one that leaves a doubt is rejected.
 */
import type { Result } from 'scapy-ts';
import { finish, frame } from './framer.ts';
import type { HttpLimits } from './limits.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import type { Direction, MessageEvent, MessageState, Until } from './message.ts';
import { createMessageState } from './message.ts';
import type { RequestAsked, ResponseHead } from './response-head.ts';
import { parseResponseHead } from './response-head.ts';
import type { MessageSnapshot, SnapshotFault } from './snapshot.ts';
import { exportMessageState, importMessageState } from './snapshot.ts';

/** What the octets of a backend mean. */
export type ResponseEvent = MessageEvent<ResponseHead>;

/** The backend's direction of a connection between two portions of octets. */
export interface ResponseState extends MessageState {
  /** The requests whose final response has not begun, the oldest first. */
  readonly expected: RequestAsked[];
}

/** A backend's direction as a value. */
export interface ResponseSnapshot extends MessageSnapshot {
  readonly expected: readonly RequestAsked[];
}

/** Most requests that can wait for their responses. */
export const EXPECTED_MAX = 1024;

const RESPONSES: Direction<ResponseHead, ResponseState> = {
  emptyLines: 0,
  refusal: ({ expected }) => (expected.length === 0 ? 'not-requested' : undefined),
  mayEnd: ({ expected }) => expected.length === 0,
  open(state, text) {
    const [asked] = state.expected;
    if (asked === undefined) return { ok: false, error: { reason: 'not-requested', at: 0 } };
    const head = parseResponseHead(text, asked);
    if (!head.ok) return head;
    const { status, framing, tunnel } = head.value;
    const isInterim = status < 200 && !tunnel;
    if (!isInterim) state.expected.shift();
    const keepAlive = isInterim || head.value.keepAlive;
    return {
      ok: true,
      value: { head: head.value, framing, keepAlive, tunnel: tunnel ? 'granted' : 'none' },
    };
  },
  statusOf: () => 502,
};

/** A connection on which no octet has come; limits that are left out are DEFAULT_LIMITS. */
export function createResponseState(limits: Partial<HttpLimits> = {}): ResponseState {
  return { ...createMessageState({ ...DEFAULT_LIMITS, ...limits }), expected: [] };
}

/**
 * Tells of a request before its response can come; a request head is one.
 *
 * Throws RangeError where EXPECTED_MAX requests wait already.
 */
export function expectResponse(state: ResponseState, { method, upgrade }: RequestAsked): void {
  if (state.expected.length >= EXPECTED_MAX) {
    throw new RangeError(`${EXPECTED_MAX} requests wait for their responses already`);
  }
  state.expected.push({ method, upgrade });
}

/**
 * Takes octets on `state`, in place, and says what they mean.
 *
 * How many were taken is the change of `state.received`. None are after a tunnel, after the last
 * response, after a reject or, if asked so, after the current response.
 */
export function frameResponses(
  state: ResponseState,
  octets: Uint8Array,
  until: Until = 'all',
): readonly ResponseEvent[] {
  return frame(state, RESPONSES, octets, until);
}

/** The backend has sent its last octet: the end of a response that lasts until then, or a reject. */
export function finishResponses(state: ResponseState): readonly ResponseEvent[] {
  return finish(state, RESPONSES);
}

/** A value that another host can continue from. */
export function exportResponseState(state: ResponseState): ResponseSnapshot {
  return { ...exportMessageState(state), expected: [...state.expected] };
}

/** The direction of a snapshot, with the limits of this host. */
export function importResponseState(
  snapshot: ResponseSnapshot,
  limits: Partial<HttpLimits> = {},
): Result<ResponseState, SnapshotFault> {
  const { expected, ...message } = snapshot;
  if (expected.length > EXPECTED_MAX) {
    return { ok: false, error: { kind: 'snapshot', field: 'expected' } };
  }
  const state = createResponseState(limits);
  for (const asked of expected) expectResponse(state, asked);
  return importMessageState(message, state, RESPONSES);
}
