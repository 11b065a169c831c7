import type { Deltas } from './device.ts';

/** The deltas of HANDOFF: nothing is shifted. */
export const NO_DELTAS: Deltas = {
  clientSeq: 0,
  ownerSeq: 0,
  clientTimestamp: 0,
  ownerTimestamp: 0,
  clientWindow: { in: 0, out: 0 },
  ownerWindow: { in: 0, out: 0 },
};
