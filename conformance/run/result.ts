/** A whole run as data: what every report is written from. */
import type { Level, Requirement } from '../catalogue/requirement.ts';
import type { Hello } from '../driver/device.ts';
import { EXIT, exitCode, type ExitCode } from '../verdict/exit-code.ts';
import { combineVerdicts, FAIL, type Verdict } from '../verdict/verdict.ts';
import type { CaseResult } from './collect.ts';

/** What a requirement came to. */
export interface RequirementResult {
  readonly requirement: Requirement;
  readonly verdict: Verdict;
  /** The scenarios that judged it. */
  readonly cases: readonly CaseResult[];
}

/** What a run was asked to do. */
export interface RunSettings {
  readonly target: string;
  readonly seed: number;
  readonly gate: Level;
  readonly minTests: number;
}

/** A run that has ended. */
export interface RunResult {
  readonly suite: string;
  readonly settings: RunSettings;
  readonly hello: Hello;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly cases: readonly CaseResult[];
  readonly requirements: readonly RequirementResult[];
  /** Requirements of the switch that were selected and that no scenario judges. */
  readonly exit: ExitCode;
}

/** What one scenario says of one of its requirements. */
export function verdictOn(
  requirement: Requirement,
  { hello }: { hello: Hello },
  result: CaseResult,
): Verdict {
  if (result.broken.some((broken) => broken.requirement === requirement.id)) return FAIL;
  if (result.requirements[0] === requirement.id) {
    // A replay that failed for the sake of other requirements says nothing bad of its own.
    const others = result.broken.length > 0;
    return others && result.verdict.kind === 'fail' ? { kind: 'pass' } : result.verdict;
  }
  const missing = requirement.needs.find((need) => !hello.capabilities.includes(need));
  if (missing !== undefined) return { kind: 'not-applicable', capability: missing };
  const others = result.verdict.kind === 'fail' && result.broken.length > 0;
  return others ? { kind: 'pass' } : result.verdict;
}

/** The verdict of each of `requirements` over all `cases`; those without a scenario are left out. */
export function judgeRequirements(
  requirements: readonly Requirement[],
  cases: readonly CaseResult[],
  hello: Hello,
): readonly RequirementResult[] {
  return requirements.flatMap((requirement) => {
    const own = cases.filter((each) => each.requirements.includes(requirement.id));
    const verdict = combineVerdicts(own.map((each) => verdictOn(requirement, { hello }, each)));
    return verdict === undefined ? [] : [{ requirement, verdict, cases: own }];
  });
}

/** The exit status of a run: our own fault before anything that was judged. */
export function exitOf(
  requirements: readonly RequirementResult[],
  cases: readonly CaseResult[],
  settings: RunSettings,
): ExitCode {
  if (cases.some(({ fault }) => fault !== undefined)) return EXIT.ownFault;
  const judged = requirements.map(({ requirement, verdict }) => {
    return { level: requirement.level, verdict };
  });
  return exitCode(judged, settings.gate, settings.minTests);
}
