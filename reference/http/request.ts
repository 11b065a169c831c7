/**
 * Requests in the octets that a client sends. RFC 9112 sections 3, 6 and 7.
 *
 * What two readers could understand differently is rejected, so that nobody behind the controller
 * finds another request in the same octets than the controller did.
 */
import type { Result } from 'scapy-ts';
import { finish, frame } from './framer.ts';
import type { HttpLimits } from './limits.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import type { Direction, MessageEvent, MessageState, Until } from './message.ts';
import { createMessageState } from './message.ts';
import { rejectStatus } from './reject.ts';
import type { RequestHead } from './request-head.ts';
import { parseRequestHead } from './request-head.ts';
import type { MessageSnapshot, SnapshotFault } from './snapshot.ts';
import { exportMessageState, importMessageState } from './snapshot.ts';

/** What the octets of a client mean. */
export type RequestEvent = MessageEvent<RequestHead>;

/** The client's direction of a connection between two portions of octets. */
export type RequestState = MessageState;

const REQUESTS: Direction<RequestHead, RequestState> = {
  emptyLines: 1,
  refusal: () => undefined,
  mayEnd: () => true,
  open(_, text) {
    const head = parseRequestHead(text);
    if (!head.ok) return head;
    const { method, framing, keepAlive, upgrade } = head.value;
    const tunnel = method === 'CONNECT' || upgrade ? 'asked' : 'none';
    return { ok: true, value: { head: head.value, framing, keepAlive, tunnel } };
  },
  statusOf: rejectStatus,
};

/** A connection on which no octet has come; limits that are left out are DEFAULT_LIMITS. */
export function createRequestState(limits: Partial<HttpLimits> = {}): RequestState {
  return createMessageState({ ...DEFAULT_LIMITS, ...limits });
}

/**
 * Takes octets on `state`, in place, and says what they mean.
 *
 * How many were taken is the change of `state.received`. Those after a message that ends the
 * connection or may make it a tunnel are not taken, nor any after a reject or, if asked so, after
 * the current message: `settleTunnel`, or the next call, goes on with them.
 */
export function frameRequests(
  state: RequestState,
  octets: Uint8Array,
  until: Until = 'all',
): readonly RequestEvent[] {
  return frame(state, REQUESTS, octets, until);
}

/** The client has sent its last octet: nothing, or a reject if it was within a request. */
export function finishRequests(state: RequestState): readonly RequestEvent[] {
  return finish(state, REQUESTS);
}

/**
 * Says what the final response to the last CONNECT or Upgrade made of the connection.
 *
 * May come before the request has ended; without such a request it has no effect.
 */
export function settleTunnel(state: RequestState, isTunnel: boolean): readonly RequestEvent[] {
  if (state.tunnel !== 'asked') return [];
  state.tunnel = isTunnel ? 'granted' : 'none';
  if (state.phase !== 'unsettled') return [];
  state.phase = isTunnel ? 'tunnel' : state.keepAlive ? 'head' : 'closed';
  return isTunnel ? [{ kind: 'tunnel', at: state.received }] : [];
}

/** A value that another host can continue from. */
export function exportRequestState(state: RequestState): MessageSnapshot {
  return exportMessageState(state);
}

/** The direction of a snapshot, with the limits of this host. */
export function importRequestState(
  snapshot: MessageSnapshot,
  limits: Partial<HttpLimits> = {},
): Result<RequestState, SnapshotFault> {
  return importMessageState(snapshot, createRequestState(limits), REQUESTS);
}
