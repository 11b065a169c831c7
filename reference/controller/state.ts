/** What a controller knows: its connections, what it learned, and how it was set up. */
import { createFrontCache, type FrontCache } from '../cache/front-cache.ts';
import type { DrawBelow } from '../policy/scheduler.ts';
import { openSite, type SiteAtWork } from '../policy/site-at-work.ts';
import { formatSiteFault, siteFault } from '../policy/site-fault.ts';
import type { Site } from '../policy/site.ts';
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
  readonly site: Site;
  /** The servers of the site by their names; one that is in no pool is asked for nothing. */
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
  /** How long the connection to a backend may take to come about, before another is chosen. */
  readonly connectMs: number;
  /** How long a backend may be silent about a request that was passed on to it. */
  readonly responseMs: number;
  /** Pings without an answer after which a backend is lost. */
  readonly missedMax: number;
  /** Heartbeats without a packet after which a spliced connection is over. */
  readonly silentBeatsMax: number;
  /** Unix time in milliseconds at which the clock of the events was 0. */
  readonly timeOriginMs: number;
  /** The first epoch; above all that an earlier life of this controller has used. */
  readonly firstEpoch: number;
}

/** What a controller is set up with when nothing else is said. */
export const DEFAULTS: Omit<ControllerConfig, 'site' | 'backends' | 'mac'> = {
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
  // A SYN and two retransmissions of it. RFC 6298 section 2.
  connectMs: 5000,
  responseMs: 60_000,
  missedMax: 15,
  // 4 minutes: a TCP that waits for the other end tries again every 2. RFC 5382 REQ-5.
  silentBeatsMax: 1200,
  timeOriginMs: 0,
  firstEpoch: 1,
};

/** Whether a backend's agent is there. */
export interface Pulse {
  /** The life of it that answered last. */
  instance: number | undefined;
  /** Pings since it said anything. */
  missed: number;
}

/** A backend that has said nothing yet. */
export function pulseOf(): Pulse {
  return { instance: undefined, missed: 0 };
}

/** All that a controller knows. */
export interface ControllerState {
  config: ControllerConfig;
  site: SiteAtWork;
  /** Answers that are kept; undefined where the site keeps none. */
  cache: FrontCache | undefined;
  readonly draw: DrawBelow;
  /** Of the event that is performed; it does not go back. */
  nowMs: number;
  /** By `keyText`. */
  readonly connections: Map<string, Connection>;
  /** How many connections each backend has; one that has none is not there. */
  readonly active: Map<string, number>;
  /** Where checks have found backends to be down: in pools, or everywhere (undefined). */
  readonly down: Map<string, Set<string | undefined>>;
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

/** Only the site, the backends and the MAC address must be said. */
export type ControllerOptions = Pick<ControllerConfig, 'site' | 'backends' | 'mac'> &
  Partial<ControllerConfig>;

/**
 * A controller that knows nothing yet; `draw` is what policies draw lots with.
 *
 * Throws RangeError where the site has a fault.
 */
export function createController(config: ControllerOptions, draw: DrawBelow): ControllerState {
  const whole = { ...DEFAULTS, ...config };
  const fault = siteFault(whole.site, new Set(whole.backends.map(({ name }) => name)));
  if (fault !== undefined) throw new RangeError(formatSiteFault(fault));
  return {
    config: whole,
    site: openSite(whole.site, draw),
    cache: openCache(whole.site),
    draw,
    nowMs: 0,
    connections: new Map(),
    active: new Map(),
    down: new Map(),
    pulses: new Map(
      whole.backends.filter(({ hasAgent }) => hasAgent).map(({ name }) => [name, pulseOf()]),
    ),
    learned: new Map(),
    nextEpoch: whole.firstEpoch,
    isListed: false,
    beats: 0,
  };
}

/** An empty cache as a site declares it. */
export function openCache({ cache }: Site): FrontCache | undefined {
  return cache === undefined ? undefined : createFrontCache(cache);
}

/** Unix time of the event that is performed, in milliseconds. */
export function unixMs({ config, nowMs }: ControllerState): number {
  return config.timeOriginMs + nowMs;
}

/** Backends that cannot have the connection. */
export function absentFrom({ state, connection }: Turn): ReadonlySet<string> {
  const lost = [...state.pulses].filter(([, { missed }]) => missed >= state.config.missedMax);
  return new Set([...lost.map(([name]) => name), ...connection.absent]);
}

/** Whether checks say that a backend is down, of all or in a pool. */
export function isDown({ down }: ControllerState, name: string, pool: string): boolean {
  const where = down.get(name);
  return where !== undefined && (where.has(undefined) || where.has(pool));
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
