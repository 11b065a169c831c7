/**
 * One of the processes that try defects and variations: a task comes in, its outcome goes out.
 *
 * Each process has one device open at a time, as scenarios reach it through one place.
 */
import { requirements as catalogue } from '../catalogue/catalogue.ts';
import type { Defect, Variation } from '../defects/defect.ts';
import { DEFECTS } from '../defects/defects.ts';
import { VARIATIONS } from '../defects/variations/variations.ts';
import {
  catchOf,
  killersBy,
  rivalsOf,
  SEEDS,
  type Catch,
  type DefectOutcome,
  type VariationOutcome,
} from '../run/kill.ts';
import { readScenarios, scenariosFor, type PlannedScenario } from '../run/plan.ts';
import { judgeRequirements } from '../run/result.ts';
import { readFeatures } from './suite.ts';
import { performTrial, type TrialResult } from './trial.ts';

/** What a worker is asked. */
export interface Task {
  readonly name: string;
  /** Run the whole suite on a defect too, and not only what names it. */
  readonly whole: boolean;
}

/** What a worker answers. */
export type Outcome =
  | ({ readonly kind: 'defect' } & DefectOutcome)
  | ({ readonly kind: 'variation' } & VariationOutcome);

/**
 * How much of their generated packets scenarios send to each device. A property tries its packets
 * in one order, so that what fails here fails with all of them too.
 */
const LITTLE_EFFORT = 1 / 8;
const [FIRST_SEED = 1, ...OTHER_SEEDS] = SEEDS;

const scenarios = scenariosFor('switch', readScenarios(readFeatures()));

function scenariosOf(ids: readonly string[]): readonly PlannedScenario[] {
  return scenarios.filter(({ requirements }) => requirements.some((id) => ids.includes(id)));
}

async function perform(
  { base, apply }: Variation,
  planned: readonly PlannedScenario[],
  seed: number,
  effort: number,
): Promise<TrialResult> {
  return performTrial({ base, apply, scenarios: planned, seed, effort });
}

function caught({ requirements, cases, hello }: TrialResult, seed: number): Catch {
  return catchOf(requirements, cases, hello, seed);
}

async function wholeLook(variation: Variation): Promise<Catch> {
  return caught(await perform(variation, scenarios, FIRST_SEED, LITTLE_EFFORT), FIRST_SEED);
}

/** What the requirement that names a defect finds, beside those that could explain what it finds. */
async function look(defect: Defect, seed: number, effort: number): Promise<Catch> {
  const alone = await perform(defect, scenariosOf([defect.breaks]), seed, effort);
  const rivals = rivalsOf(defect.breaks, alone.requirements, alone.hello);
  if (rivals.length === 0) return caught(alone, seed);
  const rest = scenariosOf(rivals).filter(
    ({ requirements }) => !requirements.includes(defect.breaks),
  );
  const { hello, cases } = await perform(defect, rest, seed, effort);
  const all = [...alone.cases, ...cases];
  return caught(
    { hello, cases: all, requirements: judgeRequirements(catalogue, all, hello) },
    seed,
  );
}

/** What fails with few packets fails with more of them: only where few find nothing all are sent. */
async function lookTwice(defect: Defect, seed: number): Promise<Catch> {
  const glance = await look(defect, seed, LITTLE_EFFORT);
  return killersBy(defect.breaks, glance).length > 0 ? glance : look(defect, seed, 1);
}

async function looksAt(defect: Defect): Promise<readonly Catch[]> {
  const first = await lookTwice(defect, FIRST_SEED);
  // Directed and captured packets are the same under every seed.
  if (killersBy(defect.breaks, first).some(({ source }) => source !== 'generated')) return [first];
  const looks = [first];
  for (const seed of OTHER_SEEDS) looks.push(await lookTwice(defect, seed));
  return looks;
}

async function outcomeOf({ name, whole }: Task): Promise<Outcome> {
  const defect = DEFECTS.find((each) => each.name === name);
  if (defect !== undefined) {
    const looks = await looksAt(defect);
    return { kind: 'defect', name, looks, ...(whole ? { whole: await wholeLook(defect) } : {}) };
  }
  const variation = VARIATIONS.find((each) => each.name === name);
  if (variation === undefined) throw new Error(`nothing to try is called ${name}`);
  return { kind: 'variation', name, whole: await wholeLook(variation) };
}

process.on('message', (task: Task) => {
  void outcomeOf(task).then(
    (outcome) => process.send?.(outcome),
    (error: unknown) => {
      const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.stderr.write(`${task.name}: ${told}\n`);
      process.exit(1);
    },
  );
});
