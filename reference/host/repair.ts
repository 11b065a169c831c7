/**
 * Repair mode: the kernel gives out and takes in the state of a TCP connection, and closes it
 * without a word to the peer. Linux, TCP_REPAIR; 5.15 or later. Needs CAP_NET_ADMIN.
 *
 * A socket in repair mode still receives and acknowledges; `dropSegments` ends that. Every function
 * throws SyscallError.
 */
import type { SocketOption } from './socket.ts';
import {
  closeDescriptor,
  getOption,
  getOptionOctets,
  setOption,
  setOptionOctets,
  SO_ATTACH_FILTER,
  SO_DETACH_FILTER,
  SO_REUSEADDR,
} from './socket.ts';
import { addressOf } from './syscall.ts';
import type { TcpWindows } from '../tcp/snapshot.ts';
import { seqNum } from '../tcp/seq-num.ts';

const IPPROTO_TCP = 6;

function tcpOption(number: number, name: string): SocketOption {
  return { level: IPPROTO_TCP, option: number, name };
}

export const TCP_MAXSEG: SocketOption = tcpOption(2, 'TCP_MAXSEG');
export const TCP_WINDOW_CLAMP: SocketOption = tcpOption(10, 'TCP_WINDOW_CLAMP');
export const TCP_QUEUE_SEQ: SocketOption = tcpOption(21, 'TCP_QUEUE_SEQ');
export const TCP_REPAIR_OPTIONS: SocketOption = tcpOption(22, 'TCP_REPAIR_OPTIONS');
export const TCP_TIMESTAMP: SocketOption = tcpOption(24, 'TCP_TIMESTAMP');
const TCP_INFO = tcpOption(11, 'TCP_INFO');
const TCP_REPAIR = tcpOption(19, 'TCP_REPAIR');
const TCP_REPAIR_QUEUE = tcpOption(20, 'TCP_REPAIR_QUEUE');
const TCP_REPAIR_WINDOW = tcpOption(29, 'TCP_REPAIR_WINDOW');

const REPAIR_ON = 1;
const REPAIR_OFF = 0;
const REPAIR_OFF_NO_PROBE = -1;

const QUEUES = { none: 0, receive: 1, send: 2 } as const;

/** Names of RFC 9293 section 3.3.2 for the kernel's states, which count from 1. */
const STATES = [
  'ESTABLISHED',
  'SYN-SENT',
  'SYN-RECEIVED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'TIME-WAIT',
  'CLOSED',
  'CLOSE-WAIT',
  'LAST-ACK',
  'LISTEN',
  'CLOSING',
] as const;

/** The state of a TCP connection. */
export type TcpState = (typeof STATES)[number];

/** What TCP_INFO tells of the state and of what was negotiated. */
export interface Negotiation {
  readonly state: TcpState;
  readonly timestamps: boolean;
  readonly sackPermitted: boolean;
  readonly windowScale: { readonly peer: number; readonly own: number } | undefined;
}

const INFO_OCTETS = 8;
const INFO_TIMESTAMPS = 1;
const INFO_SACK = 2;
const INFO_WINDOW_SCALE = 4;

/** Reads state and negotiated options, in repair mode or not. */
export function readNegotiation(fd: number): Negotiation {
  // struct tcp_info: state, ca_state, retransmits, probes, backoff, options, two shifts, …
  const info = Buffer.alloc(INFO_OCTETS);
  getOptionOctets(fd, TCP_INFO, info);
  const options = info.readUInt8(5);
  const shifts = info.readUInt8(6);
  return {
    state: STATES[info.readUInt8(0) - 1] ?? 'CLOSED',
    timestamps: (options & INFO_TIMESTAMPS) !== 0,
    sackPermitted: (options & INFO_SACK) !== 0,
    windowScale:
      (options & INFO_WINDOW_SCALE) === 0 ? undefined : { peer: shifts & 15, own: shifts >>> 4 },
  };
}

/** Puts the socket into repair mode, in which it can take the ports of another socket. */
export function enterRepair(fd: number): void {
  setOption(fd, TCP_REPAIR, REPAIR_ON);
}

/**
 * Ends repair mode. With `probe` the kernel sends the peer a window probe, whose answer tells what
 * the peer has received and what it has room for.
 */
export function leaveRepair(fd: number, { probe }: { readonly probe: boolean }): void {
  setOption(fd, TCP_REPAIR, probe ? REPAIR_OFF : REPAIR_OFF_NO_PROBE);
  // The kernel clears it here; without it no listener could bind to the port any more.
  setOption(fd, SO_REUSEADDR, 1);
}

// One instruction of classic BPF: take 0 octets of the segment.
const DROP_ALL = Uint8Array.of(0x06, 0, 0, 0, 0, 0, 0, 0);

/**
 * Drops every segment that comes for this socket from now on, before TCP sees it: what is not
 * acknowledged comes again, to whoever owns the connection then.
 */
export function dropSegments(fd: number): void {
  // struct sock_fprog: number of instructions 8, where they are 8.
  const program = Buffer.alloc(16);
  program.writeUInt16LE(1, 0);
  program.writeBigUInt64LE(addressOf(DROP_ALL), 8);
  setOptionOctets(fd, SO_ATTACH_FILTER, program);
}

/** Lets segments come again after `dropSegments`. */
export function takeSegments(fd: number): void {
  setOption(fd, SO_DETACH_FILTER, 0);
}

/** Closes the connection without a segment to the peer. */
export function closeSilently(fd: number): void {
  try {
    enterRepair(fd);
  } finally {
    closeDescriptor(fd);
  }
}

/** Selects the queue that the calls after this one are about. */
export function selectQueue(fd: number, queue: keyof typeof QUEUES): void {
  setOption(fd, TCP_REPAIR_QUEUE, QUEUES[queue]);
}

const WINDOW_WORDS = 5;

/** Reads the windows. */
export function readWindows(fd: number): TcpWindows {
  const words = new Uint32Array(WINDOW_WORDS);
  getOptionOctets(fd, TCP_REPAIR_WINDOW, words);
  const [sendUpdate = 0, send = 0, sendMax = 0, receive = 0, receiveUpdate = 0] = words;
  return {
    send,
    sendMax,
    sendUpdate: seqNum(sendUpdate),
    receive,
    receiveUpdate: seqNum(receiveUpdate),
  };
}

/** Sets the windows; the receive queue must be complete. */
export function writeWindows(fd: number, windows: TcpWindows): void {
  const { send, sendMax, sendUpdate, receive, receiveUpdate } = windows;
  const words = new Uint32Array([sendUpdate, send, sendMax, receive, receiveUpdate]);
  setOptionOctets(fd, TCP_REPAIR_WINDOW, words);
}

/** The sequence number behind the selected queue: RCV.NXT, or what the next write begins with. */
export function queueEnd(fd: number): number {
  return getOption(fd, TCP_QUEUE_SEQ) >>> 0;
}
