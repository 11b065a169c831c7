/** What a connection sends, and when. RFC 9293 section 3.8, RFC 5681, RFC 6298. */
import { TCP_FLAG } from 'scapy-ts';
import type { SeqNum } from '../../tcp/seq-num.ts';
import { seqAdd, seqDistance } from '../../tcp/seq-num.ts';
import type { Connection, TcpState } from './connection.ts';
import { queueEnd, sendEnd } from './connection.ts';
import { acknowledge, blocksToReport, emit, timestampsOf, WINDOW_FIELD_MAX } from './emit.ts';
import { mssOf } from './negotiate.ts';
import { peek } from './octet-queue.ts';
import { skipCovered } from './scoreboard.ts';
import { NO_OCTETS } from './segment.ts';
import type { HostState } from './state.ts';
import { emitSegment } from './state.ts';

/** Linux: TCP_RTO_MAX. */
export const TIMEOUT_MAX_NS = 120e9;

/** However small the peer's MSS, some octets go into each segment. */
const PAYLOAD_LEAST = 8;

const SENDING: ReadonlySet<TcpState> = new Set<TcpState>([
  'ESTABLISHED',
  'CLOSE-WAIT',
  'FIN-WAIT-1',
  'CLOSING',
  'LAST-ACK',
]);

/** Sends all that may be sent now, and the acknowledgment that is due. */
export function output(host: HostState, connection: Connection): void {
  if (!connection.frozen && SENDING.has(connection.state)) sendPending(host, connection);
  if (connection.receive.ackNow) acknowledge(host, connection);
  armSendTimer(host, connection);
}

/** Sends SYN, or SYN and ACK, with what is offered or agreed on. */
export function sendSyn(host: HostState, connection: Connection): void {
  const { send, receive, settings, negotiated } = connection;
  const isFirst = connection.state === 'SYN-SENT';
  const offers = isFirst ? settings : negotiated;
  const isScaling = isFirst || negotiated.windowScale !== undefined;
  const timestamps = offers.timestamps ? timestampsOf(host, connection) : undefined;
  const window = Math.min(receive.octets, WINDOW_FIELD_MAX);
  receive.updated = receive.next;
  receive.window = window;
  emitSegment(host, connection, {
    seq: send.iss,
    ack: receive.next,
    flags: isFirst ? TCP_FLAG.SYN : TCP_FLAG.SYN | TCP_FLAG.ACK,
    window,
    options: {
      mss: settings.mss === undefined ? undefined : Math.min(settings.mss, mssOf(connection)),
      windowScale: isScaling ? settings.windowScale : undefined,
      sackPermitted: isFirst ? settings.sack : negotiated.sackPermitted,
      timestamps,
      signing: isFirst ? settings.signing : undefined,
    },
    payload: NO_OCTETS,
  });
  send.cursor = seqAdd(send.iss, 1);
  noteSent(host, connection, send.iss, send.cursor);
}

/**
 * Sends what begins at `seq` whatever the windows say: at most one segment, at most up to `limit`.
 *
 * Returns what follows it.
 */
export function resend(
  host: HostState,
  connection: Connection,
  seq: SeqNum,
  limit: SeqNum = connection.send.next,
): SeqNum {
  const octets = Math.min(sizeAt(connection, seq), seqDistance(seq, limit));
  const isFinWithin = seqDistance(seqAdd(seq, octets), limit) > 0;
  return transmit(host, connection, seq, octets, isFinWithin);
}

/** Octets that are sent and not acknowledged, SYN and FIN counted. */
export function flightOctets({ unacknowledged, next }: Connection['send']): number {
  return seqDistance(unacknowledged, next);
}

/** How long to wait for the peer now. RFC 6298 section 5. */
export function waitNs({ retransmission: { timeoutNs, backoff } }: Connection): number {
  return Math.min(timeoutNs * 2 ** backoff, TIMEOUT_MAX_NS);
}

