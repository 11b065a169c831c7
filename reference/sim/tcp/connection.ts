/**
 * What one end of a TCP connection is between two events. RFC 9293 section 3.3.1.
 *
 *          send.unacknowledged      send.cursor    send.next           send end
 *   ───────┼───────────────────────┼───────────────┼───────────────────┼───
 *    acked │ sent                  │ to be resent  │ written, not sent │
 *
 *          receive.next                       receive.updated + receive.window
 *   ───────┼─────────────────────────────────┼───
 *   unread │ out of order, or nothing yet    │ not offered
 */
import type { SackBlock } from 'scapy-ts';
import { seqAdd } from '../../tcp/seq-num.ts';
import type { SeqNum } from '../../tcp/seq-num.ts';
import type { TcpNegotiated } from '../../tcp/snapshot.ts';
import type { OctetQueue } from './octet-queue.ts';
import { queueLength } from './octet-queue.ts';
import type { Piece } from './reassembly.ts';
import type { Ends, Signing } from './segment.ts';

/** The states of RFC 9293 section 3.3.2 in which there is a connection. */
export type TcpState =
  | 'SYN-SENT'
  | 'SYN-RECEIVED'
  | 'ESTABLISHED'
  | 'FIN-WAIT-1'
  | 'FIN-WAIT-2'
  | 'CLOSE-WAIT'
  | 'CLOSING'
  | 'LAST-ACK'
  | 'TIME-WAIT';

/** How a TCP behaves; of a host, or of one connection. */
export interface TcpSettings {
  /** The MSS option of SYN segments, at most what fits; undefined leaves it out. */
  readonly mss: number | undefined;
  /** The shift that is offered, 0 … 14; undefined leaves the option out. */
  readonly windowScale: number | undefined;
  readonly sack: boolean;
  readonly timestamps: boolean;
  /** The window as long as nothing is unread; a shift must not make 0 of it. */
  readonly receiveOctets: number;
  /** The initial sequence number; undefined chooses one at random. */
  readonly iss: number | undefined;
  /** What the SYN is said to be signed with; no other segment is. */
  readonly signing: Signing | undefined;
  /** Whether a socket in repair mode acknowledges what it receives, as Linux's does. */
  readonly repairAcknowledges: boolean;
}

/** The sending half. */
export interface SendSide {
  readonly iss: SeqNum;
  /** SND.UNA. */
  unacknowledged: SeqNum;
  /** SND.NXT: the greatest number sent, plus 1. */
  next: SeqNum;
  /** Where sending goes on: before `next` when what was sent is to be sent again. */
  cursor: SeqNum;
  /** Octets that are not acknowledged, the first of them at `queueStart`. */
  readonly queue: OctetQueue;
  queueStart: SeqNum;
  /** A FIN follows the queue. */
  finished: boolean;
  /** Where a segment must end because the application wants it so; ascending. */
  boundaries: SeqNum[];
  /** SND.WND, in octets, the greatest it ever was, and SND.WL1. */
  window: number;
  windowMax: number;
  windowUpdate: SeqNum;
  /** What the peer has selectively acknowledged; ascending, disjoint. */
  sacked: readonly SackBlock[];
}

/** What congestion control remembers. RFC 5681, RFC 6582. */
export interface Congestion {
  /** Octets. */
  window: number;
  threshold: number;
  duplicates: number;
  /** In fast recovery: what SND.NXT was when it began. */
  recovery: SeqNum | undefined;
  /** How far holes have been filled in this recovery. */
  filled: SeqNum;
}

/** Round-trip time and the timer that comes of it. RFC 6298. */
export interface Retransmission {
  smoothedNs: number | undefined;
  variationNs: number;
  timeoutNs: number;
  /** Doublings of `timeoutNs`. */
  backoff: number;
  /** Timeouts since the peer last was heard to be alive. */
  retries: number;
  /** Without timestamps: the segment that is timed, by its end. */
  timed: { readonly end: SeqNum; readonly sentNs: number } | undefined;
}

/** The receiving half. */
export interface ReceiveSide {
  /** RCV.NXT. */
  next: SeqNum;
  /** RCV.NXT when `window` was offered. */
  updated: SeqNum;
  /** RCV.WND in octets, as it was last offered. */
  window: number;
  readonly octets: number;
  readonly unread: OctetQueue;
  outOfOrder: readonly Piece[];
  /** Sequence number of the peer's FIN. */
  finAt: SeqNum | undefined;
  finished: boolean;
  /** The application does not read. */
  paused: boolean;
  /** The application was told of all octets, and of the end. */
  endReported: boolean;
  /** An acknowledgment is due at once; one is due by then. */
  ackNow: boolean;
  ackByNs: number | undefined;
  /** Segments that no acknowledgment has answered. */
  unanswered: number;
  /** Octets that came twice, to be reported. RFC 2883. */
  duplicate: SackBlock | undefined;
  /** TS.Recent; undefined where it is not known. RFC 7323 section 4.3. */
  timestampRecent: number | undefined;
}

/** The timers, as the times at which they end. */
export interface Timers {
  /** Retransmission or, with nothing in flight, a probe of the window. */
  sendNs: number | undefined;
  /** TIME-WAIT, or FIN-WAIT-2 of a closed socket. */
  endNs: number | undefined;
  /** No challenge is acknowledged before. RFC 5961 section 7. */
  challengeNs: number;
}

/** One end of a connection. */
export interface Connection extends Ends {
  readonly id: string;
  /** Whether it came of a listening endpoint. */
  readonly isPassive: boolean;
  /** Whether the client's SYN, from which it came, has a signature. */
  readonly isSigned?: boolean;
  readonly settings: TcpSettings;
  state: TcpState;
  negotiated: TcpNegotiated;
  /** What TSval is at time 0. */
  readonly timestampOffset: number;
  readonly send: SendSide;
  readonly receive: ReceiveSide;
  readonly congestion: Congestion;
  readonly retransmission: Retransmission;
  readonly timers: Timers;
  /** The socket is in repair mode. */
  frozen: boolean;
  /** The application has closed the socket: nobody reads. */
  closed: boolean;
}

/** What follows the last octet that was written: the FIN's number, if there is one. */
export function queueEnd({ queueStart, queue }: SendSide): SeqNum {
  return seqAdd(queueStart, queueLength(queue));
}

/** What follows all that is to be sent, the FIN included. */
export function sendEnd(send: SendSide): SeqNum {
  return seqAdd(queueEnd(send), send.finished ? 1 : 0);
}

/** Whether the peer has acknowledged our FIN. */
export function isFinAcknowledged(send: SendSide): boolean {
  return send.finished && send.unacknowledged === sendEnd(send);
}

/** What the peer may still send: the right edge of the window that was offered. */
export function receiveEdge({ updated, window }: ReceiveSide): SeqNum {
  return seqAdd(updated, window);
}
