/**
 * What an acknowledgment changes at the sender: queue, windows, round-trip time, recovery.
 *
 * RFC 9293 section 3.10.7.4, RFC 5681, RFC 6298, RFC 6582; SACK fills the holes that the blocks
 * show. A peer may renege: after a timeout, or when SND.UNA comes to what was reported as received,
 * the report is forgotten. A new owner of a migrated connection does so, for it did not get the
 * octets that were out of order at the old one.
 */
import type { SackBlock } from 'scapy-ts';
import { TCP_FLAG } from 'scapy-ts';
import type { SeqNum } from '../../tcp/seq-num.ts';
import { seqAdd, seqDistance } from '../../tcp/seq-num.ts';
import type { Connection } from './connection.ts';
import { dropFront, queueLength } from './octet-queue.ts';
import { addBlocks, coveredOctets, findHole } from './scoreboard.ts';
import type { Segment } from './segment.ts';
import { hasFlag, segmentLength } from './segment.ts';
import { timestampNow } from './emit.ts';
import { flightOctets, resend } from './send.ts';
import type { HostState } from './state.ts';

/** Duplicates that mean a loss. RFC 5681 section 3.2. */
const DUPLICATES_FOR_LOSS = 3;
/** Linux: TCP_RTO_MIN. */
const TIMEOUT_MIN_NS = 200e6;
const NO_BLOCKS: readonly SackBlock[] = [];

/** Takes a segment's acknowledgment, which is not beyond SND.NXT, and its window. */
export function takeAcknowledgment(
  host: HostState,
  connection: Connection,
  segment: Segment,
): void {
  const { send, retransmission } = connection;
  const octets = seqDistance(send.unacknowledged, segment.ack);
  const covered = coveredOctets(send.sacked);
  if (octets < 0) return;
  retransmission.retries = 0;
  const isUpdate = takeWindow(connection, segment);
  if (octets > 0) advance(host, connection, segment);
  noteBlocks(connection, segment);
  if (octets > 0) {
    growOrRecover(host, connection, octets);
    return;
  }
  const hasNews = coveredOctets(send.sacked) > covered;
  const isPlain = segmentLength(segment) === 0 && !isUpdate;
  const isDuplicate = connection.negotiated.sackPermitted ? hasNews : isPlain;
  if (isDuplicate && flightOctets(send) > 0) noteDuplicate(host, connection);
}

/** The peer was silent for too long: everything is sent again, one segment to begin with. */
export function noteTimeout({ send, congestion, negotiated }: Connection): void {
  congestion.threshold = halfFlight(send, negotiated.peerMss);
  congestion.window = negotiated.peerMss;
  congestion.recovery = undefined;
  congestion.duplicates = 0;
  send.sacked = NO_BLOCKS;
  send.cursor = send.unacknowledged;
}

/** RFC 5681 equation 4. */
function halfFlight(send: Connection['send'], peerMss: number): number {
  return Math.max(flightOctets(send) >> 1, 2 * peerMss);
}

/** Whether the window changed; by Linux's rule, RFC 9293's and one more for later windows. */
function takeWindow(connection: Connection, segment: Segment): boolean {
  const { send, negotiated, timers, retransmission } = connection;
  const { seq, ack, window } = segment;
  // The window of a SYN is not shifted. RFC 7323 section 2.2.
  const shift = hasFlag(segment, TCP_FLAG.SYN) ? 0 : (negotiated.windowScale?.peer ?? 0);
  const offered = window << shift;
  const isNewer =
    seqDistance(send.unacknowledged, ack) > 0 ||
    seqDistance(send.windowUpdate, seq) > 0 ||
    (seq === send.windowUpdate && offered > send.window);
  if (!isNewer) return false;
  send.windowUpdate = seq;
  if (offered === send.window) return false;
  if (send.unacknowledged === send.next && offered > send.window) {
    // A window that opens ends the probing.
    timers.sendNs = undefined;
    retransmission.backoff = 0;
  }
  send.window = offered;
  send.windowMax = Math.max(send.windowMax, offered);
  return true;
}

function advance(host: HostState, connection: Connection, { ack, options }: Segment): void {
  const { id, send, retransmission, timers, congestion } = connection;
  const inQueue = seqDistance(send.queueStart, ack);
  const freed = Math.max(0, Math.min(inQueue, queueLength(send.queue)));
  dropFront(send.queue, freed);
  send.queueStart = seqAdd(send.queueStart, freed);
  send.unacknowledged = ack;
  if (seqDistance(send.cursor, ack) > 0) send.cursor = ack;
  send.boundaries = send.boundaries.filter((each) => seqDistance(ack, each) > 0);
  if (freed > 0 && queueLength(send.queue) === 0) host.effects.push({ kind: 'sent-all', id });
  measure(host, connection, ack, options.timestamps?.echo);
  retransmission.backoff = 0;
  timers.sendNs = undefined;
  if (seqDistance(congestion.filled, ack) > 0) congestion.filled = ack;
}

