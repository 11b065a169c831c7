/** A socket of Node.js that becomes silent, and may go on. */
import type { Socket } from 'node:net';
import { releaseConnection } from '../connection.ts';
import { exportConnection, type Exported } from '../export.ts';
import type { Outlet } from './outlet.ts';

/** What became of it; `unread` are octets that nobody has been given. */
export type Freezing = { readonly unread: Uint8Array } & (
  | {
      readonly kind: 'frozen';
      readonly exported: Exported;
      /** Octets of `unread` that the kernel will give again when the socket goes on. */
      readonly keptOctets: number;
    }
  /** It goes on; at `fd` where the socket is no longer Node.js's. */
  | { readonly kind: 'kept'; readonly fd: number | undefined; readonly reason: string }
);

const NOTHING = new Uint8Array();

/** Silences a connected socket to which nothing is being written. */
export function freezeSocket(socket: Socket, outlet: Outlet): Freezing {
  if (outlet.waiting > 0) {
    const reason = 'octets are being written';
    return { kind: 'kept', fd: undefined, unread: NOTHING, reason };
  }
  const released = releaseConnection(socket);
  if (!released.ok) {
    return { kind: 'kept', fd: undefined, unread: NOTHING, reason: released.error.kind };
  }
  const { fd, drained } = released.value;
  const taken = exportConnection(fd, drained);
  if (!taken.ok) return { kind: 'kept', fd, unread: drained, reason: JSON.stringify(taken.error) };
  const { unread } = taken.value.snapshot;
  const keptOctets = unread.length - drained.length;
  return { kind: 'frozen', exported: taken.value, unread, keptOctets };
}
