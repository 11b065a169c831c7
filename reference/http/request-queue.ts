/**
 * A client's octets, one request at a time: the first is cut off exactly where it ends.
 *
 *   push ─▶ ┌─ of the first request ─┬─ not looked at yet ─┐
 *           └── take ────────────────┴─────────────────────┘
 *
 * What comes after the first request is not even looked at before that has been taken, so that it
 * can be given away as it is.
 */
import { concat } from './concat.ts';
import type { RejectReason, RejectStatus } from './reject.ts';
import type { RequestHead } from './request-head.ts';
import { createRequestState, frameRequests, type RequestState } from './request.ts';

/** What the octets begin with. */
export type Front =
  | { readonly kind: 'request'; readonly head: RequestHead }
  | { readonly kind: 'reject'; readonly status: RejectStatus; readonly reason: RejectReason };

/** Octets of the first request. */
export interface Taken {
  readonly parts: readonly Uint8Array[];
  /** Whether these are the last of it. */
  readonly isEnd: boolean;
}

/** Octets that a client has sent and nobody has taken. */
export interface RequestQueue {
  /** How many there are. */
  readonly octets: number;
  push(octets: Uint8Array): void;
  /** What the first request is; undefined while its head is not complete. */
  front(): Front | undefined;
  /** Takes what there is of the first request; after its end the next is the first. */
  take(): Taken;
  /** Takes all octets, whatever they are; what is pushed then begins a request. */
  rest(): Uint8Array;
}

/** A queue to which nothing has been pushed. */
export function createRequestQueue(): RequestQueue {
  let state: RequestState = createRequestState();
  let framed: Uint8Array[] = [];
  let unframed: Uint8Array[] = [];
  let front: Front | undefined;
  let isEnd = false;
  let held = 0;

  function restart(): void {
    state = createRequestState();
    front = undefined;
    isEnd = false;
  }

  /** Frames what has come, no further than to the end of the first request. */
  function frame(): void {
    while (!isEnd && front?.kind !== 'reject') {
      const next = unframed.shift();
      if (next === undefined) return;
      const before = state.received;
      for (const event of frameRequests(state, next, 'message-end')) {
        if (event.kind === 'head') front = { kind: 'request', head: event.head };
        else if (event.kind === 'end') isEnd = true;
        else if (event.kind === 'reject') front = event;
      }
      const taken = state.received - before;
      if (taken > 0) framed.push(next.subarray(0, taken));
      if (taken < next.length) unframed.unshift(next.subarray(taken));
    }
  }

  return {
    get octets(): number {
      return held;
    },
    push(octets): void {
      held += octets.length;
      if (octets.length > 0) unframed.push(octets);
    },
    front(): Front | undefined {
      frame();
      return front;
    },
    take(): Taken {
      frame();
      if (front?.kind !== 'request') return { parts: [], isEnd: false };
      const taken = { parts: framed, isEnd };
      for (const { length } of framed) held -= length;
      framed = [];
      if (isEnd) restart();
      return taken;
    },
    rest(): Uint8Array {
      const all = concat([...framed, ...unframed]);
      framed = [];
      unframed = [];
      held = 0;
      restart();
      return all;
    },
  };
}
