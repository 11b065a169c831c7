/** A whole run as data: what every report is written from. */
import type { Capability } from '../catalogue/capability.ts';
import { requirementOf } from '../catalogue/catalogue.ts';
import type { Level, Requirement } from '../catalogue/requirement.ts';
import type { Hello } from '../driver/device.ts';
import { conclude, OWN_FAULT, type Conclusion } from '../verdict/exit-code.ts';
import { combineVerdicts, FAIL, PASS, type Verdict } from '../verdict/verdict.ts';
import type { CaseResult } from './collect.ts';
import { culpritsAmong, explanationOf } from './dependency.ts';
import type { BrokenRequirement } from './evidence.ts';
import { fingerprintsOf, formatFingerprint, type Fingerprint } from './fingerprint.ts';

/** What a requirement came to. */
export interface RequirementResult {
  readonly requirement: Requirement;
  readonly verdict: Verdict;
  /** The scenarios that judged it. */
  readonly cases: readonly CaseResult[];
  /** The requirement whose failure leaves this one undecided. */
  readonly because?: string;
  /** Which failures its scenarios saw, each once. */
  readonly fingerprints: readonly Fingerprint[];
  /** Set when some of its scenarios were not selected. */
  readonly partial?: boolean;
}

/** What a run was asked to do. */
export interface RunSettings {
  readonly target: string;
  readonly seed: number;
  readonly gate: Level;
  readonly minTests: number;
  /** How often every scenario was run. */
  readonly repeat: number;
}

/** The baseline of a run, and how much of it had no part in the verdicts. */
export interface BaselineUse {
  readonly file: string;
  /** How many entries are for other devices or versions. */
  readonly others: number;
  /** Entries, as text, of requirements that failed in another way. */
  readonly unmatched: readonly string[];
}

/** A run that has ended. */
export interface RunResult extends Conclusion {
  readonly suite: string;
  readonly settings: RunSettings;
  readonly hello: Hello;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly cases: readonly CaseResult[];
  readonly requirements: readonly RequirementResult[];
  readonly baseline?: BaselineUse;
}

function missingFor({ needs }: Requirement, hello: Hello): Capability | undefined {
  return needs.find((need) => !hello.capabilities.includes(need));
}

/**
 * What a scenario found broken, by the requirement that is to blame.
 *
 * It is the scenario's own where it judges no other that the finding would belong to, or where that
 * one does not apply to the device: what was seen to be wrong never goes under.
 */
export function blame(result: CaseResult, hello: Hello): readonly BrokenRequirement[] {
  const [own = ''] = result.requirements;
  return result.broken.map((broken) => {
    const requirement = requirementOf(broken.requirement);
    const judged =
      requirement !== undefined &&
      result.requirements.includes(requirement.id) &&
      missingFor(requirement, hello) === undefined;
    return judged ? broken : { ...broken, requirement: own };
  });
}

/** What one scenario says of one of its requirements. */
export function verdictOn(requirement: Requirement, hello: Hello, result: CaseResult): Verdict {
  const { verdict } = result;
  const missing = missingFor(requirement, hello);
  if (missing !== undefined) return { kind: 'not-applicable', capability: missing };
  if (
    verdict.kind === 'not-applicable' &&
    hello.capabilities.some((each) => each === verdict.capability)
  ) {
    return { kind: 'inconclusive', reason: 'claimed-not-offered' };
  }
  // A replay that failed for the sake of other requirements says nothing bad of this one.
  if (verdict.kind !== 'fail' || result.broken.length === 0) return verdict;
  return blame(result, hello).some((broken) => broken.requirement === requirement.id) ? FAIL : PASS;
}

/** The scenarios that failed a requirement. */
export function failedCases(
  { requirement, cases }: Pick<RequirementResult, 'requirement' | 'cases'>,
  hello: Hello,
): readonly CaseResult[] {
  return cases.filter((each) => verdictOn(requirement, hello, each).kind === 'fail');
}

const DEPENDENCY: Verdict = { kind: 'inconclusive', reason: 'dependency' };

/** Leaves undecided what failed only where a simpler requirement failed too. */
function withDependencies(
  results: readonly RequirementResult[],
  hello: Hello,
): readonly RequirementResult[] {
  const failed = results
    .filter(({ verdict }) => verdict.kind === 'fail')
    .map((result) => ({
      id: result.requirement.id,
      cases: failedCases(result, hello),
    }));
  const culprits = culpritsAmong(failed);
  const because = new Map(failed.map((each) => [each.id, explanationOf(each, culprits)]));
  return results.map((result) => {
    const culprit = because.get(result.requirement.id);
    return culprit === undefined ? result : { ...result, verdict: DEPENDENCY, because: culprit };
  });
}

/** The failures of `requirement` that `cases` saw, each once. */
function failuresOf(
  requirement: Requirement,
  cases: readonly CaseResult[],
  hello: Hello,
): readonly Fingerprint[] {
  const seen = failedCases({ requirement, cases }, hello).flatMap((each) =>
    fingerprintsOf({ ...each, broken: blame(each, hello) }, requirement.id),
  );
  return [...new Map(seen.map((each) => [formatFingerprint(each), each])).values()];
}

/** The verdict of each of `requirements` over all `cases`; those without a scenario are left out. */
export function judgeRequirements(
  requirements: readonly Requirement[],
  cases: readonly CaseResult[],
  hello: Hello,
): readonly RequirementResult[] {
  const results = requirements.flatMap((requirement): readonly RequirementResult[] => {
    const own = cases.filter((each) => each.requirements.includes(requirement.id));
    const verdict = combineVerdicts(own.map((each) => verdictOn(requirement, hello, each)));
    const fingerprints = failuresOf(requirement, own, hello);
    return verdict === undefined ? [] : [{ requirement, verdict, cases: own, fingerprints }];
  });
  return withDependencies(results, hello);
}

/** What a run comes to: our own fault before anything that was judged. */
export function concludeRun(
  requirements: readonly RequirementResult[],
  cases: readonly CaseResult[],
  { gate, minTests }: Pick<RunSettings, 'gate' | 'minTests'>,
): Conclusion {
  if (cases.some(({ fault }) => fault !== undefined)) return OWN_FAULT;
  const judged = requirements.map(({ requirement: { id, level }, verdict, because }) => {
    return { id, level, verdict, ...(because === undefined ? {} : { because }) };
  });
  return conclude(judged, gate, minTests);
}
