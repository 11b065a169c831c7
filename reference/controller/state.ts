/** What a controller knows: its connections, what it learned, and how it was set up. */
import { setBounded } from '../control/bounded-map.ts';
import type { Served, Transfer } from '../handoff/message.ts';
import type { OwnedConnection } from '../owner/act.ts';
import type { Policy, RequestBrief, Turns } from '../policy/policy.ts';
import type { ConnectionKey, Owner } from '../rules/rule.ts';
import type { TcpSnapshot } from '../tcp/snapshot.ts';
import type { MacAddress } from 'scapy-ts';
import { createRequestQueue } from '../http/request-queue.ts';
import type { ResponseReader } from '../http/response-reader.ts';
import type { ControllerEffect } from './event.ts';

/** Most paths whose lengths are remembered. */
const LEARNED_MAX = 10_000;

/** A backend, as the controller reaches it. */
export interface Backend {
  readonly name: string;
  /** Where its end of a handed-off connection is. */
  readonly owner: Owner;
  /** Whether an agent on it can import connections; to one without, the controller is a proxy. */
  readonly hasAgent: boolean;
}

/** How a controller is set up; times in milliseconds. */
export interface ControllerConfig {
  readonly policy: Policy;
  readonly backends: readonly Backend[];
  /** The controller's own MAC address: the owner of what is not handed off. */
  readonly mac: MacAddress;
  /** Responses that are expected to be at least this long, in octets, are handed off. */
  readonly handOffFromOctets: number;
  /** A connection is handed off after so many requests passed on to one backend in a row. */
  readonly handOffFromRequests: number;
  /** What to expect of a path that was never seen, in octets. */
  readonly unknownOctets: number;
  /** After this time a command or message without an answer is said again. */
  readonly retryMs: number;
  /** How often something is said before the other is given up. */
  readonly triesMax: number;
  /** How long a rule outlives its connection, for a FIN that is sent again. PRISM-FIN-04. */
  readonly lingerMs: number;
  /** How long a client that has all may take to close before it is reset. RFC 9112 section 9.6. */
  readonly closeMs: number;
  /** How long a client may take for the head of a request. */
  readonly headMs: number;
  /** More octets of a client than these are not read while its answers are on their way. */
  readonly heldOctetsMax: number;
  /** How long a backend may be silent about a request that was passed on to it. */
  readonly responseMs: number;
  /** Pings without an answer after which a backend is lost. */
  readonly missedMax: number;
  /** The first epoch; above all that an earlier life of this controller has used. */
  readonly firstEpoch: number;
}

/** What a controller is set up with when nothing else is said. */
export const DEFAULTS: Omit<ControllerConfig, 'policy' | 'backends' | 'mac'> = {
  // Where a hand-off of a few milliseconds is paid back: bench/end-to-end.ts.
  handOffFromOctets: 1_000_000,
  // Passing on so many has cost what a hand-off costs: who comes again is not passed on for ever,
  // and whoever does not has cost twice the best at most.
  handOffFromRequests: 8,
  unknownOctets: 0,
  retryMs: 50,
  triesMax: 10,
  // Twice Linux's TIME-WAIT: what the owner's kernel may still have to answer.
  lingerMs: 120_000,
  closeMs: 5000,
  headMs: 30_000,
  heldOctetsMax: 256 * 1024,
  responseMs: 60_000,
  missedMax: 15,
  firstEpoch: 1,
};

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
  readonly brief: RequestBrief;
  readonly response: ResponseReader;
  /** The connection to the backend is there. */
  isOpen: boolean;
  isRequestEnded: boolean;
  /** What follows is no longer HTTP. PRISM-CTRL-09. */
  isTunnel: boolean;
  responseOctets: number;
}

/** Where a connection is. */
export type Phase =
  /** Here, between two requests or in the head of one. */
  | { readonly kind: 'reading' }
  | Proxying
  | Migration
  /** At a backend; `from` had it before, and may not yet know that it is gone for good. */
  | { readonly kind: 'away'; readonly owner: string; readonly from: string; readonly epoch: number }
  /** At a backend, as the switch says; the backend has not yet said so. */
  | { readonly kind: 'adopting'; readonly owner: string; tries: number }
  /** Here, and all is said: what the client still sends is thrown away. */
  | { readonly kind: 'closing' }
  /** The connection has ended and its rule is kept for a while. */
  | { readonly kind: 'lingering' }
  /** `remains` is all that is left of it: the client is reset with that when the rule is gone. */
  | { readonly kind: 'deleting'; tries: number; readonly remains: TcpSnapshot | undefined };

