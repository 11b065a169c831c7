/**
 * What arrives for a connection. RFC 9293 sections 3.10.7.3 and 3.10.7.4: RST, SYN, sequence
 * number, ACK, octets, FIN; with RFC 5961 (challenges) and RFC 7323 (PAWS).
 */
import { TCP_FLAG } from 'scapy-ts';
import { seqAdd, seqDistance } from '../../tcp/seq-num.ts';
import { takeAcknowledgment } from './acknowledgment.ts';
import type { Connection } from './connection.ts';
import { INITIAL_WINDOW_SEGMENTS } from './beginning.ts';
import { isFinAcknowledged, receiveEdge } from './connection.ts';
import { negotiate } from './negotiate.ts';
import { append, dropFront, peek, queueLength } from './octet-queue.ts';
import { addPiece } from './reassembly.ts';
import type { Segment } from './segment.ts';
import { hasFlag, segmentLength } from './segment.ts';
import { acknowledge, sendReset } from './emit.ts';
import { output, sendSyn } from './send.ts';
import type { HostState } from './state.ts';
import { refuse } from './state.ts';

/** Linux: TCP_TIMEWAIT_LEN, and how long a closed socket waits in FIN-WAIT-2. */
export const TIME_WAIT_NS = 60e9;
/** Linux: tcp_invalid_ratelimit. */
const CHALLENGE_INTERVAL_NS = 500e6;
/** Linux: TCP_DELACK_MIN. */
const ACK_DELAY_NS = 40e6;

/** Takes one segment. */
export function receive(host: HostState, connection: Connection, segment: Segment): void {
  if (connection.state === 'SYN-SENT') receiveInSynSent(host, connection, segment);
  else receiveSynchronised(host, connection, segment);
  if (host.connections.get(connection.id) === connection) output(host, connection);
}

/** Gives the application what it has not read, and the end, unless it does not read. */
export function deliver(host: HostState, { id, receive: side, frozen }: Connection): void {
  if (side.paused || frozen) return;
  const count = queueLength(side.unread);
  if (count > 0) {
    const octets = peek(side.unread, 0, count).slice();
    dropFront(side.unread, count);
    host.effects.push({ kind: 'received', id, octets });
  }
  if (side.finished && !side.endReported) {
    side.endReported = true;
    host.effects.push({ kind: 'peer-finished', id });
  }
}

/** Forgets a connection that has ended, and tells the application. */
export function end(host: HostState, { id }: Connection, by?: 'peer' | 'timeout'): void {
  host.connections.delete(id);
  host.effects.push(by === undefined ? { kind: 'closed', id } : { kind: 'reset', id, by });
}

/** A closed socket does not wait for the peer's FIN for ever. */
export function waitForFin(host: HostState, { timers }: Connection): void {
  timers.endNs = host.nowNs + TIME_WAIT_NS;
}

function receiveInSynSent(host: HostState, connection: Connection, segment: Segment): void {
  const { send, receive: side } = connection;
  const isAck = hasFlag(segment, TCP_FLAG.ACK);
  const isAcceptable = segment.ack === seqAdd(send.iss, 1);
  if (isAck && !isAcceptable) return refuse(host, connection, segment);
  if (hasFlag(segment, TCP_FLAG.RST)) {
    if (isAck) end(host, connection, 'peer');
    return;
  }
  if (!hasFlag(segment, TCP_FLAG.SYN)) return;
  side.next = seqAdd(segment.seq, 1);
  side.updated = side.next;
  side.timestampRecent = segment.options.timestamps?.value;
  connection.negotiated = negotiate(connection.settings, connection, segment.options);
  if (isAck) {
    establish(host, connection);
    takeAcknowledgment(host, connection, segment);
    side.ackNow = true;
    return;
  }
  // Both ends open at the same time. RFC 9293 figure 8.
  connection.state = 'SYN-RECEIVED';
  sendSyn(host, connection);
}

