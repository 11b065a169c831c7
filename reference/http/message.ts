/**
 * One direction of a connection: messages one after the other, each a head and perhaps content.
 *
 *   head ─▶ length ─────────────────────────────────────▶ end ─▶ head, unsettled, tunnel or closed
 *     │  ─▶ chunk-line ─▶ chunk ─▶ chunk-end ─▶ chunk-line   ▲
 *     │         └────────▶ trailers ────────────────────────┤
 *     └─▶ until-close ──────────────────────────────────────┘
 *
 * Offsets count the octets of the direction from its start; they are safe integers. The events are
 * the same however the octets are cut, but for content that comes in several `body` events.
 */
import type { Result } from 'scapy-ts';
import type { Field } from './fields.ts';
import type { Framing } from './framing.ts';
import type { HttpLimits } from './limits.ts';
import type { Fault, RejectReason, RejectStatus } from './reject.ts';
import type { Section } from './section.ts';
import { createSection } from './section.ts';

/** Where in a message a direction is, or why no octet is taken any more. */
export type Phase =
  | 'head'
  | 'length'
  | 'chunk-line'
  | 'chunk'
  | 'chunk-end'
  | 'trailers'
  | 'until-close'
  /** After a request that may make this a tunnel, until its response decides. */
  | 'unsettled'
  /** What follows is not HTTP. */
  | 'tunnel'
  /** The last message, by its own word, has ended. */
  | 'closed'
  | 'rejected';

/** What the octets of one direction mean, in order and without a gap. */
export type MessageEvent<Head> =
  /** From `start`, an ignored empty line included, to before `end`: the head and its blank line. */
  | { readonly kind: 'head'; readonly start: number; readonly end: number; readonly head: Head }
  /** Octets after the head, as sent: in a chunked message chunk lines and trailers are among them. */
  | { readonly kind: 'body'; readonly start: number; readonly end: number }
  /** The message's last octet is before `at`. */
  | { readonly kind: 'end'; readonly at: number; readonly trailers: readonly Field[] }
  /** From `at` on nothing is HTTP, and nothing is taken. */
  | { readonly kind: 'tunnel'; readonly at: number }
  /** A rule is broken at `at`; nothing is taken any more. */
  | {
      readonly kind: 'reject';
      readonly at: number;
      readonly status: RejectStatus;
      readonly reason: RejectReason;
    };

/** How far octets are taken: all, or those of the current message. */
export type Until = 'all' | 'message-end';

/** One direction between two portions of octets. */
export interface MessageState {
  readonly limits: HttpLimits;
  /** Octets of a head, chunk line or trailer section that has not ended. */
  readonly section: Section;
  /** Offset of the next octet to take. */
  received: number;
  phase: Phase;
  /** Octets that the content or the chunk still lacks; of the CRLF in `chunk-end`. */
  remaining: number;
  /** Of the current chunked message. */
  contentOctets: number;
  extensionOctets: number;
  /** Of the current message: whether another may follow, and whether a tunnel may or will. */
  keepAlive: boolean;
  tunnel: Tunnel;
}

/** Whether a message makes a tunnel of the connection: `asked` waits for the other direction. */
export type Tunnel = 'none' | 'asked' | 'granted';

/** What an opened head makes of a direction. */
export interface Opened<Head> {
  readonly head: Head;
  readonly framing: Framing;
  readonly keepAlive: boolean;
  readonly tunnel: Tunnel;
}

/** What differs between requests and responses. */
export interface Direction<Head, State extends MessageState> {
  /** Most empty lines that are ignored before a head. */
  readonly emptyLines: 0 | 1;
  /** A reason not to begin a message now, or undefined. */
  readonly refusal: (state: State) => RejectReason | undefined;
  /** Whether the stream may end between two messages now. */
  readonly mayEnd: (state: State) => boolean;
  /** Reads a head; the fault's offset is one within the text. */
  readonly open: (state: State, text: string) => Result<Opened<Head>, Fault>;
  readonly statusOf: (reason: RejectReason) => RejectStatus;
}

/** A direction of which nothing has come. */
export function createMessageState(limits: HttpLimits): MessageState {
  return {
    limits,
    section: createSection(),
    received: 0,
    phase: 'head',
    remaining: 0,
    contentOctets: 0,
    extensionOctets: 0,
    keepAlive: true,
    tunnel: 'none',
  };
}