/** One client's connection. */
export interface Connection extends OwnedConnection {
  /** Of the last command about it. */
  epoch: number;
  /** Whether the switch has a rule for it, or may have one. */
  hasRule: boolean;
  /** Nothing is handed off any more: its state cannot be exported, or the switch will not. */
  isProxiedOnly: boolean;
  phase: Phase;
  clientFinished: boolean;
  /** How many requests the last backend has got in a row, one by one. */
  row: { readonly backend: string; readonly requests: number } | undefined;
  /** Backends that failed while they were to have it. */
  readonly absent: Set<string>;
  /** Backends that would not import it; requests can be passed on to them. */
  readonly unwilling: Set<string>;
}

/** Whether a backend's agent is there. */
export interface Pulse {
  /** The life of it that answered last. */
  instance: number | undefined;
  /** Pings since it said anything. */
  missed: number;
}

/** All that a controller knows. */
export interface ControllerState {
  readonly config: ControllerConfig;
  /** By `keyText`. */
  readonly connections: Map<string, Connection>;
  readonly turns: Turns;
  /** By backend. */
  readonly pulses: Map<string, Pulse>;
  /** Octets of the last response by method, host and path. */
  readonly learned: Map<string, number>;
  nextEpoch: number;
  /** What an earlier life has left at the switch is known. */
  isListed: boolean;
}

/** One step of the controller at one connection: what it is about, and what is to be done. */
export interface Turn {
  readonly state: ControllerState;
  readonly connection: Connection;
  readonly effects: ControllerEffect[];
}

/** A controller that knows nothing yet. */
export function createController(
  config: Pick<ControllerConfig, 'policy' | 'backends' | 'mac'> & Partial<ControllerConfig>,
): ControllerState {
  const whole = { ...DEFAULTS, ...config };
  return {
    config: whole,
    connections: new Map(),
    turns: new Map(),
    pulses: new Map(whole.backends.map(({ name }) => [name, { instance: undefined, missed: 0 }])),
    learned: new Map(),
    nextEpoch: whole.firstEpoch,
    isListed: false,
  };
}

/** A connection of which nothing has been read. */
export function createConnection(key: ConnectionKey, epoch: number, hasRule: boolean): Connection {
  return {
    key,
    epoch,
    hasRule,
    isProxiedOnly: false,
    phase: { kind: 'reading' },
    requests: createRequestQueue(),
    clientFinished: false,
    row: undefined,
    isPaused: false,
    isAllSent: true,
    absent: new Set(),
    unwilling: new Set(),
  };
}

/** Backends that cannot have the connection. */
export function absentFrom({ state, connection }: Turn): ReadonlySet<string> {
  const lost = [...state.pulses].filter(([, { missed }]) => missed >= state.config.missedMax);
  return new Set([...lost.map(([name]) => name), ...connection.absent]);
}

/** Whether a life of the backend is known, so that its end would be noticed. */
export function isKnown({ pulses }: ControllerState, name: string): boolean {
  return pulses.get(name)?.instance !== undefined;
}

/** Whether the connection can be handed to a backend. */
export function canTake({ state, connection }: Turn, { name, hasAgent }: Backend): boolean {
  return hasAgent && isKnown(state, name) && !connection.unwilling.has(name);
}

/** Whether a path is expected to be worth a hand-off. */
export function isWorthHandOff({ config, learned }: ControllerState, brief: RequestBrief): boolean {
  const expected = learned.get(nameOf(brief)) ?? config.unknownOctets;
  return expected >= config.handOffFromOctets;
}

/** Remembers how long a response was. */
export function learn({ learned }: ControllerState, served: Served): void {
  setBounded(learned, nameOf(served), served.octets, LEARNED_MAX);
}

/** The same path has another length for HEAD than for GET. */
function nameOf({ method, host, path }: Pick<RequestBrief, 'method' | 'host' | 'path'>): string {
  return `${method} ${host} ${path}`;
}

/** The epoch of the next command about the connection of `turn`. */
export function nextEpoch({ state, connection }: Turn): number {
  connection.epoch = state.nextEpoch;
  state.nextEpoch += 1;
  return connection.epoch;
}
