/** What a server switch counts. */

/** Why a frame went nowhere. */
export const DROP_REASONS = [
  /** Shorter than an Ethernet header. */
  'runt',
  /** Longer than the switch takes. */
  'oversize',
  /** The destination is behind the port that the frame came from. */
  'same-port',
  /** Not sent to the switch, which bridges nothing. */
  'other',
  /** Sent to the switch while another one is active. */
  'standby',
  /** Sent to the switch, for an address or in a protocol that it does not serve. */
  'not-here',
  /** Impossible lengths, flags that no TCP sends, or the source MAC address of a group. */
  'malformed',
  /** Cut off, or the IP header or an ICMP message is not as it was sent. */
  'damaged',
  /** From an address that no client has. */
  'martian',
  /** The access list forbids it. */
  'denied',
  /** For a virtual address, and no service is at that port. */
  'closed-port',
  /** No server of the pool can take it. */
  'no-server',
  /** As many connections as there may be. */
  'table-full',
  /** Of no connection, and it opens none. */
  'stray',
  /** An ICMP error about no connection. */
  'stray-error',
  /** Its server is gone, and the service declares that its connections are reset. */
  'departed',
  /** A fragment that may not be followed, or whose first one is not known. */
  'fragment',
  /** IPv4 options, and they are not forwarded. */
  'ip-options',
  /** TTL would have become 0. */
  'hop-limit',
  /** Does not fit into the tunnel. */
  'too-big',
] as const;

/** Why a frame went nowhere. */
export type DropReason = (typeof DROP_REASONS)[number];

/** Packets and their octets. */
export interface Volume {
  packets: number;
  octets: number;
}

/** Totals since the switch was created. */
export interface Counters {
  readonly dropped: Record<DropReason, number>;
  readonly toServer: Volume;
  readonly toClient: Volume;
  /** Packets with IPv4 options, forwarded or not. */
  optioned: number;
  /** Fragments of balanced packets, forwarded or not. */
  fragments: number;
  /** Answers that were not given, for there were too many. */
  unanswered: number;
  /** ARP of another station that says that it has an address of the switch. */
  conflicts: number;
}

/** All zero. */
export function createCounters(): Counters {
  return {
    dropped: {
      runt: 0,
      oversize: 0,
      'same-port': 0,
      other: 0,
      standby: 0,
      'not-here': 0,
      malformed: 0,
      damaged: 0,
      martian: 0,
      denied: 0,
      'closed-port': 0,
      'no-server': 0,
      'table-full': 0,
      stray: 0,
      'stray-error': 0,
      departed: 0,
      fragment: 0,
      'ip-options': 0,
      'hop-limit': 0,
      'too-big': 0,
    },
    toServer: { packets: 0, octets: 0 },
    toClient: { packets: 0, octets: 0 },
    optioned: 0,
    fragments: 0,
    unanswered: 0,
    conflicts: 0,
  };
}

/** Counts a frame that leaves. */
export function measure(volume: Volume, frame: Uint8Array): void {
  volume.packets += 1;
  volume.octets += frame.length;
}
