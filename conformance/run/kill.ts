/** What the suite found on a device with a defect, or on a correct one that is different. */
import type { Hello } from '../driver/device.ts';
import { homesOf } from '../observe/aspect.ts';
import type { CaseResult } from './collect.ts';
import type { PacketSource } from './evidence.ts';
import { failedCases, type RequirementResult } from './result.ts';

/** Seeds of the generated packets: a defect must be found under each. */
export const SEEDS: readonly number[] = [1, 2, 3];

/** A scenario that failed, for one of the requirements that it judges. */
export interface Killer {
  readonly requirement: string;
  /** The feature file and the scenario's name. */
  readonly scenario: string;
  readonly source: PacketSource;
}

/** What one run found on a device. */
export interface Catch {
  readonly seed: number;
  readonly killers: readonly Killer[];
  /** Requirements left undecided for want of proof, with the reason. */
  readonly undecided: readonly string[];
  /** Scenarios in which the suite itself failed. */
  readonly faults: readonly string[];
}

/**
 * What became of a defect: a look for each seed by the requirement that names it.
 *
 * One look is enough where packets that are the same under every seed found it.
 */
export interface DefectOutcome {
  readonly name: string;
  readonly looks: readonly Catch[];
  /** What the whole suite found, if it was asked for. */
  readonly whole?: Catch;
}

/** What became of a correct device. */
export interface VariationOutcome {
  readonly name: string;
  readonly whole: Catch;
}

function scenarioText({ uri, name }: CaseResult): string {
  return `${uri}: ${name}`;
}

function killersOf(result: RequirementResult, hello: Hello): readonly Killer[] {
  return failedCases(result, hello).map((each) => ({
    requirement: result.requirement.id,
    scenario: scenarioText(each),
    source: each.source ?? 'directed',
  }));
}

/** What a run over `cases` found on a device that introduced itself with `hello`. */
export function catchOf(
  requirements: readonly RequirementResult[],
  cases: readonly CaseResult[],
  hello: Hello,
  seed: number,
): Catch {
  const of = (kind: string): readonly RequirementResult[] =>
    requirements.filter(({ verdict }) => verdict.kind === kind);
  return {
    seed,
    killers: of('fail').flatMap((result) => killersOf(result, hello)),
    undecided: of('inconclusive').flatMap(({ requirement, verdict, because }) =>
      because === undefined && verdict.kind === 'inconclusive'
        ? [`${requirement.id} ${verdict.reason}`]
        : [],
    ),
    faults: cases.filter(({ fault }) => fault !== undefined).map(scenarioText),
  };
}

/**
 * Other requirements that could explain every failure of the requirement `id`.
 *
 * Empty when one of its failures is its own. Whether they do explain it is known when they have
 * been judged on the same device.
 */
export function rivalsOf(
  id: string,
  requirements: readonly RequirementResult[],
  hello: Hello,
): readonly string[] {
  const own = requirements.find(({ requirement }) => requirement.id === id);
  const failed = own === undefined ? [] : failedCases(own, hello);
  const homes = failed.map(({ faults }) =>
    faults.map(({ aspect, own: isOwn }) => (isOwn ? [id] : homesOf(aspect))),
  );
  const isOwn = homes.some((each) => each.length === 0 || each.some((ids) => ids.includes(id)));
  return isOwn ? [] : [...new Set(homes.flat(2))];
}

/** The scenarios by which the requirement `id` failed. */
export function killersBy(id: string, { killers }: Catch): readonly Killer[] {
  return killers.filter(({ requirement }) => requirement === id);
}

/** Whether the requirement `breaks` found the defect, under every seed and for itself. */
export function isKilled(breaks: string, { looks }: DefectOutcome): boolean {
  return looks.length > 0 && looks.every((each) => killersBy(breaks, each).length > 0);
}

/**
 * What is wrong with the suite's judgement of a correct device; empty when nothing is.
 *
 * `departs` are the requirements that the device may fail, being no more than a SHOULD.
 */
export function blameOf(
  { whole }: VariationOutcome,
  departs: readonly string[] = [],
): readonly string[] {
  const failed = whole.killers
    .filter(({ requirement }) => !departs.includes(requirement))
    .map(({ requirement, scenario }) => `${requirement}: ${scenario}`);
  return [...failed, ...whole.undecided, ...whole.faults];
}
