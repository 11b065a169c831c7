/** What a model host is between two events, and what it does about one. */
import type { MacAddress } from 'scapy-ts';
import { TCP_FLAG } from 'scapy-ts';
import type { Endpoint } from '../../rules/rule.ts';
import { seqAdd, seqNum } from '../../tcp/seq-num.ts';
import type { Connection, TcpSettings } from './connection.ts';
import type { Address, Ends, Segment } from './segment.ts';
import { hasFlag, NO_OCTETS, segmentLength, writeSegment } from './segment.ts';

/** What a host tells the application about a connection. */
export type HostNotice =
  /** Both ends have agreed on a connection. */
  | ({ readonly kind: 'opened'; readonly id: string; readonly isPassive: boolean } & Ends)
  /** Octets in order; the window opens again by as many. They must not change. */
  | { readonly kind: 'received'; readonly id: string; readonly octets: Uint8Array }
  /** The peer's FIN, after its last octet. */
  | { readonly kind: 'peer-finished'; readonly id: string }
  /** All that was written is acknowledged. */
  | { readonly kind: 'sent-all'; readonly id: string }
  /** Both FINs are acknowledged, or nobody waits for the peer's; TIME-WAIT may go on. */
  | { readonly kind: 'closed'; readonly id: string }
  /** The connection is gone at once. */
  | { readonly kind: 'reset'; readonly id: string; readonly by: 'peer' | 'timeout' };

/** What a host does about an event, in order. */
export type HostEffect = { readonly kind: 'frame'; readonly octets: Uint8Array } | HostNotice;

/** Why a frame was not taken, or not sent. */
export type HostDrop = 'illegible' | 'checksum' | 'other' | 'not-mine' | 'no-neighbour' | 'frozen';

/** What a host is made with. */
export interface HostOptions {
  readonly mac: MacAddress;
  /** Its own addresses; it answers ARP for those of IPv4. */
  readonly addresses: readonly Address[];
  /** Addresses that it takes packets for but does not answer for: those of its loopback. */
  readonly hidden?: readonly Address[];
  /** Who has which address. */
  readonly neighbours?: readonly (readonly [Address, MacAddress])[];
  /** Who has all other addresses. */
  readonly gateway?: MacAddress;
  readonly settings?: Partial<TcpSettings>;
  /** Initial sequence numbers and timestamps: 0 … 2^32 − 1. */
  readonly random: () => number;
}

/** A host between two events; only `step` and `exportConnection` change it. */
export interface HostState {
  readonly mac: MacAddress;
  readonly addresses: ReadonlySet<Address>;
  readonly hidden: ReadonlySet<Address>;
  readonly neighbours: Map<Address, MacAddress>;
  readonly gateway: MacAddress | undefined;
  readonly settings: TcpSettings;
  readonly random: () => number;
  /** By endpoint. */
  readonly listeners: Map<string, TcpSettings>;
  /** By id. */
  readonly connections: Map<string, Connection>;
  readonly dropped: Record<HostDrop, number>;
  nowNs: number;
  /** What the step that is being made does. */
  effects: HostEffect[];
}

/** What a host does when it is not told otherwise: like Linux, as far as it goes. */
export const DEFAULT_SETTINGS: TcpSettings = {
  mss: 1460,
  windowScale: 7,
  sack: true,
  timestamps: true,
  receiveOctets: 256 * 1024,
  iss: undefined,
  signing: undefined,
  repairAcknowledges: true,
};

/** A host without connections, at time 0. */
export function createHost(options: HostOptions): HostState {
  const { mac, addresses, hidden, neighbours, gateway, settings, random } = options;
  return {
    mac,
    addresses: new Set(addresses),
    hidden: new Set(hidden),
    neighbours: new Map(neighbours),
    gateway,
    settings: { ...DEFAULT_SETTINGS, ...settings },
    random,
    listeners: new Map(),
    connections: new Map(),
    dropped: {
      illegible: 0,
      checksum: 0,
      other: 0,
      'not-mine': 0,
      'no-neighbour': 0,
      frozen: 0,
    },
    nowNs: 0,
    effects: [],
  };
}

/** What names a connection on a host: its two ends. */
export function connectionId({ local, remote }: Ends): string {
  return `${endpointId(local)} ${endpointId(remote)}`;
}

/** What names a listening endpoint. */
export function endpointId({ address, port }: Endpoint): string {
  return `${address}/${port}`;
}

/** Sends a segment to whoever has the remote address. */
export function emitSegment(host: HostState, ends: Ends, segment: Segment): void {
  const dst = host.neighbours.get(ends.remote.address) ?? host.gateway;
  if (dst === undefined) {
    host.dropped['no-neighbour'] += 1;
    return;
  }
  const octets = writeSegment({ src: host.mac, dst }, ends, segment);
  host.effects.push({ kind: 'frame', octets });
}

/** Answers a segment that no connection wants; never a RST. RFC 9293 section 3.5.2. */
export function refuse(host: HostState, ends: Ends, segment: Segment): void {
  if (hasFlag(segment, TCP_FLAG.RST)) return;
  const isAck = hasFlag(segment, TCP_FLAG.ACK);
  emitSegment(host, ends, {
    seq: isAck ? segment.ack : seqNum(0),
    ack: isAck ? seqNum(0) : seqAdd(segment.seq, segmentLength(segment)),
    flags: isAck ? TCP_FLAG.RST : TCP_FLAG.RST | TCP_FLAG.ACK,
    window: 0,
    options: {},
    payload: NO_OCTETS,
  });
}
