/**
 * The segments of a connection: every one but SYN leaves here, which is also where an acknowledgment
 * that is due is paid and the window is offered.
 */
import type { SackBlock } from 'scapy-ts';
import { TCP_FLAG } from 'scapy-ts';
import type { SeqNum } from '../../tcp/seq-num.ts';
import { seqAdd, seqDistance } from '../../tcp/seq-num.ts';
import type { Connection } from './connection.ts';
import { receiveEdge } from './connection.ts';
import { queueLength } from './octet-queue.ts';
import { blocksOf } from './reassembly.ts';
import type { SegmentOptions, Timestamps } from './segment.ts';
import { NO_OCTETS } from './segment.ts';
import type { HostState } from './state.ts';
import { emitSegment } from './state.ts';

/** What fits the window field. */
export const WINDOW_FIELD_MAX = 0xffff;

const NO_BLOCKS: readonly SackBlock[] = [];
const NANOSECONDS_PER_TICK = 1e6;

/** Ticks of the timestamp clock since time 0: Linux's are milliseconds. RFC 7323 section 5.4. */
export function timestampTicks({ nowNs }: HostState): number {
  return Math.floor(nowNs / NANOSECONDS_PER_TICK);
}

/** TSval of now, 0 … 2^32 − 1. */
export function timestampNow(host: HostState, { timestampOffset }: Connection): number {
  return (timestampOffset + timestampTicks(host)) >>> 0;
}

/** Sends an acknowledgment without payload. */
export function acknowledge(host: HostState, connection: Connection): void {
  emit(host, connection, connection.send.next, TCP_FLAG.ACK, NO_OCTETS);
}

/** Sends a segment that is not acceptable, so that it is answered: Linux's window probe. */
export function probe(host: HostState, connection: Connection): void {
  emit(host, connection, seqAdd(connection.send.unacknowledged, -1), TCP_FLAG.ACK, NO_OCTETS);
}

/** Sends RST with the number that the peer waits for. */
export function sendReset(host: HostState, connection: Connection): void {
  emit(host, connection, connection.send.next, TCP_FLAG.RST | TCP_FLAG.ACK, NO_OCTETS);
}

/** Sends one segment; whatever it carries, it acknowledges and offers the window. */
export function emit(
  host: HostState,
  connection: Connection,
  seq: SeqNum,
  flags: number,
  payload: Uint8Array,
): void {
  const { receive } = connection;
  const window = offerWindow(connection);
  const options = optionsOf(host, connection);
  emitSegment(host, connection, { seq, ack: receive.next, flags, window, options, payload });
  receive.ackNow = false;
  receive.ackByNs = undefined;
  receive.unanswered = 0;
  receive.duplicate = undefined;
}

/**
 * The window field; what was promised once is never taken back. RFC 9293 section 3.8.6.
 *
 * An application here reads all or nothing, so that no silly window can come about.
 */
function offerWindow({ receive, negotiated }: Connection): number {
  const shift = negotiated.windowScale?.own ?? 0;
  const free = Math.max(0, receive.octets - queueLength(receive.unread));
  const promised = Math.max(0, seqDistance(receive.next, receiveEdge(receive)));
  const wanted = Math.min(free, WINDOW_FIELD_MAX << shift) >>> shift;
  const field = wanted << shift < promised ? Math.ceil(promised / 2 ** shift) : wanted;
  receive.updated = receive.next;
  receive.window = field << shift;
  return field;
}

function optionsOf(host: HostState, connection: Connection): SegmentOptions {
  const { timestamps } = connection.negotiated;
  return {
    timestamps: timestamps ? timestampsOf(host, connection) : undefined,
    sack: blocksToReport(connection),
  };
}

/** What came twice, then what came out of order. RFC 2018 section 4, RFC 2883 section 4. */
export function blocksToReport({ negotiated, receive }: Connection): readonly SackBlock[] {
  const { duplicate, outOfOrder } = receive;
  const isNothing = duplicate === undefined && outOfOrder.length === 0;
  if (isNothing || !negotiated.sackPermitted) return NO_BLOCKS;
  const first = duplicate === undefined ? NO_BLOCKS : [duplicate];
  return [...first, ...blocksOf(outOfOrder)].slice(0, negotiated.timestamps ? 3 : 4);
}

/** TSval and TSecr of now. RFC 7323 section 4.3. */
export function timestampsOf(host: HostState, connection: Connection): Timestamps {
  const echo = connection.receive.timestampRecent ?? 0;
  return { value: timestampNow(host, connection), echo };
}
