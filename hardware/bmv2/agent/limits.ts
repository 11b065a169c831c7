/** What `prism.p4` and its agent are set up with. */
import type { Limits } from '../../agent/agent.ts';

/** What is chosen for a switch. */
export interface Choices {
  /** Most rules at a time; no more than the program has room for. */
  readonly capacity: number;
  readonly lockLeaseMs: number;
}

/** `prism.p4` floods to this multicast group. */
export const FLOOD_GROUP = 1;

/** As many rules as `prism.p4` has room for. */
export const CAPACITY_MAX = 1024;
/** RFC 5382 REQ-5: not less than 2 h 4 min. */
const IDLE_TIMEOUT_MS = 7_440_000;

/** The limits of an agent of `prism.p4`. */
export function limitsOf({ capacity, lockLeaseMs }: Choices): Limits {
  const limits = { idleTimeoutMs: IDLE_TIMEOUT_MS, lockLeaseMs };
  return { ...limits, capacity: Math.min(capacity, CAPACITY_MAX) };
}
