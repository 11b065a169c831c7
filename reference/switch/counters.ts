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
  /** Of a rule, and the switch is not capable of translating such: IPv4 options, fragments, ICMP. */
  'incapable',
  /** TTL or hop limit would have become 0. */
  'hop-limit',
  /** The destination is behind the port that the frame came from. */
  'same-port',
] as const;

/** Why a frame went nowhere. */
export type DropReason = (typeof DROP_REASONS)[number];

/** Totals since the switch was created. */
export interface Counters {
  readonly dropped: Record<DropReason, number>;
}

/** All zero. */
export function createCounters(): Counters {
  return {
    dropped: {
      runt: 0,
      oversize: 0,
      control: 0,
      'not-owner': 0,
      locked: 0,
      'hold-full': 0,
      deleted: 0,
      opaque: 0,
      incapable: 0,
      'hop-limit': 0,
      'same-port': 0,
    },
  };
}
