/** Correct devices that differ from the reference: the suite must not blame them. */
import type { Variation } from './defect.ts';
import { tapped } from './tap.ts';

/** Every variation. */
export const VARIATIONS: readonly Variation[] = [
  {
    name: 'reference',
    sentence: 'The reference as it stands, with everything passing through a tap.',
    apply: (device) => tapped(device, () => ({})),
  },
  {
    name: 'drops-while-locked',
    sentence: 'What comes while a rule is locked is dropped.',
    base: { lock: 'drop' },
    apply: (device) => device,
  },
];
