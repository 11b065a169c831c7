/**
 * Descriptors on their way to another process, over a socket of the family AF_UNIX.
 *
 *   struct msghdr    name 8 │ namelen 8 │ iov 8 │ iovlen 8 │ control 8 │ controllen 8 │ flags 8
 *   struct iovec     base 8 │ length 8
 *   struct cmsghdr   length 8 │ level 4 │ type 4 │ descriptor 4 │ padding 4
 */
import { addressOf, syscall } from './syscall.ts';

const VECTOR = 56;
const CONTROL = VECTOR + 16;
const CONTROL_OCTETS = 24;
const PAYLOAD = CONTROL + CONTROL_OCTETS;

/** A control message with one descriptor, without its padding. */
const ONE_DESCRIPTOR = 20n;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x4000_0000;

/** What came in one message. */
export interface Received {
  readonly octets: Uint8Array;
  /** Belongs to the receiver; undefined where none came. */
  readonly fd: number | undefined;
}

/** The three structures and the payload, in one piece of memory that points into itself. */
function layOut(payloadOctets: number): Buffer {
  const memory = Buffer.alloc(PAYLOAD + payloadOctets);
  const start = addressOf(memory);
  memory.writeBigUInt64LE(start + BigInt(VECTOR), 16);
  memory.writeBigUInt64LE(1n, 24);
  memory.writeBigUInt64LE(start + BigInt(CONTROL), 32);
  memory.writeBigUInt64LE(BigInt(CONTROL_OCTETS), 40);
  memory.writeBigUInt64LE(start + BigInt(PAYLOAD), VECTOR);
  memory.writeBigUInt64LE(BigInt(payloadOctets), VECTOR + 8);
  return memory;
}

/**
 * Sends `octets` (at least one) with a copy of the descriptor `fd`, and answers how many it took.
 *
 * Both processes have the socket then, until each has closed its own. Throws SyscallError.
 */
export function sendDescriptor(over: number, fd: number, octets: Uint8Array): number {
  const memory = layOut(octets.length);
  memory.writeBigUInt64LE(ONE_DESCRIPTOR, CONTROL);
  memory.writeUInt32LE(SOL_SOCKET, CONTROL + 8);
  memory.writeUInt32LE(SCM_RIGHTS, CONTROL + 12);
  memory.writeInt32LE(fd, CONTROL + 16);
  memory.set(octets, PAYLOAD);
  return syscall('sendmsg', [over, memory, MSG_NOSIGNAL]);
}

/**
 * Receives at most `limit` octets, and a descriptor if one came with them; no octets at the end of
 * the stream. Throws SyscallError.
 */
export function receiveDescriptor(over: number, limit: number): Received {
  const memory = layOut(limit);
  const got = syscall('recvmsg', [over, memory, MSG_CMSG_CLOEXEC]);
  const hasDescriptor =
    memory.readBigUInt64LE(40) >= ONE_DESCRIPTOR &&
    memory.readUInt32LE(CONTROL + 8) === SOL_SOCKET &&
    memory.readUInt32LE(CONTROL + 12) === SCM_RIGHTS;
  return {
    octets: memory.subarray(PAYLOAD, PAYLOAD + got),
    fd: hasDescriptor ? memory.readInt32LE(CONTROL + 16) : undefined,
  };
}
