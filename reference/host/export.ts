/**
 * Export: the snapshot of a connection that this kernel has.
 *
 *   exportConnection ──▶ closeExported     the snapshot lives on elsewhere
 *                   └──▶ resumeExported    nobody wanted it: the connection goes on here
 *
 * Between the two the socket is in repair mode. What cannot be exported is refused, and goes on.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Result } from 'scapy-ts';
import type { Endpoint } from '../rules/rule.ts';
import { seqAdd, seqNum } from '../tcp/seq-num.ts';
import type { TcpSnapshot, TcpWindows } from '../tcp/snapshot.ts';
import type { TcpState } from './repair.ts';
import {
  closeSilently,
  dropSegments,
  enterRepair,
  leaveRepair,
  queueEnd,
  readNegotiation,
  readWindows,
  selectQueue,
  takeSegments,
  TCP_MAXSEG,
  TCP_TIMESTAMP,
  writeWindows,
} from './repair.ts';
import { ask, endOf, getOption, MSG_DONTWAIT, MSG_PEEK, poll, POLLPRI, receive } from './socket.ts';
import { LEAST_PEER_MSS, MAX_QUEUE_OCTETS } from './snapshot-limits.ts';
import { SyscallError } from './syscall.ts';

/** Both ends of a connection as its owner has them. */
export interface ConnectionEnds {
  readonly local: Endpoint;
  readonly remote: Endpoint;
}

/** A connection that was exported, and still is in repair mode. */
export interface Exported {
  readonly fd: number;
  readonly ends: ConnectionEnds;
  readonly snapshot: TcpSnapshot;
}

/** Why a connection was not exported; it goes on where it is. */
export type ExportRefusal =
  | { readonly kind: 'state'; readonly state: TcpState }
  /** Segments kept coming in, although the socket drops them: nobody has seen this. */
  | { readonly kind: 'moving' }
  /** Urgent data that nobody has read: the kernel does not give out where they are. */
  | { readonly kind: 'urgent' }
  | { readonly kind: 'queue'; readonly octets: number; readonly limit: number }
  | { readonly kind: 'peer-mss'; readonly octets: number }
  | { readonly kind: 'syscall'; readonly call: string; readonly errno: string };

/** What ioctl(2) says of the queues: not read, not acknowledged, not sent. */
const SIOCINQ = 0x541b;
const SIOCOUTQ = 0x5411;
const SIOCOUTQNSD = 0x894b;

/** Segments that were on their way when the socket was told to drop them are soon through. */
const MAX_TRIES = 4;

/** More than the longest segment that the peer can have acknowledged a part of. */
const SEGMENT_ROOM = 65_536;

const NOTHING = new Uint8Array();

/**
 * Takes the snapshot of the established connection `fd` and leaves it in repair mode.
 *
 * `drained` are octets that were read already and that nobody has used: they become the first of
 * the unread ones. The socket takes and sends nothing new from now on, so that the snapshot stays
 * true. The rule should be locked all the same: between close and import a segment draws an RST.
 */
export function exportConnection(
  fd: number,
  drained: Uint8Array = NOTHING,
): Result<Exported, ExportRefusal> {
  let windows: TcpWindows | undefined;
  try {
    for (let tries = 1; ; tries += 1) {
      const { state } = readNegotiation(fd);
      if (state !== 'ESTABLISHED') return refuse({ kind: 'state', state });
      windows = freeze(fd);
      const taken = takeSnapshot(fd, windows, drained);
      if (taken.ok) return taken;
      thaw(fd, windows, { probe: false });
      windows = undefined;
      if (taken.error.kind !== 'moving' || tries === MAX_TRIES) return taken;
    }
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    if (windows !== undefined) thaw(fd, windows, { probe: false });
    return refuse({ kind: 'syscall', call: error.call, errno: error.errno });
  }
}

/**
 * Stops both directions, and answers the windows as they were.
 *
 * The kernel also sends by itself what was written (pacing, small queues). Octets that leave after
 * the snapshot would be acknowledged to an owner that has not sent them, which takes no segment of
 * the peer then. Without a window nothing new leaves.
 */
function freeze(fd: number): TcpWindows {
  enterRepair(fd);
  try {
    dropSegments(fd);
    return closeWindow(fd);
  } catch (error) {
    leaveRepair(fd, { probe: false });
    throw error;
  }
}

function closeWindow(fd: number): TcpWindows {
  try {
    const windows = readWindows(fd);
    writeWindows(fd, { ...windows, send: 0 });
    return windows;
  } catch (error) {
    takeSegments(fd);
    throw error;
  }
}

function thaw(fd: number, windows: TcpWindows, how: { readonly probe: boolean }): void {
  writeWindows(fd, windows);
  takeSegments(fd);
  leaveRepair(fd, how);
}

