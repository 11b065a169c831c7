/**
 * Connections between Node.js and the calls that need a bare descriptor.
 *
 *   importConnection ─▶ fd ─▶ adoptConnection ─▶ net.Socket ─▶ releaseConnection ─▶ fd ─▶ export
 */
import { Socket } from 'node:net';
import type { Result } from 'scapy-ts';
import type { Endpoint } from '../rules/rule.ts';
import {
  bindSocket,
  closeDescriptor,
  duplicate,
  listenSocket,
  openSocket,
  setOption,
  SO_REUSEADDR,
  SOCK_NONBLOCK,
  SOCK_STREAM,
} from './socket.ts';
import { familyOf } from './socket-address.ts';

/** A connection that Node.js has nothing to do with any more. */
export interface Released {
  readonly fd: number;
  /** Octets that Node.js had read and given to nobody; the first of the unread ones. */
  readonly drained: Uint8Array;
  /** The end of the last write, which the kernel has not taken. */
  readonly unwritten: Uint8Array;
}

const NOTHING = new Uint8Array();

/** Why Node.js cannot let a connection go; it keeps it. */
export type ReleaseRefusal =
  | { readonly kind: 'closed' }
  /** More than one write that the kernel has not taken yet: wait for `drain`. */
  | { readonly kind: 'pending-writes'; readonly octets: number };

/**
 * The socket of a connected TCP descriptor, which belongs to it from now on; nobody may close it
 * but the socket. It reads at once, and is half-open when the peer has sent FIN.
 */
export function adoptConnection(fd: number): Socket {
  return new Socket({ fd, readable: true, writable: true, allowHalfOpen: true });
}

/**
 * Takes a connection away from Node.js: the socket is destroyed, the connection is not.
 *
 * `lastWrite` are the octets of the one write that may not be complete. The socket must have no
 * encoding. Throws SyscallError.
 */
export function releaseConnection(
  socket: Socket,
  lastWrite: Uint8Array = NOTHING,
): Result<Released, ReleaseRefusal> {
  const own = descriptorOf(socket);
  if (own === undefined || socket.destroyed) return { ok: false, error: { kind: 'closed' } };
  if (socket.writableLength > lastWrite.length) {
    return { ok: false, error: { kind: 'pending-writes', octets: socket.writableLength } };
  }
  const fd = duplicate(own);
  // What is drained belongs to the next owner; a listener would take it as well.
  socket.removeAllListeners('data');
  socket.removeAllListeners('readable');
  const drained: unknown = socket.read();
  const unwritten = lastWrite.subarray(lastWrite.length - waitingIn(socket));
  // No event can come between, and closing one of two descriptors tells the peer nothing.
  socket.destroy();
  return { ok: true, value: { fd, drained: octetsOf(drained), unwritten } };
}

/**
 * A listening descriptor in the namespace of this thread, for `server.listen({ fd })`; throws
 * SyscallError.
 */
export function openListener(local: Endpoint, backlog = 511): number {
  const fd = openSocket(familyOf(local), SOCK_STREAM | SOCK_NONBLOCK);
  try {
    setOption(fd, SO_REUSEADDR, 1);
    bindSocket(fd, local);
    listenSocket(fd, backlog);
    return fd;
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
}

/**
 * The descriptor of a socket, undefined where it has none.
 *
 * Node.js has no public way to ask for it; `_handle.fd` has been there since its first versions,
 * and is −1 where there is no descriptor.
 */
export function descriptorOf(socket: Socket): number | undefined {
  const fd = numberOfHandle(socket, 'fd');
  return fd !== undefined && fd >= 0 ? fd : undefined;
}

/** Octets of writes that the kernel has not taken. */
function waitingIn(socket: Socket): number {
  return numberOfHandle(socket, 'writeQueueSize') ?? 0;
}

function numberOfHandle(socket: Socket, name: 'fd' | 'writeQueueSize'): number | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null) return undefined;
  const value: unknown = Reflect.get(handle, name);
  return typeof value === 'number' ? value : undefined;
}

function octetsOf(drained: unknown): Uint8Array {
  if (drained === null) return NOTHING;
  if (drained instanceof Uint8Array) return drained;
  throw new TypeError('a socket that has an encoding cannot be released');
}
