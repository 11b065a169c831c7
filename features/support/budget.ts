/** How much is tried to make one failure smaller. */
import type { Budget } from '../../conformance/bundle/shrink.ts';

/** Most sequences that are done on the device for it. */
const MAX_TRIALS = 200;
/** A device may be slow: after this time the smallest failure found so far will do. */
const MAX_MS = 2000;

/** A budget that begins now. */
export function shrinkBudget(): Budget {
  const end = performance.now() + MAX_MS;
  return { trials: MAX_TRIALS, hasTime: () => performance.now() < end };
}
