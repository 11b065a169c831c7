/** All defects: what the suite is measured by. */
import type { Defect } from './defect.ts';
import { rewritingDefects } from './rewriting.ts';

/** Every defect, in the order of the groups of the catalogue. */
export const DEFECTS: readonly Defect[] = [...rewritingDefects];

/** The defect by which `doctor --prove` shows that the suite can fail a device. */
export const PROOF: Defect | undefined = DEFECTS.find(
  ({ name }) => name === 'tcp-checksum-off-by-one',
);
