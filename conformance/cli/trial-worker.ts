/**
 * One of the processes that try defects and variations: a name comes in, its outcome goes out.
 *
 * Each process has one device open at a time, as scenarios reach it through one place.
 */
import { DEFECTS } from '../defects/defects.ts';
import { VARIATIONS } from '../defects/variations/variations.ts';
import { catchOf, killersBy, type DefectOutcome, type VariationOutcome } from '../run/kill.ts';
import { readScenarios, type PlannedScenario } from '../run/plan.ts';
import { readFeatures } from './suite.ts';
import { performTrial, type Trial } from './trial.ts';

/** Seeds of the generated packets: a defect must be found under each. */
export const SEEDS: readonly number[] = [1, 2, 3];
/**
 * How much of its generated packets the whole suite sends to each device. A property tries its
 * packets in one order, so that what fails here fails with all of them too.
 */
const WHOLE_EFFORT = 1 / 8;

/** What a worker answers to a name. */
export type Outcome =
  | ({ readonly kind: 'defect' } & DefectOutcome)
  | ({ readonly kind: 'variation' } & VariationOutcome);

const scenarios = readScenarios(readFeatures());

async function run(
  tried: Pick<Trial, 'base' | 'apply'>,
  planned: readonly PlannedScenario[],
  seed: number,
  effort: number,
): Promise<ReturnType<typeof catchOf>> {
  const { base, apply } = tried;
  const trial = { base, apply, scenarios: planned, seed, effort };
  const { requirements, cases, hello } = await performTrial(trial);
  return catchOf(requirements, cases, hello, seed);
}

async function outcomeOf(name: string): Promise<Outcome> {
  const defect = DEFECTS.find((each) => each.name === name);
  const tried = defect ?? VARIATIONS.find((each) => each.name === name);
  if (tried === undefined) throw new Error(`nothing to try is called ${name}`);
  const whole = await run(tried, scenarios, SEEDS[0] ?? 1, WHOLE_EFFORT);
  if (defect === undefined) return { kind: 'variation', name, whole };
  const independent = killersBy(defect.breaks, whole).some(({ source }) => source !== 'generated');
  // Directed and captured packets are the same under every seed.
  if (independent) return { kind: 'defect', name, whole, named: [whole] };
  const own = scenarios.filter(({ requirements }) => requirements.includes(defect.breaks));
  const named = [];
  for (const seed of SEEDS) named.push(await run(defect, own, seed, 1));
  return { kind: 'defect', name, whole, named };
}

process.on('message', (name: string) => {
  void outcomeOf(name).then(
    (outcome) => process.send?.(outcome),
    (error: unknown) => {
      process.stderr.write(`${name}: ${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
});
