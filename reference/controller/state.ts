/** What a controller knows: its connections, what it learned, and how it was set up. */
import type { Policy, Turns } from '../policy/policy.ts';
import type { Owner } from '../rules/rule.ts';
import type { MacAddress } from 'scapy-ts';
import type { Connection } from './connection.ts';
import type { ControllerEffect } from './event.ts';

/** A backend, as the controller reaches it. */
export interface Backend {
  readonly name: string;
  /** Where its end of a handed-off connection is. */
  readonly owner: Owner;
  /** Whether an agent on it can import connections; to one without, the controller is a proxy. */
  readonly hasAgent: boolean;
  /** One without an agent that can have a connection all the same: see `splicing.ts`. */
  readonly isSpliced?: boolean;
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
  /** Heartbeats without a packet after which a spliced connection is over. */
  readonly silentBeatsMax: number;
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
  // 4 minutes: a TCP that waits for the other end tries again every 2. RFC 5382 REQ-5.
  silentBeatsMax: 1200,
  firstEpoch: 1,
};

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
  /** Heartbeats so far. */
  beats: number;
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
    pulses: new Map(
      whole.backends
        .filter(({ hasAgent }) => hasAgent)
        .map(({ name }) => [name, { instance: undefined, missed: 0 }]),
    ),
    learned: new Map(),
    nextEpoch: whole.firstEpoch,
    isListed: false,
    beats: 0,
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

/** The epoch of the next command about the connection of `turn`. */
export function nextEpoch({ state, connection }: Turn): number {
  connection.epoch = state.nextEpoch;
  state.nextEpoch += 1;
  return connection.epoch;
}
