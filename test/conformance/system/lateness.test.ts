/** A busy machine is no verdict on a Prism. */
import test from 'ava';
import { execute } from '../../../conformance/cli/execute.ts';
import { readFeatures } from '../../../conformance/cli/suite.ts';
import type { System } from '../../../conformance/driver/system.ts';
import { openSim } from '../../../conformance/drivers/sim/sim.ts';
import type { CaseResult } from '../../../conformance/run/collect.ts';
import { readScenarios, scenariosFor } from '../../../conformance/run/plan.ts';
import { closeSystemSession, openSystemSession } from '../../../conformance/run/system-session.ts';

const SCENARIOS = scenariosFor('system', readScenarios(readFeatures())).filter(({ name }) =>
  name.includes('PRISM-MIG-01 the answer to GET /a/1 is whole'),
);

/** A Prism whose clients get nothing, on a machine that was late. */
function mute(lateMs?: number): System {
  const sim = openSim();
  return {
    ...sim,
    async play(story) {
      const seen = await sim.play(story);
      const clients = seen.clients.map((all) =>
        all.map((each) => ({ ...each, received: new Uint8Array() })),
      );
      return { ...seen, clients, ...(lateMs === undefined ? {} : { lateMs }) };
    },
  };
}

async function judge(system: System): Promise<readonly CaseResult[]> {
  const cases: CaseResult[] = [];
  await openSystemSession(system, { seed: 1, effort: 1, evidence: false });
  try {
    await execute({ scenarios: SCENARIOS, onResult: (result) => cases.push(result) });
  } finally {
    await closeSystemSession();
  }
  return cases;
}

test.serial('a failure is one, unless the machine kept the Prism from working', async (t) => {
  t.is(SCENARIOS.length, 1);
  const [failed] = await judge(mute());
  t.is(failed?.verdict.kind, 'fail');
  const [late] = await judge(mute(700));
  t.deepEqual(late?.verdict, { kind: 'inconclusive', reason: 'late' });
  t.regex(late?.observed ?? '', /kept it from working for 700 ms/u);
});
