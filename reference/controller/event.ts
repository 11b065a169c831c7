/**
 * What happens to a controller, and what it does about it.
 *
 * Sockets, the switch, the backends and the clock are somebody else's: the same controller runs on
 * this kernel and in a simulated network. A client's connection is known by its key; so is the
 * connection to a backend that is opened for it while it is proxied (its upstream).
 */
import type { Command, Refusal, RuleStatus } from '../control/command.ts';
import type { Message } from '../handoff/message.ts';
import type { ConnectionKey } from '../rules/rule.ts';
import type { TcpSnapshot } from '../tcp/snapshot.ts';

/** What happens at one client's connection. */
export type ConnectionEvent = { readonly key: ConnectionKey } & (
  | { readonly kind: 'opened' }
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
  | { readonly kind: 'upstream-opened' | 'upstream-finished' | 'upstream-failed' }
  | { readonly kind: 'upstream-received'; readonly octets: Uint8Array }
  /** The switch's answer to the command with this epoch. */
  | { readonly kind: 'replied'; readonly epoch: number; readonly error?: Refusal | undefined }
  /** The time of the connection's timer has come. */
  | { readonly kind: 'timeout' }
);

/** What can happen to a controller. */
export type ControllerEvent =
  | ConnectionEvent
  | { readonly kind: 'message'; readonly from: string; readonly message: Message }
  /** Comes at regular times: backends that do not answer are given up. */
  | { readonly kind: 'heartbeat' }
  /** All rules that the switch has; the answer to `list`. */
  | { readonly kind: 'listed'; readonly rules: readonly RuleStatus[] };

/** What a controller does at one client's connection. */
export type ConnectionEffect = { readonly key: ConnectionKey } & (
  | { readonly kind: 'write'; readonly octets: Uint8Array }
  /** FIN, after all that was written. */
  | { readonly kind: 'finish' }
  /** RST, now. */
  | { readonly kind: 'abort' }
  /** Leave what the client sends in the socket, whose window closes; and read on. */
  | { readonly kind: 'pause' | 'resume' }
  /** Take the state out of the socket and close it in silence. */
  | { readonly kind: 'export' }
  /** Make a socket of the state, which does not speak before `thaw`. */
  | { readonly kind: 'import'; readonly snapshot: TcpSnapshot }
  | { readonly kind: 'thaw' }
  | { readonly kind: 'upstream-open'; readonly backend: string }
  | { readonly kind: 'upstream-write'; readonly octets: Uint8Array }
  | { readonly kind: 'upstream-finish' | 'upstream-abort' }
  | { readonly kind: 'command'; readonly command: Command }
  /** Sets the connection's one timer anew; undefined stops it. */
  | { readonly kind: 'timer'; readonly afterMs: number | undefined }
  /** A line of the connection's timeline. */
  | { readonly kind: 'noted'; readonly what: string }
);

/** What a controller does. */
export type ControllerEffect =
  | ConnectionEffect
  | { readonly kind: 'send'; readonly to: string; readonly message: Message }
  /** Ask the switch for all its rules. */
  | { readonly kind: 'list' };
