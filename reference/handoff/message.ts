/**
 * What controller and backends say to each other while a connection moves.
 *
 *   old owner                controller                  new owner
 *      │ ── move ───────────────▶│                           │    whose is the next request?
 *      │ ◀──────────────── serve │                           │    its own; or another's:
 *      │                         │─ lock, confirmed          │
 *      │ ◀─────────────── export │                           │    (an owner that is the controller
 *      │ ── offer ───────────────┼──────────────────────────▶│     exports without being asked)
 *      │                         │ ◀──────────────── imported│    it has a socket, and is silent
 *      │                         │─ chown and unlock, confirmed
 *      │ ◀────────────── release │ commit ──────────────────▶│    now its server gets the request
 *      │                         │ ◀─────────────── committed│
 *
 * The controller alone commands the switch and alone decides: what it has committed it never takes
 * back, and what it has cancelled was never given to a server. So each request is executed by one
 * backend at most, whatever is lost, late or said twice. Every message may be said again; `epoch`
 * names the migration, and is the epoch of the command that locked for it.
 */
import type { RequestBrief } from '../policy/brief.ts';
import type { Keeps } from '../policy/keep.ts';
import type { ConnectionKey } from '../rules/rule.ts';
import type { TcpSnapshot } from '../tcp/snapshot.ts';

/** A connection as it is handed over. */
export interface Transfer {
  readonly snapshot: TcpSnapshot;
  /**
   * Octets that the old owner read and did not serve, from the first octet of a request on, which
   * is the new owner's to serve; the octets of `snapshot.unread` follow them.
   */
  readonly residual: Uint8Array;
  /** What the new owner may serve after that without asking. */
  readonly keeps: Keeps;
}

/** A request that was answered, and with how many octets, head and content. */
export interface Served {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly octets: number;
}

/** Most of them in one message: the latest. */
export const SERVED_MAX = 16;

/** What is said about one connection. */
export type ConnectionMessage = {
  readonly key: ConnectionKey;
  readonly epoch: number;
} &
  /**
   * Offer and commit are for one life of a backend: the next may not begin again with a state that
   * the one before has already gone on from. 0 where the controller is offered it.
   */
  (
    | { readonly kind: 'offer'; readonly instance: number; readonly transfer: Transfer }
    | { readonly kind: 'imported' | 'commit'; readonly instance: number }
    | { readonly kind: 'committed' | 'cancel' | 'release' }
    /** Asked of an owner by a controller that has started anew: `committed`, or `closed`. */
    | { readonly kind: 'check' }
    /** The new owner cannot take the connection, or the old one cannot give it away. */
    | { readonly kind: 'refused' | 'kept'; readonly reason: string }
    /**
     * `ask` counts the requests that this owner has asked about; `served` is what the controller
     * cannot see, and learns from.
     */
    | {
        readonly kind: 'move';
        readonly ask: number;
        readonly request: RequestBrief;
        readonly served: readonly Served[];
      }
    /** The answer to `move` when there is nowhere else: the owner answers as well as it can. */
    | { readonly kind: 'stay' }
    /** The answer to `move` when the request is the owner's: this one, and no other. */
    | { readonly kind: 'serve'; readonly ask: number }
    /** The owner shall reset its client: its pool does not have it any more. */
    | { readonly kind: 'dismiss' }
    /** `instance` is the life of `to` that is meant. */
    | {
        readonly kind: 'export';
        readonly to: string;
        readonly instance: number;
        readonly keeps: Keeps;
      }
    /** The connection has ended at its owner; a controller that has heard it answers `noted`. */
    | {
        readonly kind: 'closed';
        readonly how: 'finished' | 'reset';
        readonly served: readonly Served[];
      }
    | { readonly kind: 'noted' }
  );

/** What is said about a host: is it there, and is it still the one that it was? */
export type HostMessage =
  | { readonly kind: 'ping'; readonly count: number }
  /** `instance` is greater after each start of the backend. */
  | { readonly kind: 'pong'; readonly count: number; readonly instance: number };

/** One message. */
export type Message = ConnectionMessage | HostMessage;

/** The name under which the controller is addressed; no backend may have it. */
export const CONTROLLER = 'controller';
