/** How much the switch may say by itself: a bucket that fills in a second. RFC 1812 section 4.3.2.8. */

/** What is left. */
export interface Allowance {
  left: number;
  filledMs: number;
}

/** Takes one of at most `perSecond`; false if there is none. */
export function spend(allowance: Allowance, perSecond: number, nowMs: number): boolean {
  const gained = ((nowMs - allowance.filledMs) * perSecond) / 1000;
  allowance.left = Math.min(perSecond, allowance.left + gained);
  allowance.filledMs = nowMs;
  if (allowance.left < 1) return false;
  allowance.left -= 1;
  return true;
}
