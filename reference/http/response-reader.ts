/** The responses of a server to one request at a time: which octets are theirs, and what follows. */
import type { RequestHead } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';
import {
  createResponseState,
  expectResponse,
  finishResponses,
  frameResponses,
  type ResponseEvent,
} from './response.ts';

/**
 * How it goes on: the response is `open`; it has come to its `end`; it has, and both sides must
 * `close`; what follows is a `tunnel`; or the octets are no response.
 */
export type ResponseProgress = 'open' | 'end' | 'close' | 'tunnel' | 'reject';

/** What has come of a response. */
export interface ResponsePart {
  /** The octets that belong to it, and those of a tunnel. */
  readonly passed: Uint8Array;
  readonly progress: ResponseProgress;
}

/** Reads the responses to requests that are asked one after the other. */
export interface ResponseReader {
  /** Says which request is asked now. */
  expect(head: RequestHead): void;
  push(octets: Uint8Array): ResponsePart;
  /** The server has closed its side; whether that is the end of its response. */
  finish(): boolean;
  /** The head of the final response to the current request, when it has come. */
  head(): ResponseHead | undefined;
  /** Whether an octet of the response to the current request has been passed. */
  hasBegun(): boolean;
}

/** A reader that has not been told of a request. */
export function createResponseReader(): ResponseReader {
  const state = createResponseState();
  let isKept = true;
  let final: ResponseHead | undefined;
  let begun = false;
  let progress: ResponseProgress = 'open';

  function take(event: ResponseEvent): void {
    if (event.kind === 'head') {
      if (event.head.status >= 200) final = event.head;
      isKept &&= final === undefined || event.head.keepAlive;
    } else if (event.kind === 'tunnel' || event.kind === 'reject') progress = event.kind;
    else if (event.kind === 'end' && final !== undefined) progress = isKept ? 'end' : 'close';
  }

  return {
    expect(head): void {
      expectResponse(state, head);
      isKept = head.keepAlive;
      final = undefined;
      begun = false;
      progress = 'open';
    },
    push(octets): ResponsePart {
      const before = state.received;
      let at = 0;
      while (progress === 'open' && at < octets.length) {
        const events = frameResponses(state, octets.subarray(at), 'message-end');
        for (const event of events) take(event);
        at = state.received - before;
        if (events.length === 0) break;
      }
      if (at > 0) begun = true;
      return { passed: progress === 'tunnel' ? octets : octets.subarray(0, at), progress };
    },
    finish(): boolean {
      for (const event of finishResponses(state)) take(event);
      return progress === 'close' || progress === 'end';
    },
    head: () => final,
    hasBegun: () => begun,
  };
}
