/** The suite on URL switches: the reference passes, each defect is found by what names it. */
import test from 'ava';
import {
  requirements as catalogue,
  requirementOf,
} from '../../../conformance/catalogue/catalogue.ts';
import { readFeatures } from '../../../conformance/cli/suite.ts';
import {
  URL_SWITCH_DEFECTS,
  URL_SWITCH_VARIATIONS,
} from '../../../conformance/drivers/url-switch-sim/defects/defects.ts';
import { CLAIMS } from '../../../conformance/drivers/url-switch-sim/hello.ts';
import { openUrlSwitchSim } from '../../../conformance/drivers/url-switch-sim/url-switch-sim.ts';
import { readScenarios, scenariosFor } from '../../../conformance/run/plan.ts';
import { faultsOf, judgeSwitch } from './judging.ts';

/** Fewer, and something has been left out. */
const PASSED_MIN = 40;
const SCENARIOS = scenariosFor('balancer', readScenarios(readFeatures()));

for (const { name, ...alteration } of [{ name: 'the reference' }, ...URL_SWITCH_VARIATIONS]) {
  test.serial(`${name} passes every requirement that it claims`, async (t) => {
    const { results, cases } = await judgeSwitch(openUrlSwitchSim(alteration), SCENARIOS);
    t.deepEqual(faultsOf(cases), []);
    const claims = new Set<string>(alteration.claims ?? CLAIMS);
    const wrong = results.flatMap(({ requirement, verdict, cases: own }) => {
      if (verdict.kind === 'pass') return [];
      // Of what needs no HTTP, much is about packets, and has scenarios under NAT alone.
      const isOwn = requirement.needs.includes('HTTP');
      const isClaimed = requirement.needs.every((each) => claims.has(each));
      if (verdict.kind === 'not-applicable' && !(isOwn && isClaimed)) return [];
      const observed = own.find((each) => each.observed !== undefined)?.observed;
      return [`${requirement.id}: ${verdict.kind}, ${observed ?? 'nothing observed'}`];
    });
    t.deepEqual(wrong, []);
    t.true(results.filter(({ verdict }) => verdict.kind === 'pass').length > PASSED_MIN);
  });
}

test('names are unique, and every requirement that needs HTTP has a defect', (t) => {
  const names = URL_SWITCH_DEFECTS.map(({ name }) => name);
  t.is(new Set(names).size, names.length);
  for (const { breaks } of URL_SWITCH_DEFECTS) t.is(requirementOf(breaks)?.scope, 'balancer');
  const broken = new Set(URL_SWITCH_DEFECTS.map(({ breaks }) => breaks));
  const own = catalogue.filter(({ needs }) => needs.includes('HTTP')).map(({ id }) => id);
  t.deepEqual(
    own.filter((id) => !broken.has(id)),
    [],
  );
});

for (const defect of URL_SWITCH_DEFECTS) {
  test.serial(`${defect.name} is found by ${defect.breaks}`, async (t) => {
    const own = SCENARIOS.filter((each) => each.requirements[0] === defect.breaks);
    const { results, cases } = await judgeSwitch(openUrlSwitchSim(defect), own);
    t.deepEqual(faultsOf(cases), []);
    t.is(results.find(({ requirement }) => requirement.id === defect.breaks)?.verdict.kind, 'fail');
  });
}
