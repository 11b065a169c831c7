/** The proof that the suite can fail a device: one that is broken is run, and must fail. */
import { DEFECTS } from '../defects/defects.ts';
import { catchOf, killersBy } from '../run/kill.ts';
import { readScenarios } from '../run/plan.ts';
import { readFeatures } from './suite.ts';
import { performTrial } from './trial.ts';

/** The defect that is easiest to understand. */
const PROOF = 'tcp-checksum-off-by-one';
const SEED = 1;

/** Runs the requirement that must find it on a device with a defect; tells what came of it. */
export async function prove(): Promise<{ readonly good: boolean; readonly told: string }> {
  const defect = DEFECTS.find(({ name }) => name === PROOF);
  if (defect === undefined) throw new Error(`no defect is called ${PROOF}`);
  const { breaks, apply } = defect;
  const scenarios = readScenarios(readFeatures()).filter(({ name }) => name.startsWith(breaks));
  const trial = { apply, scenarios, seed: SEED, effort: 1 };
  const { requirements, cases, hello } = await performTrial(trial);
  const { length } = killersBy(breaks, catchOf(requirements, cases, hello, SEED));
  const told = `a device whose TCP checksum is wrong fails ${breaks} in ${length} scenarios`;
  return { good: length > 0, told };
}