function sendPending(host: HostState, connection: Connection): void {
  const { send } = connection;
  for (;;) {
    if (seqDistance(send.cursor, send.next) > 0) {
      send.cursor = skipCovered(send.sacked, send.cursor);
    }
    const room = roomAt(connection, send.cursor);
    const octets = Math.min(sizeAt(connection, send.cursor), room);
    const isAtEnd = seqAdd(send.cursor, octets) === queueEnd(send);
    const isFin = isAtEnd && send.finished && room > octets && send.cursor !== sendEnd(send);
    if (octets <= 0 && !isFin) return;
    if (octets > 0 && isSilly(connection, send.cursor, octets)) return;
    send.cursor = transmit(host, connection, send.cursor, octets, isFin);
  }
}

/** Octets that the peer's window and the congestion window let through from `seq` on. */
function roomAt({ send, congestion }: Connection, seq: SeqNum): number {
  const edge = seqAdd(send.unacknowledged, Math.min(send.window, congestion.window));
  return seqDistance(seq, edge);
}

/** Octets of the segment that begins at `seq`, if nothing but its own size limits it. */
function sizeAt(connection: Connection, seq: SeqNum): number {
  const { send } = connection;
  const boundary = send.boundaries.find((each) => seqDistance(seq, each) > 0);
  return Math.max(
    0,
    Math.min(
      payloadMost(connection),
      seqDistance(seq, queueEnd(send)),
      boundary === undefined ? Infinity : seqDistance(seq, boundary),
    ),
  );
}

/** A small segment that only the window makes small waits. RFC 9293 section 3.8.6.2.1. */
function isSilly(connection: Connection, seq: SeqNum, octets: number): boolean {
  return octets < sizeAt(connection, seq) && octets < connection.send.windowMax / 2;
}

function payloadMost(connection: Connection): number {
  const { timestamps, peerMss } = connection.negotiated;
  const blocks = blocksToReport(connection).length;
  const headers = (timestamps ? 12 : 0) + (blocks === 0 ? 0 : 4 + 8 * blocks);
  return Math.max(PAYLOAD_LEAST, peerMss - headers);
}

/** Sends one segment from the queue; what follows it. */
function transmit(
  host: HostState,
  connection: Connection,
  seq: SeqNum,
  octets: number,
  mayFinish: boolean,
): SeqNum {
  const { send } = connection;
  const payload = peek(send.queue, seqDistance(send.queueStart, seq), octets);
  const end = seqAdd(seq, payload.length);
  const isFin = mayFinish && send.finished && end === queueEnd(send);
  const isPushed = payload.length > 0 && (end === queueEnd(send) || send.boundaries.includes(end));
  const flags = (isFin ? TCP_FLAG.FIN : 0) | (isPushed ? TCP_FLAG.PSH : 0) | TCP_FLAG.ACK;
  emit(host, connection, seq, flags, payload);
  const after = seqAdd(end, isFin ? 1 : 0);
  noteSent(host, connection, seq, after);
  return after;
}

/** Moves SND.NXT, and times what is sent for the first time. RFC 6298 section 3. */
function noteSent(host: HostState, connection: Connection, seq: SeqNum, end: SeqNum): void {
  const { send, retransmission } = connection;
  if (seqDistance(send.next, end) <= 0) {
    retransmission.timed = undefined;
    return;
  }
  retransmission.timed ??= seq === send.next ? { end, sentNs: host.nowNs } : undefined;
  send.next = end;
}

/** The timer runs while something is in flight, or waits for a window. RFC 6298 section 5. */
function armSendTimer(host: HostState, connection: Connection): void {
  const { send, timers, state } = connection;
  const isWaiting = SENDING.has(state) && send.next !== sendEnd(send);
  const isNeeded = !connection.frozen && (flightOctets(send) > 0 || isWaiting);
  if (!isNeeded) timers.sendNs = undefined;
  else timers.sendNs ??= host.nowNs + waitNs(connection);
}
