/** What the core and its agent can do. */
import type { Limits } from '../../agent/agent.ts';

/** RFC 5382 REQ-5: not less than 2 h 4 min. */
const IDLE_TIMEOUT_MS = 7_440_000;

/** The limits of an agent of a core with `capacity` rules. */
export function limitsOf(capacity: number, lockLeaseMs: number): Limits {
  return {
    capacity,
    idleTimeoutMs: IDLE_TIMEOUT_MS,
    lockLeaseMs,
    capabilities: new Set(['SPLICE', 'TS', 'WS', 'AGE'] as const),
  };
}
