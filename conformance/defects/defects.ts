/** All defects: what the suite is measured by. */
import { addressDefects } from './addresses.ts';
import { challengeDefects } from './challenges.ts';
import { checksumDefects } from './checksums.ts';
import { closingDefects } from './closing.ts';
import { commandDefects } from './commands.ts';
import { capacityDefects } from './capacity.ts';
import { listDefects } from './listing.ts';
import { timeDefects } from './time.ts';
import { lockDefects } from './locking.ts';
import { holdDefects } from './holding.ts';
import { bridgeDefects } from './bridging.ts';
import { deliveryDefects } from './delivery.ts';
import { lengthDefects } from './lengths.ts';
import { fragmentDefects } from './fragments.ts';
import { icmpDefects } from './icmp.ts';
import { misreadDefects } from './icmp-misread.ts';
import { tagDefects } from './tags.ts';
import { intrusionDefects } from './intrusion.ts';
import { hostilityDefects } from './hostility.ts';
import type { Defect } from './defect.ts';
import { deleteDefects } from './deleting.ts';
import { epochDefects } from './epochs.ts';
import { fieldDefects } from './fields.ts';
import { headerDefects } from './headers.ts';
import { hopDefects } from './hops.ts';
import { matchingDefects } from './keys.ts';
import { optionDefects } from './options.ts';
import { resetDefects } from './resets.ts';
import { sackDefects } from './sack.ts';
import { numberingDefects } from './sequence-numbers.ts';

/** Every defect, in the order of the groups of the catalogue. */
export const DEFECTS: readonly Defect[] = [
  ...addressDefects,
  ...fieldDefects,
  ...hopDefects,
  ...headerDefects,
  ...checksumDefects,
  ...numberingDefects,
  ...sackDefects,
  ...optionDefects,
  ...matchingDefects,
  ...commandDefects,
  ...epochDefects,
  ...deleteDefects,
  ...lockDefects,
  ...holdDefects,
  ...capacityDefects,
  ...listDefects,
  ...timeDefects,
  ...resetDefects,
  ...challengeDefects,
  ...closingDefects,
  ...bridgeDefects,
  ...deliveryDefects,
  ...fragmentDefects,
  ...icmpDefects,
  ...misreadDefects,
  ...tagDefects,
  ...intrusionDefects,
  ...lengthDefects,
  ...hostilityDefects,
];

/** The defect by which `doctor --prove` shows that the suite can fail a device. */
export const PROOF: Defect | undefined = DEFECTS.find(
  ({ name }) => name === 'tcp-checksum-off-by-one',
);