/** Closes what was exported; the peer is told nothing. Throws SyscallError. */
export function closeExported({ fd }: Exported): void {
  closeSilently(fd);
}

/**
 * Lets a connection go on here after its export. Throws SyscallError.
 *
 * It asks the peer at once what it has received, for its segments did not pass meanwhile: the rule
 * must be unlocked before.
 */
export function resumeExported({ fd, snapshot }: Exported): void {
  thaw(fd, snapshot.windows, { probe: true });
}

/** Where the queues of a connection begin and end. */
interface Positions {
  readonly receiveNext: number;
  readonly inQueue: number;
  readonly sendEnd: number;
  readonly outQueue: number;
  readonly notSent: number;
}

/** Reads them, and leaves the send queue selected. */
function readPositions(fd: number): Positions {
  selectQueue(fd, 'receive');
  const receiveNext = queueEnd(fd);
  const inQueue = ask(fd, SIOCINQ);
  selectQueue(fd, 'send');
  const sendEnd = queueEnd(fd);
  return {
    receiveNext,
    inQueue,
    sendEnd,
    outQueue: ask(fd, SIOCOUTQ),
    notSent: ask(fd, SIOCOUTQNSD),
  };
}

function takeSnapshot(
  fd: number,
  windows: TcpWindows,
  drained: Uint8Array,
): Result<Exported, ExportRefusal> {
  const ends = readEnds(fd);
  if ((poll(fd, POLLPRI, 0) & POLLPRI) !== 0) return refuse({ kind: 'urgent' });
  const positions = readPositions(fd);
  const { receiveNext, inQueue, sendEnd, outQueue, notSent } = positions;
  const octets = Math.max(inQueue + drained.length, outQueue);
  if (octets > MAX_QUEUE_OCTETS) return refuse({ kind: 'queue', octets, limit: MAX_QUEUE_OCTETS });
  const written = peekSent(fd, outQueue);
  selectQueue(fd, 'receive');
  const unread = peekUnread(fd, inQueue, drained);
  const peerMss = getOption(fd, TCP_MAXSEG);
  if (peerMss < LEAST_PEER_MSS) return refuse({ kind: 'peer-mss', octets: peerMss });
  const { state, ...options } = readNegotiation(fd);
  const timestampNow = options.timestamps ? readTimestamp(fd) : 0;
  const hasMoved = !isDeepStrictEqual(readPositions(fd), positions);
  selectQueue(fd, 'none');
  if (state !== 'ESTABLISHED') return refuse({ kind: 'state', state });
  if (hasMoved) return refuse({ kind: 'moving' });
  const snapshot: TcpSnapshot = {
    sendUnacknowledged: seqAdd(seqNum(sendEnd), -outQueue),
    sent: written.subarray(0, outQueue - notSent),
    unsent: written.subarray(outQueue - notSent),
    receiveNext: seqNum(receiveNext),
    unread,
    negotiated: { peerMss, ...options },
    windows,
    timestampNow,
    // The kernel does not tell.
    timestampRecent: 0,
  };
  return { ok: true, value: { fd, ends, snapshot } };
}

/**
 * The clock of TSval, at least what it was in the last segment: since Linux 6.7 the lowest bit that
 * is read says only whether the clock counts microseconds.
 */
function readTimestamp(fd: number): number {
  return (getOption(fd, TCP_TIMESTAMP) | 1) >>> 0;
}

/** All octets from SND.UNA on. */
function peekSent(fd: number, count: number): Uint8Array {
  if (count === 0) return NOTHING;
  // The kernel gives whole segments, the acknowledged octets of the first one too.
  const octets = Buffer.allocUnsafeSlow(count + SEGMENT_ROOM);
  const got = receive(fd, octets, MSG_PEEK | MSG_DONTWAIT);
  if (got < count) throw new SyscallError(`peek at ${count} sent octets: ${got}`, 'EIO');
  return octets.subarray(got - count, got);
}

function peekUnread(fd: number, count: number, drained: Uint8Array): Uint8Array {
  if (count === 0) return drained;
  const octets = Buffer.allocUnsafeSlow(drained.length + count);
  octets.set(drained);
  const got = receive(fd, octets.subarray(drained.length), MSG_PEEK | MSG_DONTWAIT);
  if (got !== count) throw new SyscallError(`peek at ${count} unread octets: ${got}`, 'EIO');
  return octets;
}

function readEnds(fd: number): ConnectionEnds {
  const local = endOf(fd, 'getsockname');
  const remote = endOf(fd, 'getpeername');
  if (local === undefined || remote === undefined) {
    throw new SyscallError('getsockname', 'EAFNOSUPPORT');
  }
  return { local, remote };
}

function refuse(error: ExportRefusal): Result<never, ExportRefusal> {
  return { ok: false, error };
}
