/** All defects: what the suite is measured by. */
import { addressDefects } from './addresses.ts';
import { checksumDefects } from './checksums.ts';
import { commandDefects } from './commands.ts';
import type { Defect } from './defect.ts';
import { deleteDefects } from './deleting.ts';
import { epochDefects } from './epochs.ts';
import { fieldDefects } from './fields.ts';
import { headerDefects } from './headers.ts';
import { hopDefects } from './hops.ts';
import { matchingDefects } from './keys.ts';
import { optionDefects } from './options.ts';
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
];

/** The defect by which `doctor --prove` shows that the suite can fail a device. */
export const PROOF: Defect | undefined = DEFECTS.find(
  ({ name }) => name === 'tcp-checksum-off-by-one',
);
