/**
 * What the suite says of one scenario or one requirement.
 *
 * `pass` and `fail` are said only of what was seen. Everything else has a reason.
 */

/** The outcome of one scenario, or of one requirement over all its scenarios. */
export type Verdict =
  | { readonly kind: 'pass' }
  /** `expired` is the ISO date up to which the baseline knew this very failure. */
  | { readonly kind: 'fail'; readonly expired?: string }
  | { readonly kind: 'inconclusive'; readonly reason: string }
  | { readonly kind: 'not-applicable'; readonly capability: string }
  /** A failure that the baseline knows; `issues` are the addresses that it gives. */
  | { readonly kind: 'known-failure'; readonly issues: readonly string[] }
  /** A pass where the baseline knows a failure. */
  | { readonly kind: 'unexpected-pass'; readonly issues: readonly string[] };

/** Passed. */
export const PASS: Verdict = { kind: 'pass' };
/** Failed. */
export const FAIL: Verdict = { kind: 'fail' };

/** The verdict as reports write it, e.g. `inconclusive(no-barrier)`. */
export function formatVerdict(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'fail':
      return verdict.expired === undefined ? 'fail' : `fail(known until ${verdict.expired})`;
    case 'inconclusive':
      return `inconclusive(${verdict.reason})`;
    case 'not-applicable':
      return `not-applicable(${verdict.capability})`;
    case 'known-failure':
    case 'unexpected-pass':
      return `${verdict.kind}(${verdict.issues.join(' ')})`;
    default:
      return verdict.kind;
  }
}

/**
 * The verdict of a requirement from the verdicts of its scenarios.
 *
 * One failure fails it; else one undecided scenario leaves it undecided; else one pass passes it.
 * Undefined when there is no scenario.
 */
export function combineVerdicts(verdicts: readonly Verdict[]): Verdict | undefined {
  const first = (kind: Verdict['kind']): Verdict | undefined =>
    verdicts.find((verdict) => verdict.kind === kind);
  return first('fail') ?? first('inconclusive') ?? first('pass') ?? first('not-applicable');
}
