/** The suite on server switches: the reference passes, each defect is found by what names it. */
import test from 'ava';
import {
  requirements as catalogue,
  requirementOf,
} from '../../../conformance/catalogue/catalogue.ts';
import { readFeatures } from '../../../conformance/cli/suite.ts';
import {
  BALANCER_DEFECTS,
  BALANCER_VARIATIONS,
  HASHING,
} from '../../../conformance/drivers/balancer-sim/defects/defects.ts';
import { turningPerSegment } from '../../../conformance/drivers/balancer-sim/defects/connections.ts';
import { readScenarios, scenariosFor } from '../../../conformance/run/plan.ts';
import { faultsOf, judge } from './judging.ts';

const SCENARIOS = scenariosFor('balancer', readScenarios(readFeatures()));
const BALANCER = catalogue.filter(({ scope }) => scope === 'balancer');
const OWN = BALANCER.map(({ id }) => id);
/** What only a switch is judged by that reads requests. */
const READERS = new Set(BALANCER.filter(({ needs }) => needs.includes('HTTP')).map(({ id }) => id));

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
      OWN.map((id) => [id, READERS.has(id) ? 'not-applicable' : 'pass', undefined]),
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
      [
        'PRISM-SLB-01',
        'PRISM-SLB-04',
        'PRISM-SLB-05',
        'PRISM-SLB-07',
        'PRISM-DSR-01',
        'PRISM-DSR-02',
        'PRISM-DSR-03',
        'PRISM-DSR-04',
        'PRISM-DSR-05',
      ],
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
    OWN.filter((id) => !broken.has(id) && !READERS.has(id)),
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