function receiveSynchronised(host: HostState, connection: Connection, segment: Segment): void {
  const isReset = hasFlag(segment, TCP_FLAG.RST);
  const isAcceptable = isInWindow(connection, segment);
  if (isReset) {
    if (isAcceptable) takeReset(host, connection, segment);
    return;
  }
  if (isOld(connection, segment)) return challenge(host, connection, segment);
  if (hasFlag(segment, TCP_FLAG.SYN)) return takeSyn(host, connection, segment);
  if (!isAcceptable) return challenge(host, connection, segment);
  noteTimestamp(connection, segment);
  if (!hasFlag(segment, TCP_FLAG.ACK)) return;
  if (connection.state === 'SYN-RECEIVED') {
    const { iss, next } = connection.send;
    const isGood = seqDistance(iss, segment.ack) > 0 && seqDistance(next, segment.ack) <= 0;
    if (!isGood) return refuse(host, connection, segment);
    establish(host, connection);
  }
  if (!isAckPlausible(connection, segment)) return challenge(host, connection, segment);
  takeAcknowledgment(host, connection, segment);
  if (finishClosing(host, connection)) return;
  takeOctets(host, connection, segment);
}

/** Both ends have agreed; what the segment acknowledges and carries is still to be taken. */
function establish(host: HostState, connection: Connection): void {
  const { id, isPassive, local, remote, send, negotiated, congestion } = connection;
  congestion.window = INITIAL_WINDOW_SEGMENTS * negotiated.peerMss;
  connection.state = send.finished ? 'FIN-WAIT-1' : 'ESTABLISHED';
  host.effects.push({ kind: 'opened', id, isPassive, local, remote });
}

/** PAWS: a timestamp older than the last. RFC 7323 section 5. */
function isOld({ negotiated, receive: side }: Connection, { options }: Segment): boolean {
  const { timestamps } = options;
  if (!negotiated.timestamps || timestamps === undefined) return false;
  return side.timestampRecent !== undefined && ((timestamps.value - side.timestampRecent) | 0) < 0;
}

/** Linux's test, wider than RFC 9293's: the acknowledgment of an old segment still counts. */
function isInWindow({ receive: side }: Connection, segment: Segment): boolean {
  const last = seqAdd(segment.seq, segmentLength(segment));
  return seqDistance(side.updated, last) >= 0 && seqDistance(segment.seq, receiveEdge(side)) >= 0;
}

/** A SYN where there is a connection already: its sender has to find out which of them is old. */
function takeSyn(host: HostState, connection: Connection, segment: Segment): void {
  const { state, isPassive, receive: side } = connection;
  // A SYN with ACK is the other half of opening at the same time: answered with SYN and ACK again,
  // the two would go on for ever.
  const isOpening = state === 'SYN-RECEIVED' && !hasFlag(segment, TCP_FLAG.ACK);
  if (isOpening && seqAdd(segment.seq, 1) === side.next) sendSyn(host, connection);
  else if (isOpening && isPassive && isInWindow(connection, segment)) {
    host.connections.delete(connection.id);
  } else challenge(host, connection, segment);
}

/** RFC 5961 sections 3 to 5; those without payload are answered twice a second at most. */
function challenge(host: HostState, connection: Connection, segment: Segment): void {
  const { timers } = connection;
  if (segment.payload.length === 0) {
    if (host.nowNs < timers.challengeNs) return;
    timers.challengeNs = host.nowNs + CHALLENGE_INTERVAL_NS;
  } else noteDuplicateOctets(connection, segment);
  acknowledge(host, connection);
}

function takeReset(host: HostState, connection: Connection, segment: Segment): void {
  // Only the number that is next proves that the sender knows the connection. RFC 5961 section 3.2.
  if (segment.seq !== connection.receive.next) challenge(host, connection, segment);
  else if (connection.state === 'TIME-WAIT') host.connections.delete(connection.id);
  else if (connection.state === 'SYN-RECEIVED' && connection.isPassive) {
    host.connections.delete(connection.id);
  } else end(host, connection, 'peer');
}

/** RFC 7323 section 4.3: only of a segment that is not ahead of what was acknowledged. */
function noteTimestamp({ receive: side }: Connection, { seq, options }: Segment): void {
  if (options.timestamps === undefined || seqDistance(seq, side.updated) < 0) return;
  side.timestampRecent = options.timestamps.value;
}

/** RFC 5961 section 5. */
function isAckPlausible({ send }: Connection, { ack }: Segment): boolean {
  const oldest = seqAdd(send.unacknowledged, -send.windowMax);
  return seqDistance(oldest, ack) >= 0 && seqDistance(ack, send.next) >= 0;
}

