/** The suite, or some of it, on an embedded device that is not the reference as it stands. */
import { requirements as catalogue } from '../catalogue/catalogue.ts';
import type { Base } from '../defects/defect.ts';
import type { Device, Hello } from '../driver/device.ts';
import { readFixture } from '../drivers/fixture-files.ts';
import { openInProcess } from '../drivers/in-process.ts';
import type { CaseResult } from '../run/collect.ts';
import type { Fixture, FixtureReader } from '../traffic/fixture.ts';
import type { PlannedScenario } from '../run/plan.ts';
import { judgeRequirements, type RequirementResult } from '../run/result.ts';
import { closeSession, openSession } from '../run/session.ts';
import { execute } from './execute.ts';

/** What to run, and on what. */
export interface Trial {
  readonly base?: Base | undefined;
  readonly apply: (device: Device) => Device;
  readonly scenarios: readonly PlannedScenario[];
  readonly seed: number;
  readonly effort: number;
}

/** What a trial came to. */
export interface TrialResult {
  readonly hello: Hello;
  readonly cases: readonly CaseResult[];
  readonly requirements: readonly RequirementResult[];
}

const fixtures = new Map<string, Promise<Fixture>>();

/** Reads each fixture once, for however many trials. */
const readOnce: FixtureReader = async (name) => {
  const known = fixtures.get(name) ?? readFixture(name);
  fixtures.set(name, known);
  return known;
};

/** Runs one trial to its end; failures are told and neither made smaller nor recorded. */
export async function performTrial(trial: Trial): Promise<TrialResult> {
  const { base, apply, scenarios, seed, effort } = trial;
  const device = apply(openInProcess(base));
  const { hello } = await openSession(device, {
    seed,
    effort,
    evidence: false,
    readFixture: readOnce,
  });
  const cases: CaseResult[] = [];
  try {
    await execute({ scenarios, onResult: (result) => cases.push(result) });
  } finally {
    await closeSession();
  }
  return { hello, cases, requirements: judgeRequirements(catalogue, cases, hello) };
}
