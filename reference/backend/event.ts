/**
 * What happens to the agent of a backend, and what it does about it.
 *
 * The agent stands between imported connections and a server that knows nothing of them: it gives
 * the server one request at a time, and the client what the server answers.
 */
import type { Message } from '../handoff/message.ts';
import type { OwnerEffect, SocketEvent } from '../owner/socket.ts';
import type { ConnectionKey } from '../rules/rule.ts';

/** What happens at one connection. */
export type ConnectionEvent =
  | SocketEvent
  | ({ readonly key: ConnectionKey } & (
      | { readonly kind: 'served'; readonly octets: Uint8Array }
      /** The server has written its response to the socket by itself; `cut`: a part of it. */
      | { readonly kind: 'answered'; readonly how: 'kept' | 'closed' | 'cut' }
      /** The server has closed its side, or it is not there. */
      | { readonly kind: 'server-finished' | 'server-failed' }
      /** The time of the connection's timer has come. */
      | { readonly kind: 'timeout' }
    ));

/** What can happen to an agent. */
export type AgentEvent =
  ConnectionEvent | { readonly kind: 'message'; readonly from: string; readonly message: Message };

/** What an agent does at one connection. */
export type ConnectionEffect =
  | OwnerEffect
  | ({ readonly key: ConnectionKey } & (
      | { readonly kind: 'server-finish' | 'server-abort' }
      /** Open a connection to the server; what it says comes as `served`. */
      | { readonly kind: 'server-open' }
      /** `isEnd`: these octets are the last of the request. */
      | { readonly kind: 'server-write'; readonly octets: Uint8Array; readonly isEnd: boolean }
    ));

/** What an agent does. */
export type AgentEffect =
  ConnectionEffect | { readonly kind: 'send'; readonly to: string; readonly message: Message };
