/** When a rule ends by itself: a lock has a lease, and an idle rule goes (with AGE). */
import type { Entry } from './rule-table.ts';
import type { SwitchState } from './state.ts';

const NS_PER_MS = 1_000_000n;

/** Whole milliseconds until the lock of `entry` ends; undefined while unlocked. */
export function readLeaseLeftMs(state: SwitchState, entry: Entry): number | undefined {
  if (!entry.rule.locked) return undefined;
  return Number((leaseEndNs(state, entry) - state.nowNs) / NS_PER_MS);
}

/** Why the rule of `entry` ends now; undefined if it lives on. RFC 5382 REQ-5 by analogy. */
export function findExpiry(state: SwitchState, entry: Entry): 'idle' | 'lease' | undefined {
  const { config, nowNs } = state;
  if (entry.rule.locked) return nowNs >= leaseEndNs(state, entry) ? 'lease' : undefined;
  const isIdle = nowNs - entry.usedNs > BigInt(config.idleTimeoutMs) * NS_PER_MS;
  return isIdle && config.capabilities.has('AGE') ? 'idle' : undefined;
}

function leaseEndNs(state: SwitchState, entry: Entry): bigint {
  return entry.lockedNs + BigInt(state.config.lockLeaseMs) * NS_PER_MS;
}
