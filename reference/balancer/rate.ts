/** How many times something happened in the last whole second. */

/** A count for the second that runs, and the one for the second before it. */
export interface Rate {
  second: number;
  running: number;
  last: number;
}

/** Counts one time. */
export function tally(rate: Rate, nowMs: number): void {
  turn(rate, nowMs);
  rate.running += 1;
}

/** Times in the last whole second. */
export function perSecond(rate: Rate, nowMs: number): number {
  turn(rate, nowMs);
  return rate.last;
}

function turn(rate: Rate, nowMs: number): void {
  const second = Math.floor(nowMs / 1000);
  if (second === rate.second) return;
  rate.last = second === rate.second + 1 ? rate.running : 0;
  rate.second = second;
  rate.running = 0;
}
