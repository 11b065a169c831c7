/** The suite on a whole Prism: the reference passes, and each defect is found by what names it. */
import test from 'ava';
import {
  requirements as catalogue,
  requirementOf,
} from '../../../conformance/catalogue/catalogue.ts';
import { execute } from '../../../conformance/cli/execute.ts';
import { readFeatures } from '../../../conformance/cli/suite.ts';
import { SYSTEM_DEFECTS } from '../../../conformance/drivers/sim/defects/defects.ts';
import { openSim, type Alteration } from '../../../conformance/drivers/sim/sim.ts';
import type { CaseResult } from '../../../conformance/run/collect.ts';
import {
  readScenarios,
  scenariosFor,
  type PlannedScenario,
} from '../../../conformance/run/plan.ts';
import { judgeRequirements, type RequirementResult } from '../../../conformance/run/result.ts';
import { closeSystemSession, openSystemSession } from '../../../conformance/run/system-session.ts';

const SCENARIOS = scenariosFor('system', readScenarios(readFeatures()));

async function judge(
  alteration: Alteration,
  scenarios: readonly PlannedScenario[],
): Promise<{
  readonly results: readonly RequirementResult[];
  readonly cases: readonly CaseResult[];
}> {
  const options = { seed: 1, effort: 1 / 4, evidence: false };
  const { hello } = await openSystemSession(openSim(alteration), options);
  const cases: CaseResult[] = [];
  try {
    await execute({ scenarios, onResult: (result) => cases.push(result) });
  } finally {
    await closeSystemSession();
  }
  return { results: judgeRequirements(catalogue, cases, hello), cases };
}

function faultsOf(cases: readonly CaseResult[]): readonly string[] {
  return cases.flatMap(({ name, fault }) => (fault === undefined ? [] : [`${name}: ${fault}`]));
}

test.serial('the reference passes every requirement of a whole Prism', async (t) => {
  const { results, cases } = await judge({}, SCENARIOS);
  t.deepEqual(faultsOf(cases), []);
  const open = results.filter(({ verdict }) => verdict.kind !== 'pass');
  t.deepEqual(
    open.map(({ requirement, verdict, cases: own }) => [requirement.id, verdict, own[0]?.observed]),
    [],
  );
  t.true(results.length > 50);
});

test('names are unique, and each defect breaks a requirement of a whole Prism', (t) => {
  const names = SYSTEM_DEFECTS.map(({ name }) => name);
  t.is(new Set(names).size, names.length);
  for (const { breaks } of SYSTEM_DEFECTS) t.is(requirementOf(breaks)?.scope, 'system');
});

for (const defect of SYSTEM_DEFECTS) {
  test.serial(`${defect.name} is found by ${defect.breaks}`, async (t) => {
    const own = SCENARIOS.filter(({ requirements }) => requirements[0] === defect.breaks);
    const { results, cases } = await judge(defect, own);
    t.deepEqual(faultsOf(cases), []);
    t.is(results.find(({ requirement }) => requirement.id === defect.breaks)?.verdict.kind, 'fail');
  });
}
