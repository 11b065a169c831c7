/**
 * What a server switch offers to the suite: it is set up, plays a story, and tells what came of it.
 *
 *   client 1 … 100    s1 … s4       All are on one Ethernet, in two networks; the switch is the
 *     10.1.0.n        10.2.0.n      router between them. Each server serves the test site
 *         └──── switch ────┘        (`conformance/traffic/site.ts`).
 *
 * A setup is data in words that every product has; who drives a product writes it down in the
 * product's own. What a product may choose it declares, and the suite holds it to that. All that is
 * asked for is a scripted client, raw packets, and a capture at each host but the switch.
 */
import type { Hello } from './device.ts';
import type { ClientOutcome, Cue, Line } from './system.ts';

/** The servers of the test bed. */
export const SERVERS = ['s1', 's2', 's3', 's4'] as const;
/** One of them; `s1` is 10.2.0.1. */
export type ServerName = (typeof SERVERS)[number];

/** Who is on the test bed's network beside the switch; `client 3` is 10.1.0.3. */
export type HostName = `client ${number}` | ServerName;

/**
 * How a service reaches its servers: with another destination (`nat`), with another MAC address
 * (`dsr`), or in another packet (`ipip`).
 */
export type Mode = 'nat' | 'dsr' | 'ipip';

/** Which server of a pool takes what is new. */
export type Choosing = 'round-robin' | 'source-hash';

/** A virtual endpoint, and the servers behind it. */
export interface VirtualService {
  /** Unique in its setup. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly mode: Mode;
  readonly servers: readonly ServerName[];
  readonly choosing: Choosing;
  /** Where servers listen; left out it is `port`. */
  readonly serverPort?: number;
}

/** Who may connect; of several rules the first that fits counts, and none permits. */
export interface AccessRule {
  readonly action: 'permit' | 'deny';
  /** `10.1.0.3/32` */
  readonly source: string;
}

/** All that a server switch is told to be. */
export interface Setup {
  readonly services: readonly VirtualService[];
  readonly access: readonly AccessRule[];
}

/** A line of a client's script; there are no control messages that it could wait for. */
export type VisitorLine = Line & { readonly cue: Exclude<Cue, { readonly kind: 'moment' }> };

/** A client's port, and to where it connects. */
export interface Visitor {
  /** It is `client n`, 1 … 100. */
  readonly client: number;
  readonly port: number;
  readonly service: Pick<VirtualService, 'address' | 'port'>;
  readonly lines: readonly VisitorLine[];
}

/** Something that is done so long after the story began. */
export type Happening = { readonly atMs: number } & (
  | { readonly kind: 'configure'; readonly setup: Setup }
  /** An IP packet that a host sends to the switch, of which its own stack knows nothing. */
  | { readonly kind: 'packet'; readonly from: HostName; readonly octets: Uint8Array }
  /** A host asks everybody who has an address (ARP). */
  | { readonly kind: 'ask'; readonly from: HostName; readonly address: string }
);

/** All that happens. */
export interface BalancerStory {
  readonly seed: number;
  /** What the switch is set up with before anything happens. */
  readonly setup: Setup;
  readonly visitors: readonly Visitor[];
  readonly happenings: readonly Happening[];
  /** Milliseconds after which the story is over, whoever still waits. */
  readonly patienceMs: number;
}

/** A frame at the network interface of a host. */
export interface CapturedFrame {
  readonly host: HostName;
  readonly direction: 'sent' | 'received';
  readonly atMs: number;
  readonly octets: Uint8Array;
}

/** What came of a story. */
export interface BalancerObservation {
  /** By visitor, and of each its connections in order. */
  readonly visitors: readonly (readonly ClientOutcome[])[];
  readonly frames: readonly CapturedFrame[];
  /** Of each setup, the first included, what was wrong with it; undefined where nothing was. */
  readonly setups: readonly (string | undefined)[];
  readonly endMs: number;
}

/** Choices that a correct server switch is free to make, and that the judge must know. */
export interface BalancerProfile {
  /** What TTL loses under NAT. */
  readonly hops: 0 | 1;
  /** What TTL loses of a packet in a tunnel. */
  readonly tunnelHops: 0 | 1;
  /** A segment that belongs to no connection and opens none: of a `hash` it keeps to one server. */
  readonly strays: 'drop' | 'reset' | 'hash';
  /** A SYN for a port at which no service is. */
  readonly refusal: 'drop' | 'reset';
  /** Connections of a service that is taken away. */
  readonly departed: 'keep' | 'reset';
  readonly fragments: 'follow' | 'drop';
  readonly ipOptions: 'forward' | 'drop';
  /** Seconds for which an established connection may be silent. */
  readonly establishedSeconds: number;
  /** Half-open connections that there is room for; a newer one takes the place of the oldest. */
  readonly halfOpenMax: number;
}

/** The introduction of a server switch. */
export interface BalancerHello extends Hello {
  readonly choices: BalancerProfile;
}

/** A server switch under test. Every call may reject with `DriverFault` or `NotSupported`. */
export interface Balancer {
  hello(): Promise<BalancerHello>;
  /** Plays a story on a switch that has just been started. */
  play(story: BalancerStory): Promise<BalancerObservation>;
  close(): Promise<void>;
}
