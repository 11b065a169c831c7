/**
 * The socket of a connection, as whoever owns it asks and is told.
 *
 * Whether a kernel has the socket, or a model host in virtual time, makes no difference.
 */
import type { ConnectionKey } from '../rules/rule.ts';
import type { TcpSnapshot } from '../tcp/snapshot.ts';

/** What an owner asks of the socket of one connection. */
export type SocketEffect = { readonly key: ConnectionKey } & (
  | { readonly kind: 'write'; readonly octets: Uint8Array }
  /** FIN, after all that was written. */
  | { readonly kind: 'finish' }
  /** RST, now. */
  | { readonly kind: 'abort' }
  /** Say `sent-all` as soon as it is so. */
  | { readonly kind: 'settle' }
  /** Leave what the client sends in the socket, whose window closes; and read on. */
  | { readonly kind: 'pause' | 'resume' }
  /** Take the state out of the socket and close it in silence. */
  | { readonly kind: 'export' }
  /** Make a socket of the state, which does not speak before `thaw`. */
  | { readonly kind: 'import'; readonly snapshot: TcpSnapshot }
  | { readonly kind: 'thaw' }
  /** Close the socket in silence. */
  | { readonly kind: 'drop' }
);

/** What an owner is told of it. */
export type SocketEvent = { readonly key: ConnectionKey } & (
  | { readonly kind: 'received'; readonly octets: Uint8Array }
  /** The client's FIN: nothing more will be received. */
  | { readonly kind: 'peer-finished' }
  /** The client's RST, or a timeout of TCP's own: the socket is gone. */
  | { readonly kind: 'reset' }
  /** The client has acknowledged all that was written. */
  | { readonly kind: 'sent-all' }
  /** Both directions have been closed: the socket is gone. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'exported'; readonly snapshot: TcpSnapshot }
  | { readonly kind: 'imported' }
  /** A socket that cannot be exported stays; one that cannot be imported is not there. */
  | { readonly kind: 'export-failed' | 'import-failed'; readonly reason: string }
);

/** What every owner does at one connection. */
export type OwnerEffect =
  | SocketEffect
  /** Sets the connection's one timer anew; undefined stops it. */
  | {
      readonly key: ConnectionKey;
      readonly kind: 'timer';
      readonly afterMs: number | undefined;
    }
  /** A line of the connection's timeline. */
  | { readonly key: ConnectionKey; readonly kind: 'noted'; readonly what: string };
