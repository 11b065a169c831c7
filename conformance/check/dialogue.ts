/**
 * Requests and responses of one client connection, counted: each request is answered once, in
 * order.
 *
 * Judged only where every octet of both directions was captured in order, from the SYN on.
 */
import {
  createMessageStream,
  isBetween,
  isLost,
  readMessages,
  type Body,
  type Head,
  type MessageStream,
} from './http-messages.ts';

/** What a dialogue shows. */
export interface DialogueEvents {
  /** A response to a request that another one was waiting with. */
  readonly pipelined: () => void;
  readonly surplus: (startLine: string) => void;
  readonly afterClose: (startLine: string) => void;
}

/** How far both directions have been read. */
export interface Dialogue {
  readonly requests: MessageStream;
  readonly responses: MessageStream;
  readonly waiting: Waiting[];
  asked: number;
  answering: Waiting | undefined;
  closing: boolean;
  over: boolean;
}

interface Waiting {
  readonly isHead: boolean;
  /** Other requests were waiting with it. */
  pipelined: boolean;
}

/** More unanswered requests than this are not followed. */
const MAX_WAITING = 256;
const REQUEST_LINE = /^(?<method>[A-Z]{3,16}) \S+ HTTP\/1\.[01]$/u;
const STATUS_LINE = /^HTTP\/1\.[01] (?<status>[1-5][0-9][0-9])(?: |$)/u;

/** A dialogue in which nothing has been said. */
export function createDialogue(): Dialogue {
  return {
    requests: createMessageStream(),
    responses: createMessageStream(),
    waiting: [],
    asked: 0,
    answering: undefined,
    closing: false,
    over: false,
  };
}

/** Nothing more can be said. */
export function isOver({ over, requests, responses }: Dialogue): boolean {
  return over || isLost(requests) || isLost(responses);
}

function lose(dialogue: Dialogue): Body {
  dialogue.over = true;
  return 'lost';
}

function takeRequest(dialogue: Dialogue, { startLine }: Head): Body {
  const { waiting } = dialogue;
  const method = REQUEST_LINE.exec(startLine)?.groups?.['method'];
  if (method === undefined || method === 'CONNECT' || waiting.length >= MAX_WAITING) {
    return lose(dialogue);
  }
  dialogue.asked += 1;
  for (const each of waiting) each.pipelined = true;
  waiting.push({ isHead: method === 'HEAD', pipelined: waiting.length > 0 });
  return 'by-head';
}

function takeResponse(dialogue: Dialogue, head: Head, events: DialogueEvents): Body {
  const status = Number(STATUS_LINE.exec(head.startLine)?.groups?.['status'] ?? 0);
  if (status === 0 || status === 101) return lose(dialogue);
  if (status < 200) return 'none';
  if (dialogue.closing) {
    events.afterClose(head.startLine);
    return lose(dialogue);
  }
  const answering = dialogue.waiting.shift();
  dialogue.answering = answering;
  if (answering === undefined) {
    // A server may say that it has waited long enough, or refuse what is no request.
    const judged = dialogue.asked > 0 && isBetween(dialogue.requests) && status < 400;
    if (judged) events.surplus(head.startLine);
    return lose(dialogue);
  }
  dialogue.closing = head.close;
  if (answering.isHead || status === 204 || status === 304) return 'none';
  return head.chunked || head.contentLength !== undefined ? 'by-head' : 'until-close';
}

/** Takes octets of the client that continue its stream, from index `from` on. */
export function hearRequest(dialogue: Dialogue, octets: Uint8Array, from: number): void {
  readMessages(dialogue.requests, octets, from, {
    head: (head) => takeRequest(dialogue, head),
    end: () => undefined,
  });
}

/** Takes octets of the server that continue its stream, from index `from` on. */
export function hearResponse(
  dialogue: Dialogue,
  octets: Uint8Array,
  from: number,
  events: DialogueEvents,
): void {
  readMessages(dialogue.responses, octets, from, {
    head: (head) => takeResponse(dialogue, head, events),
    end() {
      if (dialogue.answering?.pipelined === true) events.pipelined();
      dialogue.answering = undefined;
    },
  });
}
