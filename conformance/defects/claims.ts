/** What the embedded device can be asked to claim beside what it always has. */
import type { Capability } from '../catalogue/capability.ts';

/** All that a bridge can claim. */
export const BRIDGE_CLAIMS: readonly Capability[] = [
  'SPLICE',
  'TS',
  'WS',
  'HOLD',
  'PUNT',
  'ICMP',
  'FRAG',
  'IPOPT',
  'V6',
  'VLAN',
  'AGE',
  'JUMBO',
];

/** All that a bridge can claim but `names`. */
export function without(...names: readonly Capability[]): readonly Capability[] {
  return BRIDGE_CLAIMS.filter((each) => !names.includes(each));
}
