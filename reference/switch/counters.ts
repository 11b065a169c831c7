/** What a switch counts. */

/** Why a frame went nowhere. */
export const DROP_REASONS = [
  /** Shorter than an Ethernet header. */
  'runt',
  /** Longer than the switch takes. */
  'oversize',
  /** At the control port, and no command in a sound datagram. */
  'control',
  /** Sent as, or in place of, the virtual endpoint by someone who is not the owner. */
  'not-owner',
  /** The rule was locked. */
  'locked',
  /** The rule was locked, and as much was held for it as may be. */
  'hold-full',
  /** Held when its rule was deleted. */
  'deleted',
  /** Between a rule's hosts, and its ports could not be read. */
  'opaque',
  /** Of a rule, with IPv4 options, and the switch cannot translate such. */
  'ip-options',
  /** Of a rule, a first fragment, and the switch cannot translate such. */
  'fragment',
  /** An ICMP error about a rule's segment, and the switch cannot translate such. */
  'icmp',
  /** TTL or hop limit would have become 0. */
  'hop-limit',
  /** The destination is behind the port that the frame came from. */
  'same-port',
] as const;

/** Why a frame went nowhere. */
export type DropReason = (typeof DROP_REASONS)[number];

/** Totals since the switch was created. */
export interface Counters {
  received: number;
  /** Frames sent, each copy of a flooded one too. */
  emitted: number;
  /** Frames sent to all ports because their destination was not known, or was a group. */
  flooded: number;
  /** MAC addresses learned or moved. */
  learned: number;
  readonly dropped: Record<DropReason, number>;
}

/** All zero. */
export function createCounters(): Counters {
  return {
    received: 0,
    emitted: 0,
    flooded: 0,
    learned: 0,
    dropped: {
      runt: 0,
      oversize: 0,
      control: 0,
      'not-owner': 0,
      locked: 0,
      'hold-full': 0,
      deleted: 0,
      opaque: 0,
      'ip-options': 0,
      fragment: 0,
      icmp: 0,
      'hop-limit': 0,
      'same-port': 0,
    },
  };
}
