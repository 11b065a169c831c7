/** The two ends of a connection as parties that know what the other has to say. */
import type { ExecutionContext } from 'ava';
import { ask, MSG_DONTWAIT, poll, POLLIN, receive, send } from '../../reference/host/socket.ts';
import { SyscallError } from '../../reference/host/syscall.ts';
import { KERNEL_MAX_MS } from './bed.ts';

const SETTLE_MAX_MS = 2;

const SIOCOUTQ = 0x5411;
const SIOCOUTQNSD = 0x894b;

/** Who writes. */
export type Side = 'client' | 'owner';

/** One end of a connection, which writes and expects octets that tell where they are. */
export interface Talker {
  readonly side: Side;
  fd: number;
  written: number;
  read: number;
}

/** A talker that has said and heard nothing yet. */
export function talker(side: Side, fd: number): Talker {
  return { side, fd, written: 0, read: 0 };
}

/** Octets `from` … `to` − 1 of what a side writes: they look random, and differ by the side. */
export function stretch(side: Side, from: number, to: number): Uint8Array {
  const salt = side === 'client' ? 0x5bd1e995 : 0x27d4eb2f;
  return Uint8Array.from({ length: to - from }, (_, index) => {
    const word = Math.imul((from + index) ^ salt, 0x9e3779b1);
    return (word >>> 24) ^ (word >>> 9);
  });
}

/** Writes up to `count` further octets, as many as the kernel takes. */
export function write(from: Talker, count: number): void {
  const end = from.written + count;
  while (from.written < end) {
    const chunk = stretch(from.side, from.written, Math.min(end, from.written + 65_536));
    const taken = sendOrNone(from.fd, chunk);
    if (taken === 0) return;
    from.written += taken;
  }
}

function sendOrNone(fd: number, octets: Uint8Array): number {
  try {
    return send(fd, octets, MSG_DONTWAIT);
  } catch (error) {
    if (error instanceof SyscallError && error.errno === 'EAGAIN') return 0;
    throw error;
  }
}

/** Reads up to `count` octets that are there; fails the test where one is not the next. */
export function read(t: ExecutionContext, to: Talker, count: number): number {
  const octets = Buffer.alloc(count);
  try {
    const got = receive(to.fd, octets, MSG_DONTWAIT);
    const expected = stretch(to.side === 'client' ? 'owner' : 'client', to.read, to.read + got);
    if (!octets.subarray(0, got).equals(expected)) {
      t.fail(`${got} octets from ${to.read} on are not those that were written`);
    }
    to.read += got;
    return got;
  } catch (error) {
    if (error instanceof SyscallError && error.errno === 'EAGAIN') return 0;
    throw error;
  }
}

/** Waits until what both ends have sent is acknowledged, or for a moment. */
export function settle(...fds: readonly number[]): void {
  const deadline = performance.now() + SETTLE_MAX_MS;
  const isInFlight = (fd: number): boolean => ask(fd, SIOCOUTQ) > ask(fd, SIOCOUTQNSD);
  while (fds.some(isInFlight) && performance.now() < deadline);
}

/** Reads until all that `from` has written has come, octet for octet. */
export function readAll(t: ExecutionContext, to: Talker, from: Talker): void {
  const deadline = Date.now() + KERNEL_MAX_MS;
  while (to.read < from.written) {
    poll(to.fd, POLLIN, 100);
    if (read(t, to, 65_536) === 0 && Date.now() > deadline) {
      t.fail(`${to.read} of ${from.written} octets came in ${KERNEL_MAX_MS} ms`);
      return;
    }
  }
  t.is(to.read, from.written);
}
