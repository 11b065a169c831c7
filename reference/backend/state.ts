/** What the agent of a backend knows. */
import type { ResponseReader } from '../http/response-reader.ts';
import type { Served, Transfer } from '../handoff/message.ts';
import type { OwnedConnection } from '../owner/act.ts';
import type { RequestBrief } from '../policy/brief.ts';
import type { Keeps } from '../policy/keep.ts';
import type { AgentEffect } from './event.ts';

/** How an agent is set up; times in milliseconds. */
export interface AgentConfig {
  readonly name: string;
  /** A greater number after each start. */
  readonly instance: number;
  /** After this time a message without an answer is said again. */
  readonly retryMs: number;
  /** How often something is said before the controller is taken for dead. */
  readonly triesMax: number;
  /** How long an imported connection waits for its commit before it is closed in silence. */
  readonly commitMs: number;
  /** How long a client that has all may take to close before it is reset. RFC 9112 section 9.6. */
  readonly closeMs: number;
  /** More octets of a client than these are not read while its answers are on their way. */
  readonly heldOctetsMax: number;
  /** Most connections at a time; one more is refused. */
  readonly connectionsMax: number;
}

/** What an agent is set up with when nothing else is said. */
export const DEFAULTS: Omit<AgentConfig, 'name' | 'instance'> = {
  retryMs: 50,
  triesMax: 10,
  commitMs: 2000,
  closeMs: 5000,
  heldOctetsMax: 256 * 1024,
  connectionsMax: 100_000,
};

/** Where a connection is. */
export type Phase =
  /** A socket is being made of what was offered. */
  | { readonly kind: 'importing' }
  /** There is a socket, and nobody may speak on it yet. */
  | { readonly kind: 'prepared' }
  | { readonly kind: 'serving' }
  /** The next request is for another: the controller has been asked. */
  | { readonly kind: 'moving'; tries: number }
  /** The socket is gone; its state is kept until the next owner has it. */
  | {
      readonly kind: 'offering';
      to: string;
      /** The life of `to` that is meant. */
      instance: number;
      transfer: Transfer | undefined;
      keeps: Keeps;
      tries: number;
    }
  /** All is said: what the client still sends is thrown away. */
  | { readonly kind: 'closing' }
  /** The connection has ended; the controller is told until it has heard. */
  | { readonly kind: 'ended'; readonly how: 'finished' | 'reset'; tries: number };

/** One connection. */
export interface Connection extends OwnedConnection {
  /** The migration that brought it here, or takes it away. */
  epoch: number;
  phase: Phase;
  readonly response: ResponseReader;
  keeps: Keeps;
  /** The request at the front is the one that the connection has come for. */
  isFirst: boolean;
  /** How many requests the controller has been asked about. */
  asks: number;
  /** What it has answered, the latest last. */
  served: readonly Served[];
  /** The request that the server has, and how many octets of its answer have come. */
  current: { readonly brief: RequestBrief; octets: number } | undefined;
  /** What the Host field of the request that begins has to say, where the client says another. */
  host: string | undefined;
  /** A request is with the server, and its response is not complete. */
  isBusy: boolean;
  isRequestEnded: boolean;
  /** The server has a connection for this client. */
  hasServer: boolean;
  /** After an upgrade nothing is HTTP any more. PRISM-CTRL-09. */
  isTunnel: boolean;
  clientFinished: boolean;
}

/** All that an agent knows. */
export interface AgentState {
  readonly config: AgentConfig;
  /** By `keyText`. */
  readonly connections: Map<string, Connection>;
}

/** One step of the agent at one connection. */
export interface Turn {
  readonly state: AgentState;
  readonly connection: Connection;
  readonly effects: AgentEffect[];
}

/** An agent without connections. */
export function createAgent(
  config: Pick<AgentConfig, 'name' | 'instance'> & Partial<AgentConfig>,
): AgentState {
  return { config: { ...DEFAULTS, ...config }, connections: new Map() };
}
