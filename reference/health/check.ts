/**
 * What is asked of the servers of a service, and what their answers mean.
 *
 * A probe is one question. Results in a row decide: `fall` bad ones take a server out, `rise` good
 * ones bring it back.
 */
import type { Mode } from '../balancer/config.ts';

/** Statuses `first` … `last` of HTTP, both of them included; 100 … 599. */
export interface StatusRange {
  readonly first: number;
  readonly last: number;
}

/**
 * One question to a server.
 *
 * - `connect`: whether it accepts a TCP connection; one that hangs behind its backlog passes.
 * - `http`: whether it answers a GET with one of these statuses; this finds one that hangs, too.
 */
export type Probe =
  | { readonly kind: 'connect' }
  | {
      readonly kind: 'http';
      /** In origin form, with its query. RFC 9112 section 3.2.1. */
      readonly path: string;
      /** What the Host field says; the address that is probed where it is left out. */
      readonly host?: string;
      /** At least one. */
      readonly statuses: readonly StatusRange[];
    };

/** What came of a probe, as whoever carried it out saw it. */
export type Outcome =
  | { readonly kind: 'connected' }
  /** The head of a response has come; `load` is what the server reports beside it. */
  | { readonly kind: 'answered'; readonly status: number; readonly load?: number }
  /** Reset, unreachable, closed before an answer, or with one that is no HTTP. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'timed-out' };

/** How the servers of a service are checked; times are whole milliseconds. */
export interface Check {
  readonly probe: Probe;
  /** The port that is probed; undefined for the server's, or else the service's first. */
  readonly port: number | undefined;
  /**
   * The address that is probed: the server's own, or the virtual one at that server, where alone
   * direct server return shows whether the server has it.
   */
  readonly at: 'server' | 'virtual';
  /** From the beginning of a probe to that of the next, 1 or more. */
  readonly intervalMs: number;
  /**
   * By how much an interval is shorter at most, by chance, so that probes do not come in step.
   *
   * Only while nothing is counted: between the results that decide, intervals are exact.
   */
  readonly jitterMs: number;
  /** How long a probe may take, 1 or more; with the jitter no longer than the interval. */
  readonly timeoutMs: number;
  /** Bad results in a row that take a server out, 1 or more. */
  readonly fall: number;
  /** Good results in a row that bring it back, 1 or more. */
  readonly rise: number;
  /** Failures of clients’ connections in a row that take it out, too; undefined to ignore them. */
  readonly trafficFall: number | undefined;
}

/** Only the probe must be said. */
export type CheckOptions = Pick<Check, 'probe'> & { readonly [K in keyof Check]?: Check[K] };

/** The times of HAProxy’s `inter`, `fall` and `rise`; timeout and jitter are ours. */
const DEFAULTS: Omit<Check, 'probe' | 'at'> = {
  port: undefined,
  intervalMs: 2000,
  jitterMs: 200,
  timeoutMs: 1000,
  fall: 3,
  rise: 2,
  trafficFall: undefined,
};

/** Node’s timers take no more. */
const INTERVAL_MAX_MS = 2 ** 31 - 1;
const COUNT_MAX = 1000;
const PATH = /^\/[!-~]*$/u;
const PATH_MAX = 8000;
const HOST = /^[!-~]{1,255}$/u;

/** What a check must have, each with the field to blame and how to tell. */
const NEEDS: readonly (readonly [
  field: keyof Check | 'probe.path' | 'probe.host' | 'probe.statuses',
  need: string,
  isMet: (check: Check, mode: Mode) => boolean,
])[] = [
  [
    'probe.path',
    'a path that begins with / and has visible ASCII only, 8000 octets at most',
    ({ probe }) =>
      probe.kind !== 'http' || (PATH.test(probe.path) && probe.path.length <= PATH_MAX),
  ],
  [
    'probe.host',
    'a host of visible ASCII, 255 octets at most',
    ({ probe }) => probe.kind !== 'http' || probe.host === undefined || HOST.test(probe.host),
  ],
  [
    'probe.statuses',
    'one status or more from 100 to 599, in ranges whose first is not above the last',
    ({ probe }) =>
      probe.kind !== 'http' || (probe.statuses.length > 0 && probe.statuses.every(isStatusRange)),
  ],
  ['port', 'a port from 1 to 65535', ({ port }) => port === undefined || isWithin(port, 0xffff)],
  [
    'at',
    'the address of the server, for under NAT no server has the virtual one',
    ({ at }, mode) => at === 'server' || mode !== 'nat',
  ],
  [
    'intervalMs',
    'an interval of 1 to 2147483647 ms',
    ({ intervalMs }) => isWithin(intervalMs, INTERVAL_MAX_MS),
  ],
  [
    'jitterMs',
    'a jitter of 0 ms or more',
    ({ jitterMs }) => isWithin(jitterMs + 1, INTERVAL_MAX_MS),
  ],
  [
    'timeoutMs',
    'a timeout of 1 ms or more',
    ({ timeoutMs }) => isWithin(timeoutMs, INTERVAL_MAX_MS),
  ],
  [
    'timeoutMs',
    'a timeout that with the jitter is no longer than the interval',
    ({ intervalMs, jitterMs, timeoutMs }) => timeoutMs + jitterMs <= intervalMs,
  ],
  ['fall', 'a fall from 1 to 1000', ({ fall }) => isWithin(fall, COUNT_MAX)],
  ['rise', 'a rise from 1 to 1000', ({ rise }) => isWithin(rise, COUNT_MAX)],
  [
    'trafficFall',
    'failures of traffic from 1 to 1000',
    ({ trafficFall }) => trafficFall === undefined || isWithin(trafficFall, COUNT_MAX),
  ],
];

/** What a check would need and this one lacks. */
export interface CheckFault {
  /** The field to blame, as `probe.path`. */
  readonly field: string;
  /** For people. */
  readonly need: string;
}

/** Completes a check of a service; where the servers have the virtual address it is probed. */
export function completeCheck(options: CheckOptions, mode: Mode): Check {
  return { at: mode === 'nat' ? 'server' : 'virtual', ...DEFAULTS, ...options };
}

/** All that a check of a service of this mode lacks. */
export function findCheckFaults(check: Check, mode: Mode): readonly CheckFault[] {
  return NEEDS.filter(([, , isMet]) => !isMet(check, mode)).map(([field, need]) => ({
    field,
    need,
  }));
}

/** Whether an outcome is good; undefined where the probe goes on. */
export function isGood(probe: Probe, outcome: Outcome): boolean | undefined {
  switch (outcome.kind) {
    case 'connected':
      return probe.kind === 'connect' ? true : undefined;
    case 'answered':
      if (probe.kind === 'connect') return true;
      return probe.statuses.some(
        ({ first, last }) => outcome.status >= first && outcome.status <= last,
      );
    case 'refused':
    case 'timed-out':
      return false;
    default:
      return outcome satisfies never;
  }
}

function isStatusRange({ first, last }: StatusRange): boolean {
  return isWithin(last, 599) && isWithin(first, last) && first >= 100;
}

function isWithin(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}