function noteBlocks({ send, negotiated }: Connection, { options }: Segment): void {
  if (!negotiated.sackPermitted) return;
  const news = options.sack ?? NO_BLOCKS;
  if (news.length === 0 && send.sacked.length === 0) return;
  send.sacked = addBlocks(send.sacked, news, send.unacknowledged, send.next);
}

/** RFC 6298 section 2 and 3; with timestamps every acknowledgment is a sample. */
function measure(
  host: HostState,
  connection: Connection,
  ack: SeqNum,
  echo: number | undefined,
): void {
  const { retransmission, negotiated } = connection;
  const { timed } = retransmission;
  const isTimed = timed !== undefined && seqDistance(timed.end, ack) >= 0;
  if (isTimed) retransmission.timed = undefined;
  if (isTimed) note(retransmission, host.nowNs - timed.sentNs);
  else if (negotiated.timestamps && echo !== undefined && echo !== 0) {
    note(retransmission, ((timestampNow(host, connection) - echo) >>> 0) * 1e6);
  }
}

function note(retransmission: Connection['retransmission'], sampleNs: number): void {
  const { smoothedNs, variationNs } = retransmission;
  if (smoothedNs === undefined) {
    retransmission.smoothedNs = sampleNs;
    retransmission.variationNs = sampleNs / 2;
  } else {
    const differenceNs = sampleNs - smoothedNs;
    const changeNs = (Math.abs(differenceNs) - variationNs) / 4;
    // A round trip that becomes shorter is no reason to wait longer. Linux: tcp_rtt_estimator.
    const isShorter = differenceNs < 0 && changeNs > 0;
    retransmission.variationNs = Math.round(variationNs + (isShorter ? changeNs / 8 : changeNs));
    retransmission.smoothedNs = Math.round((7 * smoothedNs + sampleNs) / 8);
  }
  const spreadNs = Math.max(TIMEOUT_MIN_NS, 4 * retransmission.variationNs);
  retransmission.timeoutNs = retransmission.smoothedNs + spreadNs;
}

function growOrRecover(host: HostState, connection: Connection, octets: number): void {
  const { send, congestion, negotiated } = connection;
  const { peerMss } = negotiated;
  if (congestion.recovery === undefined) {
    congestion.duplicates = 0;
    const isSlowStart = congestion.window < congestion.threshold;
    const growth = isSlowStart
      ? Math.min(octets, peerMss)
      : (peerMss * peerMss) / congestion.window;
    congestion.window += Math.max(1, Math.round(growth));
    return;
  }
  if (seqDistance(congestion.recovery, send.unacknowledged) >= 0) {
    congestion.recovery = undefined;
    congestion.duplicates = 0;
    congestion.window = congestion.threshold;
    return;
  }
  congestion.window = Math.max(peerMss, congestion.window - octets + peerMss);
  const isHole = congestion.filled === send.unacknowledged;
  if (isHole || negotiated.sackPermitted) fill(host, connection);
}

function noteDuplicate(host: HostState, connection: Connection): void {
  const { send, congestion, negotiated } = connection;
  congestion.duplicates += 1;
  if (congestion.recovery !== undefined) {
    congestion.window += negotiated.peerMss;
    if (negotiated.sackPermitted) fill(host, connection);
    return;
  }
  if (congestion.duplicates < DUPLICATES_FOR_LOSS || connection.frozen) return;
  congestion.threshold = halfFlight(send, negotiated.peerMss);
  congestion.window = congestion.threshold + DUPLICATES_FOR_LOSS * negotiated.peerMss;
  congestion.recovery = send.next;
  congestion.filled = send.unacknowledged;
  fill(host, connection);
}

/** Sends the next hole again: with SACK the next that a block is behind, else the first. */
function fill(host: HostState, connection: Connection): void {
  const { send, congestion } = connection;
  if (connection.frozen) return;
  const hole = findHole(send.sacked, congestion.filled);
  if (hole !== undefined) congestion.filled = resend(host, connection, hole.left, hole.right);
  else if (congestion.filled === send.unacknowledged) {
    congestion.filled = resend(host, connection, congestion.filled);
  }
}
