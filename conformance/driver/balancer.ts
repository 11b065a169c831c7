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
import type { HttpProfile } from './http-profile.ts';
import type { ClientOutcome, Cue, Line } from './system.ts';

/** The servers of the test bed. */
export const SERVERS = ['s1', 's2', 's3', 's4'] as const;
/** One of them; `s1` is 10.2.0.1. */
export type ServerName = (typeof SERVERS)[number];

/** Who is on the test bed's network beside the switch; `client 3` is 10.1.0.3. */
export type HostName = `client ${number}` | ServerName;

/**
 * How a service reaches its servers: with another destination (`nat`), with another MAC address
 * (`dsr`), in another packet (`ipip`), or by what a request says (`http`): it is read before a
 * server is chosen, and how its octets then come there is the product's own.
 */
export type Mode = 'nat' | 'dsr' | 'ipip' | 'http';

/** Ways to choose that need nothing beside the pool. */
export type PlainChoosing =
  'round-robin' | 'random' | 'least-connections' | 'source-hash' | 'url-hash' | 'maglev';

/**
 * Which server of a pool takes what is new, by weight where it is by turns or at random.
 *
 * Of LARD `low` and `high` are active connections; after `replicaMs` without a change LARD/R takes
 * one server out of a set.
 */
export type Choosing =
  | PlainChoosing
  | { readonly kind: 'cookie-hash'; readonly cookie: string }
  | { readonly kind: 'lard'; readonly low: number; readonly high: number }
  | {
      readonly kind: 'lard-r';
      readonly low: number;
      readonly high: number;
      readonly replicaMs: number;
    };

/** What keeps a client with its server: its address, or a cookie of the switch's own. */
export type Session =
  | { readonly kind: 'source'; readonly expireMs: number }
  | { readonly kind: 'cookie'; readonly name: string };

/** The target that HTTP checks ask for; see `ServerState`. */
export const CHECK_TARGET = '/check/0';

/** How the switch finds out which servers work; 2xx is good, and so is a connection. */
export interface HealthCheck {
  readonly probe: 'connect' | 'http';
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Bad results in a row that take a server out, good ones that bring it back. */
  readonly fall: number;
  readonly rise: number;
}

/** Servers, and how one of them is chosen. */
export interface Pool {
  readonly servers: readonly ServerName[];
  readonly choosing: Choosing;
  /** 0 … 256, and 1 of who is left out; 0 takes nothing new. */
  readonly weights?: Readonly<Partial<Record<ServerName, number>>>;
  readonly session?: Session;
  /** Left out, all servers count as working. */
  readonly check?: HealthCheck;
}

/** Which requests are for a pool of their own; what is left out fits all. */
export interface Route {
  readonly host?: string;
  /** What the path begins with, ends in, has somewhere. */
  readonly prefix?: string;
  readonly suffix?: string;
  readonly substring?: string;
  readonly pool: Pool;
}

/** A virtual endpoint, and the servers behind it. */
export interface VirtualService extends Pool {
  /** Unique in its setup. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly mode: Mode;
  /** Where servers listen; left out it is `port`. */
  readonly serverPort?: number;
  /** Under `http`; what fits none is for the servers of the service itself. */
  readonly routes?: readonly Route[];
  /** Whether each request has a pool of its own, or all of a connection that of the first. */
  readonly locality?: 'request' | 'connection';
  /** Under `http`: answers are stored, as far as they may be, and given again. RFC 9111. */
  readonly cache?: { readonly octets: number };
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
  /** Two switches are told all of it, the first before the other; left out, there is one. */
  readonly pair?: Pair;
}

/** How two switches stand for one. */
export interface Pair {
  /** How often the active one says that it is; one of both is active five times that after a setup. */
  readonly intervalMs: number;
}

/** A line of a client's script; there are no control messages that it could wait for. */
export interface VisitorLine {
  readonly cue:
    | Exclude<Cue, { readonly kind: 'moment' }>
    /** So many whole responses have come on this connection, those of status 1xx not counted. */
    | { readonly kind: 'answers'; readonly count: number };
  readonly act: Line['act'];
}

/** A client's port, and to where it connects. */
export interface Visitor {
  /** It is `client n`, 1 … 100. */
  readonly client: number;
  readonly port: number;
  readonly service: Pick<VirtualService, 'address' | 'port'>;
  readonly lines: readonly VisitorLine[];
}

/**
 * What becomes of a server's program: it works; it answers `CHECK_TARGET` with 500 and all else as
 * before; it is stopped, so that the kernel accepts and nobody answers; it is gone, so that its
 * connections are reset and new ones refused.
 */
export type ServerState = 'up' | 'sick' | 'hung' | 'dead';

/** Something that is done so long after the story began. */
export type Happening = { readonly atMs: number } & (
  | { readonly kind: 'configure'; readonly setup: Setup }
  /** An IP packet that a host sends to the switch, of which its own stack knows nothing. */
  | { readonly kind: 'packet'; readonly from: HostName; readonly octets: Uint8Array }
  /** A host asks everybody who has an address (ARP). */
  | { readonly kind: 'ask'; readonly from: HostName; readonly address: string }
  | { readonly kind: 'server'; readonly server: ServerName; readonly state: ServerState }
  /** One of a pair is lost without a word, with all that it knows, or starts with today's setup. */
  | { readonly kind: 'switch'; readonly place: 1 | 2; readonly state: 'up' | 'dead' }
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

/** A request that a server has carried out, from the server's own log; checks are among them. */
export interface Served {
  readonly server: ServerName;
  /** When its head was whole. */
  readonly atMs: number;
  /** The head as it came, an octet a character, up to the empty line and with it. */
  readonly head: string;
}

/** What came of a story. */
export interface BalancerObservation {
  /** By visitor, and of each its connections in order. */
  readonly visitors: readonly (readonly ClientOutcome[])[];
  readonly frames: readonly CapturedFrame[];
  readonly served: readonly Served[];
  /** Of each setup, the first included, what was wrong with it; undefined where nothing was. */
  readonly setups: readonly (string | undefined)[];
  readonly endMs: number;
  /** As `Observation` of a whole Prism has it. */
  readonly lateMs?: number;
}

/** Orders of weighted turns; with weights 5, 1, 1 they are aabacaa, aaabaac, aaabaac, aaaaabc. */
export type TurnOrder = 'nginx' | 'haproxy' | 'haproxy-static' | 'ipvs';

/** The first in the list; the next in the list after the one that was chosen last. */
export type TieRule = 'first' | 'next';

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
  /** Connections of a server that checks have taken out; left out it is as `departed`. */
  readonly down?: 'keep' | 'reset';
  readonly fragments: 'follow' | 'drop';
  readonly ipOptions: 'forward' | 'drop';
  /** Seconds for which an established connection may be silent. */
  readonly establishedSeconds: number;
  /** Half-open connections that there is room for; a newer one takes the place of the oldest. */
  readonly halfOpenMax: number;
  /** In which order weighted turns come (`conformance/balancer/turns.ts`); left out, in any. */
  readonly turns?: TurnOrder;
  /** Which of several servers that have as little to do is chosen; left out, any. */
  readonly ties?: TieRule;
  /** With PAIR: connections whose servers a hash has chosen, when the active switch is lost. */
  readonly takeover?: 'keep' | 'lose';
  /** With PAIR: whether the first, when it is back, becomes the active one again. */
  readonly preempts?: boolean;
  /** Of those that claim HTTP. */
  readonly http?: HttpProfile;
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
