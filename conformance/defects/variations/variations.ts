/** Correct devices that differ from the reference: the suite must not blame them. */
import { BRIDGE_CLAIMS, without } from '../claims.ts';
import type { Variation } from '../defect.ts';
import { tapped } from '../tap.ts';
import { answeringVariations } from './answering.ts';
import { forwardingVariations } from './forwarding.ts';

/** Every variation. */
export const VARIATIONS: readonly Variation[] = [
  {
    name: 'behind-a-tap',
    sentence: 'The reference as it stands, with everything passing through a tap.',
    apply: (device) => tapped(device, () => ({})),
  },
  {
    name: 'drops-while-locked',
    sentence: 'What a client sends while its rule is locked is dropped.',
    base: { lock: 'drop' },
    apply: (device) => device,
  },
  {
    name: 'punts-while-locked',
    sentence: 'What a client sends while its rule is locked goes to the controller.',
    base: { lock: 'punt' },
    apply: (device) => device,
  },
  {
    name: 'routes',
    sentence: 'The device is a router: the TTL of what it rewrites is one less.',
    base: { claims: [...BRIDGE_CLAIMS, 'L3'] },
    apply: (device) => device,
  },
  {
    name: 'handoff-only',
    sentence: 'The device claims no optional capability.',
    base: { lock: 'drop', claims: [] },
    apply: (device) => device,
  },
  {
    name: 'no-fragments-no-icmp',
    sentence: 'Fragments and ICMP errors of ruled connections are not translated.',
    base: { claims: without('FRAG', 'ICMP') },
    apply: (device) => device,
  },
  {
    name: 'punts-ip-options',
    sentence: 'Packets with IPv4 options go to the controller.',
    base: { claims: without('IPOPT') },
    apply: (device) => device,
  },
  {
    name: 'ignores-tags-and-time',
    sentence: 'Rules match no tagged frames, never expire, and the MTU is 1500.',
    base: { claims: without('VLAN', 'AGE', 'JUMBO') },
    apply: (device) => device,
  },
  ...forwardingVariations,
  ...answeringVariations,
];
