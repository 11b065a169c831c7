import test from 'ava';
import fc from 'fast-check';
import type { MessageEvent } from '../../../reference/http/message.ts';
import type { RequestEvent, RequestState } from '../../../reference/http/request.ts';
import {
  createRequestState,
  exportRequestState,
  finishRequests,
  frameRequests,
  importRequestState,
} from '../../../reference/http/request.ts';
import type { ResponseEvent, ResponseState } from '../../../reference/http/response.ts';
import {
  createResponseState,
  expectResponse,
  exportResponseState,
  finishResponses,
  frameResponses,
  importResponseState,
} from '../../../reference/http/response.ts';
import type { MessageSnapshot } from '../../../reference/http/snapshot.ts';
import { runs } from '../../runs.ts';
import type { Cut, MessageText } from './arbitrary.ts';
import { cuts, LAST_REQUESTS, request, requestStream, response } from './arbitrary.ts';
import { brief, cut, merged, octetsOf } from './bed.ts';
import { REJECTED } from './cases.ts';

/** A snapshot after a way through JSON, as a control channel might carry it. */
function sent<S extends MessageSnapshot>(snapshot: S): S {
  const text = JSON.stringify({ ...snapshot, residual: [...snapshot.residual] });
  const parsed: S = JSON.parse(text);
  return { ...parsed, residual: Uint8Array.from(parsed.residual) };
}

