/** One direction of a cable or of a channel. */
import type { Fates, Odds } from './fate.ts';
import { faultless, randomFates } from './fate.ts';
import type { Random } from './random.ts';
import { NS } from './timeline.ts';

/** One direction of a cable or a channel; both fields may be changed at any time. */
export interface Link {
  readonly to: string;
  /** The port it ends at; undefined for a channel. */
  readonly port: number | undefined;
  delayNs: number;
  fates: Fates;
}

/** What links are made with. */
export interface LinkOptions {
  readonly delayNs?: number;
  readonly odds?: Odds;
}

/** A process and its port. */
export interface Plug {
  readonly name: string;
  readonly port: number;
}

/** What an observer is told about something that was put on a link, and of each arrival. */
export interface Sighting {
  readonly atNs: number;
  readonly what: 'sent' | 'arrived' | 'lost';
  readonly from: string;
  readonly to: string;
  /** The port it arrives at; undefined for a message. */
  readonly port: number | undefined;
  readonly octets: Uint8Array;
}

const DEFAULT_DELAY_NS = 50 * NS.us;

/** A link; what goes wrong on it comes of `random`. */
export function createLink(
  random: Random,
  to: string,
  port: number | undefined,
  { delayNs, odds }: LinkOptions,
): Link {
  const fates = odds === undefined ? faultless : randomFates(random, odds);
  return { to, port, delayNs: delayNs ?? DEFAULT_DELAY_NS, fates };
}

/** What names the link that leaves a port. */
export function plugKey(name: string, port: number): string {
  return `${name} port ${port}`;
}

/** What names the link of messages from one process to another. */
export function channelKey(from: string, to: string): string {
  return `${from} to ${to}`;
}
