/**
 * One end of a TCP connection at one moment, complete enough to go on at another host.
 *
 *   sent and not acknowledged   written, not sent        received, acknowledged, not read
 *   ├────────── sent ──────────┼──────── unsent ───┤     ├──────────── unread ───────────┤
 *   SND.UNA                    SND.NXT                                                   RCV.NXT
 *
 * Names of the numbers as in RFC 9293 section 3.3.1. The addresses are no part of it: they are the
 * connection's key, and stay what they are wherever the connection goes.
 */
import type { SeqNum } from './seq-num.ts';

/** What both ends agreed on in the SYN segments; what was not negotiated is never used. */
export interface TcpNegotiated {
  /** Most payload octets that the peer takes in one segment, 1 … 65535. RFC 9293 section 3.7.1. */
  readonly peerMss: number;
  /** Shifts of the peer's and of the own window, 0 … 14; undefined unless both sides sent one. */
  readonly windowScale?: { readonly peer: number; readonly own: number } | undefined;
  readonly sackPermitted: boolean;
  readonly timestamps: boolean;
}

/** The windows, in octets and not yet shifted. RFC 9293 section 3.3.1. */
export interface TcpWindows {
  /** SND.WND, what the peer last offered. */
  readonly send: number;
  /** The greatest window that the peer ever offered. */
  readonly sendMax: number;
  /** SND.WL1, the sequence number of the segment that last changed `send`. */
  readonly sendUpdate: SeqNum;
  /** RCV.WND, what was last offered to the peer. */
  readonly receive: number;
  /** RCV.NXT when `receive` was offered: the right edge is their sum. */
  readonly receiveUpdate: SeqNum;
}

/** A connection in ESTABLISHED or CLOSE-WAIT that another host can continue. */
export interface TcpSnapshot {
  /** SND.UNA: where `sent` begins. */
  readonly sendUnacknowledged: SeqNum;
  /** Octets from SND.UNA to SND.NXT − 1. */
  readonly sent: Uint8Array;
  /** Octets from SND.NXT on that were written and never sent. */
  readonly unsent: Uint8Array;
  /** RCV.NXT: the octets of `unread` are those before it. */
  readonly receiveNext: SeqNum;
  readonly unread: Uint8Array;
  readonly negotiated: TcpNegotiated;
  readonly windows: TcpWindows;
  /** What TSval would have been at the snapshot, 0 … 2^32 − 1; 0 without timestamps. RFC 7323. */
  readonly timestampNow: number;
  /** TS.Recent, the last TSval of the peer; 0 without timestamps, or where it cannot be known. */
  readonly timestampRecent: number;
}
