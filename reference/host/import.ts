/**
 * Import: a connection of this kernel that goes on from a snapshot.
 *
 *   prepare the reverse rule ▸ importConnection ▸ commit the forward rule ▸ write `unsent`
 *
 * The import sends nothing. Whoever writes before the rule is there pays the retransmission
 * timeout, one second or more: the kernel knows no round-trip time of an imported connection, and
 * its congestion window starts anew.
 */
import type { Result } from 'scapy-ts';
import { seqAdd } from '../tcp/seq-num.ts';
import type { TcpSnapshot } from '../tcp/snapshot.ts';
import type { ConnectionEnds } from './export.ts';
import {
  closeSilently,
  enterRepair,
  leaveRepair,
  selectQueue,
  TCP_MAXSEG,
  TCP_QUEUE_SEQ,
  TCP_REPAIR_OPTIONS,
  TCP_TIMESTAMP,
  TCP_WINDOW_CLAMP,
  writeWindows,
} from './repair.ts';
import {
  bindSocket,
  connectSocket,
  getOption,
  IP_TRANSPARENT,
  IPV6_TRANSPARENT,
  MSG_DONTWAIT,
  openSocket,
  send,
  setOption,
  setOptionOctets,
  SO_BUF_LOCK,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SOCK_NONBLOCK,
  SOCK_STREAM,
} from './socket.ts';
import { AF_INET, familyOf } from './socket-address.ts';
import type { SnapshotFault } from './snapshot-limits.ts';
import { snapshotFault } from './snapshot-limits.ts';
import { SyscallError } from './syscall.ts';

/** Why a connection was not imported; nothing of it is left behind. */
export type ImportRefusal =
  SnapshotFault | { readonly kind: 'syscall'; readonly call: string; readonly errno: string };

/** How to import. */
export interface ImportOptions {
  /** Take a local address that this host does not have. */
  readonly isTransparent?: boolean;
}

/** TCP options by their numbers in TCP_REPAIR_OPTIONS. */
const OPTION_MSS = 2;
const OPTION_WINDOW_SCALE = 3;
const OPTION_SACK_PERMITTED = 4;
const OPTION_TIMESTAMPS = 8;

/** TCP_MAXSEG takes no more. */
const MAXSEG_MOST = 32_767;
/** The greatest window without a window scale. RFC 9293 section 3.1. */
const WINDOW_MOST = 65_535;
/** What the kernel needs of memory for a segment beside its octets, at most. */
const SEGMENT_COST_OCTETS = 1024;

/**
 * A non-blocking socket in ESTABLISHED that goes on from `snapshot`; answers its descriptor.
 *
 * `unsent` is for the caller to write when the peer can be reached; there is room for it.
 */
export function importConnection(
  ends: ConnectionEnds,
  snapshot: TcpSnapshot,
  options: ImportOptions = {},
): Result<number, ImportRefusal> {
  const fault = snapshotFault(snapshot);
  if (fault !== undefined) return { ok: false, error: fault };
  let fd: number | undefined;
  try {
    fd = openSocket(familyOf(ends.local), SOCK_STREAM | SOCK_NONBLOCK);
    enterRepair(fd);
    connectAt(fd, ends, snapshot, options);
    writeNegotiated(fd, snapshot);
    fillQueue(fd, 'receive', snapshot.unread);
    fillQueue(fd, 'send', snapshot.sent);
    selectQueue(fd, 'none');
    writeWindows(fd, snapshot.windows);
    // Where a limit was lifted the kernel tunes its buffers as it does elsewhere.
    setOption(fd, SO_BUF_LOCK, 0);
    leaveRepair(fd, { probe: false });
    return { ok: true, value: fd };
  } catch (error) {
    if (fd !== undefined) discard(fd);
    if (!(error instanceof SyscallError)) throw error;
    return { ok: false, error: { kind: 'syscall', call: error.call, errno: error.errno } };
  }
}

/**
 * Sends the peer of an established connection a window probe: its answer tells at once what it has
 * received, where otherwise the retransmission timer would have to expire. Throws SyscallError.
 */
export function probePeer(fd: number): void {
  enterRepair(fd);
  leaveRepair(fd, { probe: true });
}

function discard(fd: number): void {
  try {
    closeSilently(fd);
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
  }
}

function connectAt(
  fd: number,
  { local, remote }: ConnectionEnds,
  snapshot: TcpSnapshot,
  { isTransparent = false }: ImportOptions,
): void {
  const { negotiated, sendUnacknowledged, receiveNext, unread } = snapshot;
  if (isTransparent) {
    setOption(fd, familyOf(local) === AF_INET ? IP_TRANSPARENT : IPV6_TRANSPARENT, 1);
  }
  makeRoom(fd, snapshot);
  bindSocket(fd, local);
  // Each queue begins where its octets do, and grows to the snapshot's numbers as it is filled.
  selectQueue(fd, 'send');
  setOption(fd, TCP_QUEUE_SEQ, sendUnacknowledged | 0);
  selectQueue(fd, 'receive');
  setOption(fd, TCP_QUEUE_SEQ, seqAdd(receiveNext, -unread.length) | 0);
  // Both only have their effect before the connection is there.
  setOption(fd, TCP_MAXSEG, Math.min(negotiated.peerMss, MAXSEG_MOST));
  if (negotiated.windowScale === undefined) setOption(fd, TCP_WINDOW_CLAMP, WINDOW_MOST);
  connectSocket(fd, remote);
}

/** Lifts the limits of the buffers where the kernel's own would refuse the queues. */
function makeRoom(fd: number, { sent, unsent, unread, negotiated, windows }: TcpSnapshot): void {
  const written = sent.length + unsent.length;
  const segments = Math.ceil(written / negotiated.peerMss);
  const toSend = written + segments * SEGMENT_COST_OCTETS;
  const toReceive = unread.length + windows.receive;
  // The kernel doubles what is set, for its own use, and answers the double.
  if (2 * toSend > getOption(fd, SO_SNDBUF)) setOption(fd, SO_SNDBUFFORCE, toSend);
  if (2 * toReceive > getOption(fd, SO_RCVBUF)) setOption(fd, SO_RCVBUFFORCE, toReceive);
}

/** Turns on what was negotiated, and nothing else. */
function writeNegotiated(fd: number, { negotiated, timestampNow }: TcpSnapshot): void {
  const { peerMss, windowScale, sackPermitted, timestamps } = negotiated;
  const pairs = [OPTION_MSS, peerMss];
  if (windowScale !== undefined) {
    pairs.push(OPTION_WINDOW_SCALE, windowScale.peer | (windowScale.own << 16));
  }
  if (sackPermitted) pairs.push(OPTION_SACK_PERMITTED, 0);
  if (timestamps) pairs.push(OPTION_TIMESTAMPS, 0);
  setOptionOctets(fd, TCP_REPAIR_OPTIONS, new Uint32Array(pairs));
  // The lowest bit would make the clock count microseconds; TSval may advance, never go back.
  if (timestamps) setOption(fd, TCP_TIMESTAMP, (timestampNow + 1) & ~1);
}

function fillQueue(fd: number, queue: 'receive' | 'send', octets: Uint8Array): void {
  selectQueue(fd, queue);
  for (let at = 0; at < octets.length;) at += send(fd, octets.subarray(at), MSG_DONTWAIT);
}