function imported<S>(
  result:
    { readonly ok: true; readonly value: S } | { readonly ok: false; readonly error: unknown },
): S {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function moveRequests(state: RequestState): RequestState {
  return imported(importRequestState(sent(exportRequestState(state))));
}

function moveResponses(state: ResponseState): ResponseState {
  return imported(importResponseState(sent(exportResponseState(state))));
}

/** Frames octets in pieces, moving to another host where a cut says so. */
function inPieces<State, Event>(
  first: State,
  octets: Uint8Array,
  at: readonly Cut[],
  move: (state: State) => State,
  frame: (state: State, piece: Uint8Array) => readonly Event[],
  finish: (state: State) => readonly Event[],
): readonly Event[] {
  const moves = new Set(at.filter((each) => each.moves).map((each) => each.at));
  let state = first;
  let done = 0;
  const events = cut(
    octets,
    at.map((each) => each.at),
  ).flatMap((piece) => {
    if (moves.has(done)) state = move(state);
    done += piece.length;
    return frame(state, piece);
  });
  return [...events, ...finish(state)];
}

function requestsInPieces(octets: Uint8Array, at: readonly Cut[]): readonly RequestEvent[] {
  const state = createRequestState();
  return inPieces(
    state,
    octets,
    at,
    moveRequests,
    (each, piece) => frameRequests(each, piece),
    finishRequests,
  );
}

function responsesInPieces(
  methods: readonly string[],
  octets: Uint8Array,
  at: readonly Cut[],
): readonly ResponseEvent[] {
  const state = createResponseState();
  for (const method of methods) expectResponse(state, { method, upgrade: false });
  return inPieces(
    state,
    octets,
    at,
    moveResponses,
    (each, piece) => frameResponses(each, piece),
    finishResponses,
  );
}

/** The events that a stream's construction says, in brief. */
function constructed(messages: readonly MessageText[]): readonly string[] {
  let at = 0;
  return messages.flatMap(({ head, body }) => {
    const start = at;
    const end = start + head.length;
    at = end + body.length;
    const content = body === '' ? [] : [`body ${end}-${at}`];
    return [`head ${start}-${end}`, ...content, `end ${at}`];
  });
}

function textOf(messages: readonly MessageText[]): string {
  return messages.map(({ head, body }) => head + body).join('');
}

/** No gap, no overlap, nothing after a reject. */
function assertContiguous<Head>(events: readonly MessageEvent<Head>[]): void {
  let at = 0;
  for (const [index, event] of events.entries()) {
    if (event.kind === 'head' || event.kind === 'body') {
      if (event.start !== at || event.end <= at) throw new Error(`${brief(event)} after ${at}`);
      at = event.end;
    } else if (event.kind === 'reject') {
      if (event.at < at || index !== events.length - 1) throw new Error(brief(event));
    } else if (event.at !== at) throw new Error(`${brief(event)} after ${at}`);
  }
}

test('PRISM-CTRL-02 requests end where they were built to end', (t) => {
  fc.assert(
    fc.property(fc.array(request, { maxLength: 5 }), (messages) => {
      const events = frameRequests(createRequestState(), octetsOf(textOf(messages)));
      t.deepEqual(events.map(brief), constructed(messages));
    }),
    runs(1000),
  );
});

test('responses end where they were built to end', (t) => {
  fc.assert(
    fc.property(fc.array(response, { maxLength: 5 }), cuts, (messages, at) => {
      const methods = messages.map(({ method }) => method);
      const events = responsesInPieces(methods, octetsOf(textOf(messages)), at);
      t.deepEqual(merged(events).map(brief), constructed(messages));
    }),
    runs(1000),
  );
});

test('PRISM-PIPE-05 any split and any move to another host gives the same events', (t) => {
  fc.assert(
    fc.property(requestStream, cuts, (text, at) => {
      const octets = octetsOf(text);
      const whole = requestsInPieces(octets, []);
      assertContiguous(whole);
      t.deepEqual(merged(requestsInPieces(octets, at)), whole);
    }),
    runs(3000),
  );
});

test('PRISM-PIPE-05 responses: any split and any move gives the same events', (t) => {
  const ends = fc.constantFrom('', 'HTTP/1.1 200 OK\r\n\r\nabc', 'HTTP/1.1 2\n', 'x'.repeat(30));
  fc.assert(
    fc.property(fc.array(response, { maxLength: 3 }), ends, cuts, (messages, end, at) => {
      const methods = [...messages.map(({ method }) => method), 'GET'];
      const octets = octetsOf(textOf(messages) + end);
      const whole = responsesInPieces(methods, octets, []);
      assertContiguous(whole);
      t.deepEqual(merged(responsesInPieces(methods, octets, at)), whole);
    }),
    runs(1000),
  );
});

test('requests of each kind, cut once and moved at every octet', (t) => {
  const start =
    '\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n' +
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde' +
    'POST / HTTP/1.1\r\nHost: a\r\nX: \xe9\r\nTransfer-Encoding: chunked\r\n\r\n' +
    '3;a=b\r\nabc\r\n1\r\nd\r\n0\r\nX: y\r\n\r\n';
  for (const last of LAST_REQUESTS) {
    const octets = octetsOf(start + last);
    const whole = requestsInPieces(octets, []);
    t.is(whole.filter(({ kind }) => kind === 'head').length, 4);
    for (const at of octets.keys()) {
      t.deepEqual(merged(requestsInPieces(octets, [{ at, moves: true }])), whole, `at ${at}`);
    }
  }
});

test('limits that add up over a message go with it to another host', (t) => {
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
  for (const [body, limits] of [
    ['3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n', { contentOctets: 5 }],
    ['1;abc\r\na\r\n1;abc\r\na\r\n0\r\n\r\n', { chunkExtensionOctets: 5 }],
  ] as const) {
    const octets = octetsOf(head + body);
    const whole = frameRequests(createRequestState(limits), octets);
    t.is(whole.at(-1)?.kind, 'reject');
    for (const at of octets.keys()) {
      const first = createRequestState(limits);
      const events = [...frameRequests(first, octets.subarray(0, at))];
      if (first.phase === 'rejected') continue;
      const second = imported(importRequestState(sent(exportRequestState(first)), limits));
      events.push(...frameRequests(second, octets.subarray(at)));
      t.deepEqual(merged(events), whole, `at ${at}`);
    }
  }
});

test('every rejected request, octet by octet and moved at each, is rejected the same', (t) => {
  for (const { name, text } of REJECTED) {
    const octets = octetsOf(text);
    const at = [...octets.keys()].map((each) => ({ at: each, moves: true }));
    t.deepEqual(merged(requestsInPieces(octets, at)), requestsInPieces(octets, []), name);
  }
});
