/** What a server switch is built with, and may be given anew at run time. */
import type { Ipv4Address, MacAddress } from 'scapy-ts';
import type { PolicyDeclaration } from '../policy/declaration.ts';
import type { PoolServer } from '../policy/scheduler.ts';
import type { Access } from './access.ts';
import type { Redundancy } from './election.ts';

/** Transport protocols that are balanced. */
export type Protocol = 'tcp' | 'udp';

/** Ports `first` … `last`, both of them included; 1 … 65535. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/**
 * How packets reach a server.
 *
 * - `nat`: destination rewritten; the server answers through the switch, which is its gateway.
 * - `dsr`: only the MAC addresses change; the server has the virtual address, and answers directly.
 * - `ipip`: the packet in another (RFC 2003), for servers behind a router; they answer directly too.
 */
export type Mode = 'nat' | 'dsr' | 'ipip';

/** A server of a service's pool. */
export interface Server extends PoolServer {
  readonly address: Ipv4Address;
  /** Of the server, or of the next hop to it. */
  readonly mac: MacAddress;
  /** Where it listens; undefined keeps the port that the client chose. */
  readonly port: number | undefined;
  /** Takes nothing new, and keeps what it has. */
  readonly isDrained: boolean;
}

/** A virtual endpoint, and the pool behind it. */
export interface Service {
  /** Unique; what counters and checks call it. */
  readonly name: string;
  readonly address: Ipv4Address;
  readonly protocol: Protocol;
  readonly ports: PortRange;
  readonly mode: Mode;
  readonly servers: readonly Server[];
  /** One that looks at nothing but the connection: there is no request to look at yet. */
  readonly policy: PolicyDeclaration;
  /** What becomes of the connections of a server, or service, that is down or taken away. */
  readonly departed: 'keep' | 'reset';
}

/** After how long without a packet a connection is forgotten, in milliseconds. */
export interface Timers {
  /** Half open: asked for, and not yet known to be wanted by a client that hears the answer. */
  readonly opening: number;
  readonly established: number;
  /** Ended by both sides, or reset. */
  readonly closing: number;
  /** UDP that was answered. */
  readonly talking: number;
}

/** What is bounded, each with its most. */
export interface Limits {
  readonly connections: number;
  /** Half-open ones among them; a newer one takes the place of the oldest. */
  readonly halfOpen: number;
  /** Learned MAC addresses. */
  readonly stations: number;
  /** Fragmented datagrams whose later fragments are waited for. */
  readonly datagrams: number;
  /** Resets and ICMP messages that the switch itself sends, in a second. */
  readonly answersPerSecond: number;
  /** Octets of an Ethernet frame, tags not counted. */
  readonly frameOctets: number;
}

/** A whole configuration. */
export interface BalancerConfig {
  /** One bridged network: clients' routers and servers alike. */
  readonly ports: readonly number[];
  /** What is sent to this address is balanced; the switch sends under it. */
  readonly mac: MacAddress;
  /** The switch's own: the servers' gateway; the first is the source of tunnels. */
  readonly addresses: readonly Ipv4Address[];
  readonly services: readonly Service[];
  readonly access: Access;
  /** A segment that belongs to no connection, and opens none. */
  readonly strays: 'drop' | 'reset' | 'hash';
  /** A connection that cannot be opened: no such port, no server, no room. */
  readonly refusal: 'drop' | 'reset';
  readonly ipOptions: 'forward' | 'drop';
  readonly fragments: 'follow' | 'drop';
  /** Frames that are not sent to the switch. */
  readonly others: 'bridge' | 'drop';
  /** What TTL loses under NAT: 1 as at any router, 0 to be unseen; never anything elsewhere. */
  readonly hops: 0 | 1;
  /** The longest IP packet that may leave in a tunnel, in octets, its outer header counted. */
  readonly tunnelMtu: number;
  readonly timers: Timers;
  readonly limits: Limits;
  /** How it is elected as the active one of several switches; undefined if it is told. */
  readonly redundancy: Redundancy | undefined;
}

type Said = Pick<BalancerConfig, 'ports' | 'mac' | 'services'>;

const DEFAULTS: Omit<BalancerConfig, keyof Said> = {
  addresses: [],
  access: { rules: [], otherwise: 'permit', established: 'keep' },
  strays: 'reset',
  refusal: 'reset',
  ipOptions: 'drop',
  fragments: 'follow',
  others: 'bridge',
  hops: 1,
  tunnelMtu: 1500,
  // RFC 5382 REQ-5: not less than 2 h 4 min, and 4 min; RFC 4787 REQ-5 recommends 5 min for UDP.
  timers: { opening: 240_000, established: 7_440_000, closing: 240_000, talking: 300_000 },
  limits: {
    connections: 1_000_000,
    halfOpen: 65_536,
    stations: 1024,
    datagrams: 1024,
    answersPerSecond: 1000,
    frameOctets: 1514,
  },
  redundancy: undefined,
};

/** Only ports, MAC address and services must be said. */
export type BalancerOptions = Said & Partial<BalancerConfig>;

/** Completes a configuration. */
export function completeConfig(options: BalancerOptions): BalancerConfig {
  return { ...DEFAULTS, ...options };
}
