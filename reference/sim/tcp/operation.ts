/** What an application can ask of one connection. RFC 9293 section 3.10, POSIX sockets. */
import type { Connection } from './connection.ts';
import { queueEnd } from './connection.ts';
import { acknowledge, probe, sendReset } from './emit.ts';
import { append, queueLength } from './octet-queue.ts';
import { deliver, end, waitForFin } from './receive.ts';
import { output } from './send.ts';
import type { HostState } from './state.ts';

/** What an application asks of one connection; of a connection that is gone it does nothing. */
export type Operation =
  /** `boundary`: the last octet ends a segment. Throws after `finish` and `close`. */
  | { readonly kind: 'write'; readonly octets: Uint8Array; readonly boundary?: boolean }
  /** Sends FIN after all that was written; goes on reading. shutdown(2) with SHUT_WR. */
  | { readonly kind: 'finish' }
  /** Finishes, and reads no more: unread octets, and any that come, make it a RST. close(2). */
  | { readonly kind: 'close' }
  /** Sends RST. */
  | { readonly kind: 'abort' }
  /** Leaves what comes unread, until `resume`. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  /** The connection is gone without a word: close(2) in repair mode. */
  | { readonly kind: 'drop' }
  /** Leaves repair mode; `probe` sends a segment that the peer must answer, as Linux does. */
  | { readonly kind: 'thaw'; readonly probe?: boolean };

/** Performs one operation, in place. */
export function operate(host: HostState, connection: Connection, operation: Operation): void {
  const { receive: side } = connection;
  switch (operation.kind) {
    case 'write':
      return write(host, connection, operation.octets, operation.boundary === true);
    case 'finish':
      return finish(host, connection);
    case 'close':
      return close(host, connection);
    case 'abort':
      if (connection.state !== 'SYN-SENT' && connection.state !== 'TIME-WAIT') {
        sendReset(host, connection);
      }
      host.connections.delete(connection.id);
      return;
    case 'pause':
      side.paused = true;
      return;
    case 'resume':
      side.paused = false;
      return read(host, connection);
    case 'drop':
      host.connections.delete(connection.id);
      return;
    case 'thaw':
      connection.frozen = false;
      if (operation.probe !== false) probe(host, connection);
      read(host, connection);
      return output(host, connection);
    default:
      operation satisfies never;
  }
}

function write(
  host: HostState,
  connection: Connection,
  octets: Uint8Array,
  isBoundary: boolean,
): void {
  const { send } = connection;
  if (send.finished) throw new Error(`write after the end of ${connection.id}`);
  append(send.queue, octets);
  if (isBoundary) send.boundaries.push(queueEnd(send));
  output(host, connection);
}

function finish(host: HostState, connection: Connection): void {
  if (connection.send.finished) return;
  if (connection.state === 'SYN-SENT') return end(host, connection);
  connection.send.finished = true;
  if (connection.state === 'ESTABLISHED') connection.state = 'FIN-WAIT-1';
  else if (connection.state === 'CLOSE-WAIT') connection.state = 'LAST-ACK';
  output(host, connection);
}

function close(host: HostState, connection: Connection): void {
  if (queueLength(connection.receive.unread) > 0) {
    // What was not read was not received: the sender must know. RFC 2525 section 2.17.
    sendReset(host, connection);
    return end(host, connection);
  }
  connection.closed = true;
  if (connection.state === 'FIN-WAIT-2') waitForFin(host, connection);
  finish(host, connection);
}

/** Delivers what is unread, and offers the window that this opens. */
function read(host: HostState, connection: Connection): void {
  const { unread } = connection.receive;
  const before = queueLength(unread);
  deliver(host, connection);
  if (queueLength(unread) < before) acknowledge(host, connection);
}
