/**
 * What happens to the agent of a backend, and what it does about it.
 *
 * The agent stands between imported connections and a server that knows nothing of them: it gives
 * the server one request at a time, and the client what the server answers.
 */
import type { Message } from '../handoff/message.ts';
import type { ConnectionKey } from '../rules/rule.ts';
import type { TcpSnapshot } from '../tcp/snapshot.ts';

/** What happens at one connection. */
export type ConnectionEvent = { readonly key: ConnectionKey } & (
  | { readonly kind: 'imported' }
  | { readonly kind: 'import-failed' | 'export-failed'; readonly reason: string }
  | { readonly kind: 'exported'; readonly snapshot: TcpSnapshot }
  | { readonly kind: 'received'; readonly octets: Uint8Array }
  | { readonly kind: 'peer-finished' }
  /** The client's RST, or a timeout of TCP's own: the socket is gone. */
  | { readonly kind: 'reset' }
  /** The client has acknowledged all that was written. */
  | { readonly kind: 'sent-all' }
  /** Both directions have been closed: the socket is gone. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'served'; readonly octets: Uint8Array }
  /** The server has closed its side, or it is not there. */
  | { readonly kind: 'server-finished' | 'server-failed' }
  | { readonly kind: 'timeout' }
);

/** What can happen to an agent. */
export type AgentEvent =
  ConnectionEvent | { readonly kind: 'message'; readonly from: string; readonly message: Message };

/** What an agent does at one connection. */
export type ConnectionEffect = { readonly key: ConnectionKey } &
  /** Make a socket of the state, which does not speak before `thaw`. */
  (
    | { readonly kind: 'import'; readonly snapshot: TcpSnapshot }
    | { readonly kind: 'thaw' }
    /** Take the state out of the socket and close it in silence. */
    | { readonly kind: 'export' }
    | { readonly kind: 'write'; readonly octets: Uint8Array }
    /** FIN, after all that was written. */
    | { readonly kind: 'finish' }
    /** RST, now. */
    | { readonly kind: 'abort' }
    /** Leave what the client sends in the socket, whose window closes; and read on. */
    | { readonly kind: 'pause' | 'resume' }
    /** Close the socket in silence. */
    | { readonly kind: 'drop' }
    /** Open a connection to the server; what it says comes as `served`. */
    | { readonly kind: 'server-open' }
    | { readonly kind: 'server-write'; readonly octets: Uint8Array }
    | { readonly kind: 'server-finish' | 'server-abort' }
    /** Sets the connection's one timer anew; undefined stops it. */
    | { readonly kind: 'timer'; readonly afterMs: number | undefined }
    | { readonly kind: 'noted'; readonly what: string }
  );

/** What an agent does. */
export type AgentEffect =
  ConnectionEffect | { readonly kind: 'send'; readonly to: string; readonly message: Message };
