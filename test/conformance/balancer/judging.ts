/** How tests have server switches judged. */
import { requirements } from '../../../conformance/catalogue/catalogue.ts';
import { execute } from '../../../conformance/cli/execute.ts';
import type { Balancer } from '../../../conformance/driver/balancer.ts';
import {
  openBalancerSim,
  type BalancerAlteration,
} from '../../../conformance/drivers/balancer-sim/balancer-sim.ts';
import {
  closeBalancerSession,
  openBalancerSession,
} from '../../../conformance/run/balancer-session.ts';
import type { CaseResult } from '../../../conformance/run/collect.ts';
import type { PlannedScenario } from '../../../conformance/run/plan.ts';
import { judgeRequirements, type RequirementResult } from '../../../conformance/run/result.ts';

/** What came of some scenarios. */
export interface Judgement {
  readonly results: readonly RequirementResult[];
  readonly cases: readonly CaseResult[];
}

/** Judges a server switch by some scenarios. */
export async function judgeSwitch(
  balancer: Balancer,
  scenarios: readonly PlannedScenario[],
): Promise<Judgement> {
  const options = { seed: 1, effort: 1, evidence: false };
  const { hello } = await openBalancerSession(balancer, options);
  const cases: CaseResult[] = [];
  try {
    await execute({ scenarios, onResult: (result) => cases.push(result) });
  } finally {
    await closeBalancerSession();
  }
  return { results: judgeRequirements(requirements, cases, hello), cases };
}

/** Judges the one in virtual time that chooses by connections. */
export async function judge(
  alteration: BalancerAlteration,
  scenarios: readonly PlannedScenario[],
): Promise<Judgement> {
  return judgeSwitch(openBalancerSim(alteration), scenarios);
}

/** What went wrong in scenarios that is no verdict, for people. */
export function faultsOf(cases: readonly CaseResult[]): readonly string[] {
  return cases.flatMap(({ name, fault }) => (fault === undefined ? [] : [`${name}: ${fault}`]));
}
