/** The beginning of a connection, before anything has been sent. */
import { seqAdd } from '../../tcp/seq-num.ts';
import type { SeqNum } from '../../tcp/seq-num.ts';
import type { TcpNegotiated } from '../../tcp/snapshot.ts';
import type { Connection, ReceiveSide, SendSide, TcpSettings, TcpState } from './connection.ts';
import { createQueue } from './octet-queue.ts';
import type { Ends } from './segment.ts';

/** What the beginning of a connection is made of. */
export interface Beginning extends Ends {
  readonly id: string;
  readonly isPassive: boolean;
  readonly isSigned?: boolean;
  readonly settings: TcpSettings;
  readonly state: TcpState;
  readonly negotiated: TcpNegotiated;
  readonly iss: SeqNum;
  /** RCV.NXT. */
  readonly receiveNext: SeqNum;
  readonly timestampOffset: number;
}

/** Segments that may be in flight at first. RFC 6928. */
export const INITIAL_WINDOW_SEGMENTS = 10;
const INITIAL_TIMEOUT_NS = 1e9;

/** A connection of which nothing has been sent. */
export function createConnection({ iss, receiveNext, ...given }: Beginning): Connection {
  const { settings, negotiated } = given;
  return {
    ...given,
    send: createSendSide(iss),
    receive: createReceiveSide(receiveNext, settings.receiveOctets),
    congestion: {
      window: INITIAL_WINDOW_SEGMENTS * negotiated.peerMss,
      threshold: Number.MAX_SAFE_INTEGER,
      duplicates: 0,
      recovery: undefined,
      filled: iss,
    },
    retransmission: {
      smoothedNs: undefined,
      variationNs: 0,
      timeoutNs: INITIAL_TIMEOUT_NS,
      backoff: 0,
      retries: 0,
      timed: undefined,
    },
    timers: { sendNs: undefined, endNs: undefined, challengeNs: 0 },
    frozen: false,
    closed: false,
  };
}

function createSendSide(iss: SeqNum): SendSide {
  return {
    iss,
    unacknowledged: iss,
    next: iss,
    cursor: iss,
    queue: createQueue(),
    queueStart: seqAdd(iss, 1),
    finished: false,
    boundaries: [],
    window: 0,
    windowMax: 0,
    windowUpdate: iss,
    sacked: [],
  };
}

function createReceiveSide(next: SeqNum, octets: number): ReceiveSide {
  return {
    next,
    updated: next,
    window: 0,
    octets,
    unread: createQueue(),
    outOfOrder: [],
    finAt: undefined,
    finished: false,
    paused: false,
    endReported: false,
    ackNow: false,
    ackByNs: undefined,
    unanswered: 0,
    duplicate: undefined,
    timestampRecent: undefined,
  };
}
