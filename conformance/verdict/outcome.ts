/**
 * How a step tells that it saw a failure, or that it cannot decide.
 *
 * Any other error that a step throws is our own fault and never a verdict on the device.
 */

/** What was expected and what was seen, in words for people. */
export interface Observed {
  readonly expected: string;
  readonly observed: string;
}

/** The device broke a requirement. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly seen: Observed;
  constructor(seen: Observed) {
    super(`expected ${seen.expected}\nobserved ${seen.observed}`);
    this.seen = seen;
  }
}

/** The device was asked, but what it did does not decide the matter. */
export class Inconclusive extends Error {
  override readonly name = 'Inconclusive';
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(`[${reason}] ${message}`);
    this.reason = reason;
  }
}
