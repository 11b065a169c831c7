/** What a failed scenario stands for, once all verdicts of the run are in. */
import type { CaseResult } from '../run/collect.ts';
import { verdictOn, type RunResult } from '../run/result.ts';
import type { Verdict } from '../verdict/verdict.ts';

/**
 * The verdict that `result` has given to a requirement of `run`.
 *
 * That of the scenario itself, unless it failed and every requirement that it fails is known to
 * the baseline, or waits for another one.
 */
export function standingOf(result: CaseResult, run: RunResult): Verdict {
  if (result.verdict.kind !== 'fail') return result.verdict;
  const verdicts = run.requirements
    .filter(({ requirement, cases }) => {
      return cases.includes(result) && verdictOn(requirement, run.hello, result).kind === 'fail';
    })
    .map(({ verdict }) => verdict);
  const failures = verdicts.filter(({ kind }) => kind === 'fail');
  const fresh = failures.find((verdict) => verdict.kind === 'fail' && !verdict.expired);
  return fresh ?? failures[0] ?? verdicts[0] ?? result.verdict;
}
