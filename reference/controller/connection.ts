/** One client's connection, and where it is. */
import type { Transfer } from '../handoff/message.ts';
import { createRequestQueue } from '../http/request-queue.ts';
import type { ResponseReader } from '../http/response-reader.ts';
import type { OwnedConnection } from '../owner/act.ts';
import type { Recorder } from '../cache/front-cache.ts';
import type { FieldAdder } from '../http/add-field.ts';
import type { RequestBrief } from '../policy/brief.ts';
import type { Decision } from './choosing.ts';
import type { ConnectionKey, Deltas, Endpoint, Owner } from '../rules/rule.ts';
import type { TcpSnapshot } from '../tcp/snapshot.ts';

/** One way of a connection from its owner to the next. */
export interface Migration {
  readonly kind: 'migrating';
  step: 'locking' | 'exporting' | 'moving' | 'chowning' | 'committing' | 'unlocking';
  /** The epoch of the command that locked for it: the name of the migration. */
  readonly epoch: number;
  readonly from: string;
  to: string;
  tries: number;
  /** What the controller itself exported, or was offered. */
  transfer: Transfer | undefined;
  /** What the client has sent to a socket that was imported here, while it is not yet ours. */
  readonly early: Uint8Array[];
}

/** A request that is passed on to a backend, whose response is passed back. */
export interface Proxying {
  readonly kind: 'proxying';
  readonly backend: string;
  readonly decision: Decision;
  readonly brief: RequestBrief;
  /** What the Host field has to say where the client says another. */
  readonly host: string | undefined;
  /** Hears the response, to keep it. */
  readonly recorder: Recorder | undefined;
  /** Says a cookie in the response. */
  readonly addCookie: FieldAdder | undefined;
  readonly response: ResponseReader;
  /** The connection to the backend is there. */
  isOpen: boolean;
  isRequestEnded: boolean;
  /** What follows is no longer HTTP. PRISM-CTRL-09. */
  isTunnel: boolean;
  responseOctets: number;
  /** The server takes the controller for the client, and may get the client itself. */
  maySplice: boolean;
  /** The head has been passed on. */
  hasBegun: boolean;
}

/** A request on its way to be answered by a server that knows of no Prism. */
export interface Splicing {
  readonly kind: 'splicing';
  step:
    | 'binding'
    | 'guarding'
    | 'turning'
    | 'freezing'
    | 'settling'
    | 'locking'
    | 'exporting'
    | 'clearing'
    | 'joining'
    | 'uncovering'
    | 'unlocking';
  /** What goes on where nothing comes of it. */
  readonly proxying: Proxying;
  readonly server: Owner;
  tries: number;
  /** The controller's end of the connection to the server. */
  local: Endpoint | undefined;
  /** What the controller has exported of both connections. */
  serverSide: TcpSnapshot | undefined;
  clientSide: TcpSnapshot | undefined;
  /** What joins the two. */
  deltas: Deltas;
}

/** Where a connection is. */
export type Phase =
  /** Here, between two requests or in the head of one. */
  | { readonly kind: 'reading' }
  | Proxying
  | Migration
  | Splicing
  /** At a server that tells nothing; how many packets there were when the switch was last asked. */
  | {
      readonly kind: 'spliced';
      readonly owner: string;
      readonly sinceBeat: number;
      packets: number;
      seenBeat: number;
    }
  /** At a backend; `from` had it before, and may not yet know that it is gone for good. */
  | { readonly kind: 'away'; readonly owner: string; readonly from: string; readonly epoch: number }
  /** At a backend, as the switch says; the backend has not yet said so. */
  | { readonly kind: 'adopting'; readonly owner: string; tries: number }
  /** At a backend that has been told to reset its client, and has not said that it did. */
  | { readonly kind: 'dismissing'; readonly owner: string; readonly epoch: number; tries: number }
  /** Here, and all is said: what the client still sends is thrown away. */
  | { readonly kind: 'closing' }
  /** The connection has ended and its rule is kept for a while. */
  | { readonly kind: 'lingering' }
  /**
   * `remains` is all that is left of it: the client is reset with that when the rule is gone. Or a
   * backend still has it, the `holder`.
   */
  | {
      readonly kind: 'deleting';
      tries: number;
      readonly remains: TcpSnapshot | undefined;
      readonly holder: Holder | undefined;
    }
  /** The rule is gone, and the holder is asked for what remains. */
  | { readonly kind: 'recalling'; tries: number; readonly holder: Holder };

/** A backend that has exported a connection for a migration, which has failed. */
export interface Holder {
  readonly backend: string;
  /** Of the migration. */
  readonly epoch: number;
}

/** One client's connection. */
export interface Connection extends OwnedConnection {
  /** Of the last command about it. */
  epoch: number;
  /** Whether the switch has a rule for it, or may have one. */
  hasRule: boolean;
  /** Keys of the other rules that the switch has for it, or may have. */
  readonly sideRules: ConnectionKey[];
  /** Nothing is handed off: it is signed, its state cannot be exported, or the switch will not. */
  isProxiedOnly: boolean;
  phase: Phase;
  clientFinished: boolean;
  /** What was decided for the request at the front. */
  decision: Decision | undefined;
  /** The pool of the last request. */
  pool: string | undefined;
  /** The backend that had the last request, or has the connection. */
  last: string | undefined;
  /** Where it counts as active. */
  countedAt: string | undefined;
  /** How many requests the last backend has got in a row, one by one. */
  row: { readonly backend: string; readonly requests: number } | undefined;
  /** Backends that failed while they were to have it. */
  readonly absent: Set<string>;
  /** Backends that would not import it; requests can be passed on to them. */
  readonly unwilling: Set<string>;
}

/** A connection of which nothing has been read; one that is signed stays with its keys. */
export function createConnection(
  key: ConnectionKey,
  epoch: number,
  hasRule: boolean,
  isSigned: boolean = false,
): Connection {
  return {
    key,
    epoch,
    hasRule,
    sideRules: [],
    isProxiedOnly: isSigned,
    phase: { kind: 'reading' },
    requests: createRequestQueue(),
    clientFinished: false,
    decision: undefined,
    pool: undefined,
    last: undefined,
    countedAt: undefined,
    row: undefined,
    isPaused: false,
    isAllSent: true,
    absent: new Set(),
    unwilling: new Set(),
  };
}
