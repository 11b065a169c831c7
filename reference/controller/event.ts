/**
 * What happens to a controller, and what it does about it.
 *
 * Sockets, the switch, the backends and the clock are somebody else's: the same controller runs on
 * this kernel and in a simulated network. A client's connection is known by its key; so is the
 * connection to a backend that is opened for it while it is proxied (its upstream).
 */
import type { Command, Refusal, RuleStatus } from '../control/command.ts';
import type { Message } from '../handoff/message.ts';
import type { OwnerEffect, SocketEvent } from '../owner/socket.ts';
import type { Site } from '../policy/site.ts';
import type { ConnectionKey, Endpoint } from '../rules/rule.ts';
import type { TcpSnapshot } from '../tcp/snapshot.ts';
import type { Backend } from './state.ts';

/** What happens at one client's connection. */
export type ConnectionEvent =
  | SocketEvent
  | ({ readonly key: ConnectionKey } &
      /** `isSigned`: the client's SYN has an option of TCP-MD5 or TCP-AO. */
      (
        | { readonly kind: 'opened'; readonly isSigned?: boolean }
        | { readonly kind: 'upstream-opened' | 'upstream-finished' | 'upstream-failed' }
        | { readonly kind: 'upstream-received'; readonly octets: Uint8Array }
        /** The controller's end of the connection that may be opened. */
        | { readonly kind: 'upstream-bound'; readonly local: Endpoint }
        /** Silent from now on, with nothing unread; or as before. */
        | { readonly kind: 'upstream-frozen'; readonly snapshot: TcpSnapshot }
        | { readonly kind: 'upstream-kept'; readonly reason: string }
        /** The switch's answer to the command with this epoch. */
        | { readonly kind: 'replied'; readonly epoch: number; readonly error?: Refusal | undefined }
        /** The time of the connection's timer has come. */
        | { readonly kind: 'timeout' }
      ));

/** A client has connected. */
export type Opened = Extract<ConnectionEvent, { readonly kind: 'opened' }>;

/** What can happen to a controller. */
export type ControllerEvent =
  | ConnectionEvent
  | { readonly kind: 'message'; readonly from: string; readonly message: Message }
  /** Comes at regular times: backends that do not answer are given up. */
  | { readonly kind: 'heartbeat' }
  /** All rules that the switch has; the answer to `list`. */
  | { readonly kind: 'listed'; readonly rules: readonly RuleStatus[] }
  /** Another site; the answer is `configured`. */
  | ({ readonly kind: 'configure' } & Change)
  /** Checks have found a backend to be up, as it is taken to be, or down. */
  | ({ readonly kind: 'health' } & HealthReport)
  /** How much a backend says that it has to do, in a unit that all share. */
  | { readonly kind: 'load'; readonly backend: string; readonly load: number };

/** What checks say of a backend, in one pool or, where none is named, everywhere. */
export interface HealthReport {
  readonly backend: string;
  readonly pool?: string | undefined;
  readonly isUp: boolean;
}

/** Another site, and the backends that it is over where they are others too. */
export interface Change {
  readonly site: Site;
  /** All of them; those that still have connections stay known. */
  readonly backends?: readonly Backend[] | undefined;
}

/** A command about one connection's rule. */
export type RuleCommand = Exclude<Command, { readonly op: 'get' }>;

/** What a controller does at one client's connection. */
export type ConnectionEffect =
  | OwnerEffect
  | ({ readonly key: ConnectionKey } &
      /** Choose the end of a connection that `upstream-open` will open with the client's options. */
      (
        | { readonly kind: 'upstream-bind'; readonly backend: string }
        | { readonly kind: 'upstream-open'; readonly backend: string }
        /** Say what has come, then neither take nor send anything more; and go on. */
        | { readonly kind: 'upstream-freeze' | 'upstream-thaw' }
        /** The client has it: forget it in silence, and tell the server of the client's window. */
        | { readonly kind: 'upstream-yield'; readonly windowOctets: number }
        | { readonly kind: 'upstream-write'; readonly octets: Uint8Array }
        /** FIN, after all that was written; what it still says comes as before. */
        | { readonly kind: 'upstream-finish' }
        /** Nothing more is said or wanted. */
        | { readonly kind: 'upstream-abort' }
        /** The same, after whole messages; `isReusable`: both sides may go on with another request. */
        | { readonly kind: 'upstream-close'; readonly isReusable: boolean }
        | { readonly kind: 'command'; readonly command: RuleCommand }
      ));

/** What a controller does. */
export type ControllerEffect =
  | ConnectionEffect
  | { readonly kind: 'send'; readonly to: string; readonly message: Message }
  /** Ask the switch for all its rules. */
  | { readonly kind: 'list' }
  /** The change has been made; or it has a fault, a sentence for people, and nothing is changed. */
  | { readonly kind: 'configured'; readonly fault: string | undefined };