/** What the acknowledgment of our FIN changes; whether that was the end of the connection. */
function finishClosing(host: HostState, connection: Connection): boolean {
  if (!isFinAcknowledged(connection.send)) return false;
  if (connection.state === 'FIN-WAIT-1') {
    connection.state = 'FIN-WAIT-2';
    if (connection.closed) waitForFin(host, connection);
  } else if (connection.state === 'CLOSING') waitForOldSegments(host, connection);
  else if (connection.state === 'LAST-ACK') {
    end(host, connection);
    return true;
  }
  return false;
}

function waitForOldSegments(host: HostState, connection: Connection): void {
  connection.state = 'TIME-WAIT';
  connection.timers.endNs = host.nowNs + TIME_WAIT_NS;
  host.effects.push({ kind: 'closed', id: connection.id });
}

function takeOctets(host: HostState, connection: Connection, segment: Segment): void {
  const { receive: side } = connection;
  const length = segmentLength(segment);
  if (length === 0) return;
  const skip = seqDistance(segment.seq, side.next);
  const room = seqDistance(segment.seq, receiveEdge(side));
  if (skip >= length || room <= 0) {
    // All of it came before, or nothing of it has room.
    noteDuplicateOctets(connection, segment);
    side.ackNow = true;
    if (connection.state === 'TIME-WAIT') connection.timers.endNs = host.nowNs + TIME_WAIT_NS;
    return;
  }
  if (side.finished) return;
  const hasNew = segment.payload.length > Math.max(0, skip);
  if (connection.closed && hasNew) {
    // Nobody will read this: the sender must know. RFC 9293 section 3.6.1, RFC 1122 4.2.2.13.
    sendReset(host, connection);
    return end(host, connection);
  }
  if (hasFlag(segment, TCP_FLAG.FIN) && room >= segment.payload.length) {
    side.finAt = seqAdd(segment.seq, segment.payload.length);
  }
  take(host, connection, segment, Math.max(0, skip), room);
}

/** Takes the octets from `skip` up to `room`. */
function take(
  host: HostState,
  connection: Connection,
  { seq, payload }: Segment,
  skip: number,
  room: number,
): void {
  const { receive: side } = connection;
  const octets = payload.subarray(skip, room);
  const isInOrder = seqDistance(side.next, seqAdd(seq, skip)) <= 0;
  const hadGap = side.outOfOrder.length > 0;
  if (isInOrder) {
    const isRead = !side.paused && !connection.frozen && queueLength(side.unread) === 0;
    // The usual case, without a copy.
    if (!isRead) append(side.unread, octets);
    else if (octets.length > 0) {
      host.effects.push({ kind: 'received', id: connection.id, octets });
    }
    side.next = seqAdd(side.next, octets.length);
    if (hadGap) closeGap(connection);
  } else if (octets.length > 0) {
    side.outOfOrder = addPiece(side.outOfOrder, seqAdd(seq, skip), octets);
  }
  side.unanswered += 1;
  side.ackByNs ??= host.nowNs + ACK_DELAY_NS;
  // Every second segment, and whatever is not as usual. RFC 9293 section 3.8.6.3.
  if (!isInOrder || hadGap || side.unanswered >= 2) side.ackNow = true;
  if (side.finAt === side.next) takeFin(connection);
  deliver(host, connection);
  if (connection.state === 'TIME-WAIT') waitForOldSegments(host, connection);
}

function closeGap({ receive: side }: Connection): void {
  for (;;) {
    const first = side.outOfOrder[0];
    const known = first === undefined ? -1 : seqDistance(first.seq, side.next);
    if (first === undefined || known < 0) return;
    side.outOfOrder = side.outOfOrder.slice(1);
    const octets = first.octets.subarray(known);
    append(side.unread, octets);
    side.next = seqAdd(side.next, octets.length);
  }
}

function takeFin(connection: Connection): void {
  const { receive: side } = connection;
  side.next = seqAdd(side.next, 1);
  side.finished = true;
  side.ackNow = true;
  if (connection.state === 'ESTABLISHED') connection.state = 'CLOSE-WAIT';
  else if (connection.state === 'FIN-WAIT-1') connection.state = 'CLOSING';
  else if (connection.state === 'FIN-WAIT-2') connection.state = 'TIME-WAIT';
}

/** RFC 2883 section 4. */
function noteDuplicateOctets({ receive: side }: Connection, { seq, payload }: Segment): void {
  const count = Math.min(payload.length, seqDistance(seq, side.next));
  if (count > 0) side.duplicate = { left: seq, right: seqAdd(seq, count) };
}
