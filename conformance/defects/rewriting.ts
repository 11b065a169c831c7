/** Defects of addresses, checksums and what a rule must leave alone. */
import type { Defect } from './defect.ts';
import { edited, IPV4, overwritten, TCP } from './edit.ts';
import { onLeaving } from './tap.ts';

/** Defects of the group REW. */
export const rewritingDefects: readonly Defect[] = [
  {
    name: 'tcp-checksum-off-by-one',
    sentence: 'The TCP checksum of what goes to an owner is too large by one.',
    breaks: 'PRISM-REW-05',
    apply: onLeaving(({ frame, tcp }, { direction }) =>
      direction === 'owner-to-client'
        ? frame
        : overwritten(frame, (octets) => {
            const at = tcp + TCP.checksum;
            octets.setUint16(at, (octets.getUint16(at) + 1) & 0xffff);
          }),
    ),
  },
  {
    name: 'ecn-cleared',
    sentence: 'The two ECN bits of what passes a rule are cleared.',
    breaks: 'PRISM-REW-13',
    apply: onLeaving((segment) =>
      segment.version === 6
        ? segment.frame
        : edited(segment, (octets, { ip }) => {
            const at = ip + IPV4.trafficClass;
            octets.setUint8(at, octets.getUint8(at) & 0xfc);
          }),
    ),
  },
];
