/** Sockets of the kernel by their descriptors. Every function throws SyscallError. */
import type { Endpoint } from '../rules/rule.ts';
import { emitSocketAddress, parseSocketAddress, SOCKET_ADDRESS_OCTETS } from './socket-address.ts';
import type { Memory } from './syscall.ts';
import { retryOn, SIGNALS_MAX, syscall } from './syscall.ts';

export const SOCK_STREAM = 1;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;

export const MSG_PEEK = 0x2;
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;

/** A level and an option of setsockopt(2), and its name in errors. */
export interface SocketOption {
  readonly level: number;
  readonly option: number;
  readonly name: string;
}

function option(level: number, number: number, name: string): SocketOption {
  return { level, option: number, name };
}

const SOL_IP = 0;
const SOL_SOCKET = 1;
const SOL_IPV6 = 41;

export const SO_REUSEADDR: SocketOption = option(SOL_SOCKET, 2, 'SO_REUSEADDR');
export const SO_SNDBUF: SocketOption = option(SOL_SOCKET, 7, 'SO_SNDBUF');
export const SO_RCVBUF: SocketOption = option(SOL_SOCKET, 8, 'SO_RCVBUF');
export const SO_ATTACH_FILTER: SocketOption = option(SOL_SOCKET, 26, 'SO_ATTACH_FILTER');
export const SO_DETACH_FILTER: SocketOption = option(SOL_SOCKET, 27, 'SO_DETACH_FILTER');
export const SO_SNDBUFFORCE: SocketOption = option(SOL_SOCKET, 32, 'SO_SNDBUFFORCE');
export const SO_RCVBUFFORCE: SocketOption = option(SOL_SOCKET, 33, 'SO_RCVBUFFORCE');
export const SO_BUF_LOCK: SocketOption = option(SOL_SOCKET, 72, 'SO_BUF_LOCK');

export const IP_TRANSPARENT: SocketOption = option(SOL_IP, 19, 'IP_TRANSPARENT');
export const IPV6_TRANSPARENT: SocketOption = option(SOL_IPV6, 75, 'IPV6_TRANSPARENT');

const F_DUPFD_CLOEXEC = 1030;

/** Makes a socket that no child process inherits. */
export function openSocket(family: number, type: number, protocol = 0): number {
  return syscall('socket', [family, type | SOCK_CLOEXEC, protocol]);
}

/** Two connected sockets of the family AF_UNIX. */
export function openSocketPair(family: number, type: number): readonly [number, number] {
  const pair = new Int32Array(2);
  syscall('socketpair', [family, type | SOCK_CLOEXEC, 0, pair]);
  return [pair[0] ?? -1, pair[1] ?? -1];
}

/** Gives the socket its own address. */
export function bindSocket(fd: number, local: Endpoint): void {
  const address = emitSocketAddress(local);
  syscall('bind', [fd, address, address.length]);
}

/** Connects; a non-blocking socket that is not connected at once throws EINPROGRESS. */
export function connectSocket(fd: number, remote: Endpoint): void {
  const address = emitSocketAddress(remote);
  syscall('connect', [fd, address, address.length]);
}

/** Lets connections come; at most `backlog` wait to be accepted. */
export function listenSocket(fd: number, backlog: number): void {
  syscall('listen', [fd, backlog]);
}

/** The descriptor of the next connection, with the flags `SOCK_NONBLOCK` and `SOCK_CLOEXEC`. */
export function acceptSocket(fd: number): number {
  return syscall('accept4', [fd, null, null, SOCK_NONBLOCK | SOCK_CLOEXEC]);
}

/** The own or the other end of a socket; undefined where it is neither IPv4 nor IPv6. */
export function endOf(fd: number, which: 'getsockname' | 'getpeername'): Endpoint | undefined {
  const address = Buffer.alloc(SOCKET_ADDRESS_OCTETS);
  syscall(which, [fd, address, new Uint32Array([address.length])]);
  return parseSocketAddress(address);
}

/** A copy of the descriptor: the socket lives until both are closed. */
export function duplicate(fd: number): number {
  return syscall('fcntl', [fd, F_DUPFD_CLOEXEC, 0], 'F_DUPFD_CLOEXEC');
}

/** Closes a descriptor. */
export function closeDescriptor(fd: number): void {
  syscall('close', [fd]);
}

/** Sets an option whose value is an int. */
export function setOption(fd: number, which: SocketOption, value: number): void {
  setOptionOctets(fd, which, new Int32Array([value]));
}

/** Sets an option whose value is a structure. */
export function setOptionOctets(fd: number, which: SocketOption, value: Memory): void {
  syscall('setsockopt', [fd, which.level, which.option, value, value.byteLength], which.name);
}

/** The value of an option that is an int, −2^31 … 2^31 − 1. */
export function getOption(fd: number, which: SocketOption): number {
  const value = new Int32Array(1);
  getOptionOctets(fd, which, value);
  return value[0] ?? 0;
}

/** Writes the value of an option into `value`; answers its length in octets. */
export function getOptionOctets(fd: number, which: SocketOption, value: Memory): number {
  const length = new Uint32Array([value.byteLength]);
  syscall('getsockopt', [fd, which.level, which.option, value, length], which.name);
  return length[0] ?? 0;
}

/** What an ioctl(2) request answers with an int. */
export function ask(fd: number, request: number): number {
  const answer = new Int32Array(1);
  syscall('ioctl', [fd, request, answer], `ioctl 0x${request.toString(16)}`);
  return answer[0] ?? 0;
}

/** Receives at most `octets.length`; 0 is the end of the stream. */
export function receive(fd: number, octets: Uint8Array, flags = 0): number {
  return syscall('recv', [fd, octets, octets.length, flags]);
}

/** Sends, and answers how many octets were taken; no signal where the peer is gone. */
export function send(fd: number, octets: Uint8Array, flags = 0): number {
  return syscall('send', [fd, octets, octets.length, flags | MSG_NOSIGNAL]);
}

/** What poll(2) waits for, and what it answers. */
export const POLLIN = 1;
export const POLLPRI = 2;
export const POLLOUT = 4;

/**
 * Waits until one of `events` holds for the descriptor, at most `timeoutMs` (−1 for ever); answers
 * those that hold, 0 after the time. Blocks the thread. A signal throws EINTR, but for 0 ms.
 */
export function poll(fd: number, events: number, timeoutMs: number): number {
  // struct pollfd: fd (4), events (2), revents (2).
  const entry = new Int32Array([fd, events]);
  retryOn('EINTR', timeoutMs === 0 ? SIGNALS_MAX : 0, () => syscall('poll', [entry, 1, timeoutMs]));
  return (entry[1] ?? 0) >>> 16;
}
