/** The suite on server switches: the reference passes, each defect is found by what names it. */
import test from 'ava';
import {
  requirements as catalogue,
  requirementOf,
} from '../../../conformance/catalogue/catalogue.ts';
import { execute } from '../../../conformance/cli/execute.ts';
import { readFeatures } from '../../../conformance/cli/suite.ts';
import {
  openBalancerSim,
  type BalancerAlteration,
} from '../../../conformance/drivers/balancer-sim/balancer-sim.ts';
import {
  BALANCER_DEFECTS,
  BALANCER_VARIATIONS,
  HASHING,
} from '../../../conformance/drivers/balancer-sim/defects/defects.ts';
import { turningPerSegment } from '../../../conformance/drivers/balancer-sim/defects/connections.ts';
import {
  closeBalancerSession,
  openBalancerSession,
} from '../../../conformance/run/balancer-session.ts';
import type { CaseResult } from '../../../conformance/run/collect.ts';
import {
  readScenarios,
  scenariosFor,
  type PlannedScenario,
} from '../../../conformance/run/plan.ts';
import { judgeRequirements, type RequirementResult } from '../../../conformance/run/result.ts';

const SCENARIOS = scenariosFor('balancer', readScenarios(readFeatures()));
const OWN = catalogue.filter(({ scope }) => scope === 'balancer').map(({ id }) => id);

async function judge(
  alteration: BalancerAlteration,
  scenarios: readonly PlannedScenario[],
): Promise<{
  readonly results: readonly RequirementResult[];
  readonly cases: readonly CaseResult[];
}> {
  const options = { seed: 1, effort: 1, evidence: false };
  const { hello } = await openBalancerSession(openBalancerSim(alteration), options);
  const cases: CaseResult[] = [];
  try {
    await execute({ scenarios, onResult: (result) => cases.push(result) });
  } finally {
    await closeBalancerSession();
  }
  return { results: judgeRequirements(catalogue, cases, hello), cases };
}

function faultsOf(cases: readonly CaseResult[]): readonly string[] {
  return cases.flatMap(({ name, fault }) => (fault === undefined ? [] : [`${name}: ${fault}`]));
}

for (const { name, ...alteration } of [{ name: 'the reference' }, ...BALANCER_VARIATIONS]) {
  test.serial(`${name} passes every requirement of a server switch`, async (t) => {
    const { results, cases } = await judge(alteration, SCENARIOS);
    t.deepEqual(faultsOf(cases), []);
    t.deepEqual(
      results.map(({ requirement, verdict, cases: own }) => [
        requirement.id,
        verdict.kind,
        own.find(({ observed }) => observed !== undefined)?.observed,
      ]),
      OWN.map((id) => [id, 'pass', undefined]),
    );
  });
}

test.serial(
  'a switch that claims direct return alone is judged by what needs nothing else',
  async (t) => {
    const { results, cases } = await judge({ claims: ['DSR'] }, SCENARIOS);
    t.deepEqual(faultsOf(cases), []);
    const passed = results.filter(({ verdict }) => verdict.kind === 'pass');
    t.deepEqual(
      passed.map(({ requirement }) => requirement.id),
      ['PRISM-SLB-04', 'PRISM-DSR-01', 'PRISM-DSR-02', 'PRISM-DSR-03', 'PRISM-DSR-04'],
    );
    const others = results.filter((each) => !passed.includes(each));
    t.deepEqual(new Set(others.map(({ verdict }) => verdict.kind)), new Set(['not-applicable']));
  },
);

for (const [what, alteration, wanted] of [
  ['passes', HASHING, 'pass'],
  ['fails when it then turns', { ...HASHING, wrap: turningPerSegment }, 'fail'],
] as const) {
  test.serial(`a switch that says that it hashes strays ${what}`, async (t) => {
    const own = SCENARIOS.filter(({ requirements }) => requirements[0] === 'PRISM-SLB-07');
    const { results } = await judge(alteration, own);
    t.deepEqual(
      results.map(({ verdict }) => verdict.kind),
      [wanted],
    );
  });
}

test('names are unique, and every requirement of a server switch has a defect', (t) => {
  const names = BALANCER_DEFECTS.map(({ name }) => name);
  t.is(new Set(names).size, names.length);
  for (const { breaks } of BALANCER_DEFECTS) t.is(requirementOf(breaks)?.scope, 'balancer');
  const broken = new Set(BALANCER_DEFECTS.map(({ breaks }) => breaks));
  t.deepEqual(
    OWN.filter((id) => !broken.has(id)),
    [],
  );
});

for (const defect of BALANCER_DEFECTS) {
  test.serial(`${defect.name} is found by ${defect.breaks}`, async (t) => {
    const own = SCENARIOS.filter(({ requirements }) => requirements[0] === defect.breaks);
    const { results, cases } = await judge(defect, own);
    t.deepEqual(faultsOf(cases), []);
    t.is(results.find(({ requirement }) => requirement.id === defect.breaks)?.verdict.kind, 'fail');
  });
}
