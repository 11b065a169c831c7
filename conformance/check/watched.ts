/** The state of a connection as its client sees it, and a segment that is looked at. */
import type { AddressBook } from './address-book.ts';
import type { Connection } from './connection.ts';
import type { Dialogue } from './dialogue.ts';
import { at, type CheckedId, type FrameReference, type Ledger } from './ledger.ts';
import type { Seen } from './seen.ts';
import type { StreamWindow, WindowPool } from './stream-window.ts';

/** What a SYN offered. RFC 9293 section 3.2, RFC 7323, RFC 2018. */
export interface Offer {
  readonly seq: number;
  readonly mss: number;
  readonly timestamps: boolean;
  readonly sackPermitted: boolean;
  /** -1 when the option is not there. */
  readonly windowScale: number;
}

/** The state of one connection, as its client sees it. */
export interface ClientWatch {
  /** The offers of both ends; `unclear` when an end made several that differ. */
  clientOffer: Offer | undefined;
  serverOffer: Offer | undefined;
  unclear: boolean;
  /** Behind the last octet that each end sent; undefined until it has sent one. */
  clientEnd: number | undefined;
  serverEnd: number | undefined;
  /** The highest acknowledgment of the client, and of the server with its time and its frame. */
  clientAck: number | undefined;
  serverAck: number | undefined;
  serverAckTime: number;
  serverAckFrame: number;
  /** The time that the newest new octets of the server carried. */
  serverTime: number | undefined;
  serverTimeFrame: number;
  /** Behind the server's FIN, and where an acceptable reset of the server was. */
  serverFin: number | undefined;
  serverFinFrame: number;
  clientFinished: boolean;
  resetSeq: number | undefined;
  resetFrame: number;
  afterReset: number;
  /** The server's last octets. */
  window: StreamWindow | undefined;
  dialogue: Dialogue | undefined;
}

/** What watching needs. */
export interface WatchBench {
  readonly ledger: Ledger;
  readonly book: AddressBook;
  readonly windows: WindowPool;
}

/** A connection that nothing is known of. */
export function createClientWatch(): ClientWatch {
  return {
    clientOffer: undefined,
    serverOffer: undefined,
    unclear: false,
    clientEnd: undefined,
    serverEnd: undefined,
    clientAck: undefined,
    serverAck: undefined,
    serverAckTime: 0,
    serverAckFrame: 0,
    serverTime: undefined,
    serverTimeFrame: 0,
    serverFin: undefined,
    serverFinFrame: 0,
    clientFinished: false,
    resetSeq: undefined,
    resetFrame: 0,
    afterReset: 0,
    window: undefined,
    dialogue: undefined,
  };
}

/** A segment of the connection, in the frame that was captured. */
export interface Watched {
  readonly seen: Seen;
  readonly octets: Uint8Array;
  payload: Uint8Array | undefined;
  readonly connection: Connection;
  readonly watch: ClientWatch;
  readonly bench: WatchBench;
}

/** Reports a breach by the segment at hand; `before` is the frame it contradicts, 0 for none. */
export function report(
  { connection, seen, bench }: Watched,
  requirement: CheckedId,
  [field, expected, observed]: readonly [string, string, string],
  before: number,
): void {
  const { book, ledger } = bench;
  const { client, virtual } = connection;
  const ends = `${book.format(client.endpoint)} > ${book.format(virtual)}`;
  const first: readonly FrameReference[] =
    before === 0 ? [] : [{ capture: 'client', frame: before }];
  const frames = [...first, at(seen)];
  ledger.broken({ requirement, connection: ends, field, expected, observed, frames });
}

/** The payload; undefined when it was not captured whole. */
export function payloadOf(watched: Watched): Uint8Array | undefined {
  const { payloadAt, length, hashed } = watched.seen;
  if (hashed !== length) return undefined;
  watched.payload ??= watched.octets.subarray(payloadAt, payloadAt + length);
  return watched.payload;
}

/** Distances within one connection; further away lies another one on the same endpoints. */
const NEAR = 2 ** 24;

/** Whether `position` lies behind `mark`; undefined when they cannot be of one connection. */
export function distance(position: number, mark: number): number | undefined {
  const octets = (position - mark) | 0;
  return Math.abs(octets) < NEAR ? octets : undefined;
}
