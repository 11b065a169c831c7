/**
 * What can be wrong with a frame that left a device, and which requirement that breaks.
 *
 * A scenario looks at the aspects of its own requirement. A replay of a whole connection looks at
 * all of them, and this table says which requirement each belongs to.
 */
import type { Direction } from './translate.ts';

/** The things about a frame that requirements speak of. */
export const ASPECTS = [
  'delivery',
  'delivery-to-client',
  'duplicate',
  'port',
  'addressed-to-owner',
  'addressed-from-virtual',
  'ipv4-checksum',
  'tcp-checksum',
  'canonical-checksum',
  'repaired-checksum',
  'traffic-class',
  'ttl',
  'sequence',
  'sack',
  'timestamps',
  'window',
  'urgent',
  'flags',
  'options',
  'vlan',
  'payload',
  'icmp-error',
  'other',
] as const;
/** One thing about a frame that a requirement speaks of. */
export type Aspect = (typeof ASPECTS)[number];

/** A difference between what had to leave and what left, in words for people. */
export interface Finding {
  readonly aspect: Aspect;
  /** The field, e.g. `tcp.seq`. */
  readonly field: string;
  readonly expected: string;
  readonly observed: string;
  /** The frame that was injected, and the one that came out, if any. */
  readonly injected?: Uint8Array;
  readonly output?: Uint8Array;
  /** What the frame that came out had to be, when it is known whole. */
  readonly wanted?: Uint8Array;
  /** Which way the frame travelled, when a rule had to translate it. */
  readonly direction?: Direction;
}

const REQUIREMENT_OF: Readonly<Record<Aspect, string>> = {
  delivery: 'PRISM-REW-01',
  'delivery-to-client': 'PRISM-REW-02',
  duplicate: 'PRISM-FWD-11',
  port: 'PRISM-REW-01',
  'addressed-to-owner': 'PRISM-REW-01',
  'addressed-from-virtual': 'PRISM-REW-02',
  'ipv4-checksum': 'PRISM-REW-04',
  'tcp-checksum': 'PRISM-REW-05',
  'canonical-checksum': 'PRISM-REW-06',
  'repaired-checksum': 'PRISM-REW-07',
  'traffic-class': 'PRISM-REW-13',
  ttl: 'PRISM-REW-14',
  sequence: 'PRISM-SEQ-01',
  sack: 'PRISM-SEQ-04',
  timestamps: 'PRISM-SEQ-10',
  window: 'PRISM-SEQ-12',
  urgent: 'PRISM-SEQ-09',
  flags: 'PRISM-REW-15',
  options: 'PRISM-SEQ-07',
  vlan: 'PRISM-FWD-09',
  payload: 'PRISM-REW-03',
  'icmp-error': 'PRISM-FWD-06',
  other: 'PRISM-REW-03',
};

/** Aspects that HANDOFF must leave alone altogether. */
const HANDOFF_KEEPS: readonly Aspect[] = ['sequence', 'sack'];

/** The requirement that an aspect belongs to in a replay under a rule that splices or does not. */
export function requirementOf(aspect: Aspect, splices: boolean): string {
  return !splices && HANDOFF_KEEPS.includes(aspect) ? 'PRISM-SEQ-03' : REQUIREMENT_OF[aspect];
}

/** Every requirement that an aspect may belong to. */
export function homesOf(aspect: Aspect): readonly string[] {
  return [...new Set([requirementOf(aspect, true), requirementOf(aspect, false)])];
}
