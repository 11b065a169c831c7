/** What the suite found on a device with a defect, or on a correct one that is different. */
import type { Hello } from '../driver/device.ts';
import type { CaseResult } from './collect.ts';
import type { PacketSource } from './evidence.ts';
import { verdictOn, type RequirementResult } from './result.ts';

/** A scenario that failed, for one of the requirements that it judges. */
export interface Killer {
  readonly requirement: string;
  /** The feature file and the scenario's name. */
  readonly scenario: string;
  readonly source: PacketSource;
}

/** What one run of the suite found. */
export interface Catch {
  readonly seed: number;
  readonly killers: readonly Killer[];
  /** Ids of requirements that another failure explains. */
  readonly explained: readonly string[];
  /** Requirements left undecided for any other reason, with it. */
  readonly undecided: readonly string[];
  /** Scenarios in which the suite itself failed. */
  readonly faults: readonly string[];
}

/**
 * What became of a defect: what the whole suite found, and what its own requirement found.
 *
 * `named` is one look for each seed; or the whole alone, where packets that are the same under
 * every seed found it.
 */
export interface DefectOutcome {
  readonly name: string;
  readonly whole: Catch;
  readonly named: readonly Catch[];
}

/** What became of a correct device. */
export interface VariationOutcome {
  readonly name: string;
  readonly whole: Catch;
}

function scenarioText({ uri, name }: CaseResult): string {
  return `${uri}: ${name}`;
}

function failuresOf({ requirement, cases }: RequirementResult, hello: Hello): readonly Killer[] {
  return cases
    .filter((each) => verdictOn(requirement, hello, each).kind === 'fail')
    .map((each) => ({
      requirement: requirement.id,
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
    killers: of('fail').flatMap((result) => failuresOf(result, hello)),
    explained: requirements.flatMap(({ requirement, because }) =>
      because === undefined ? [] : [requirement.id],
    ),
    undecided: of('inconclusive').flatMap(({ requirement, verdict, because }) =>
      because === undefined && verdict.kind === 'inconclusive'
        ? [`${requirement.id} ${verdict.reason}`]
        : [],
    ),
    faults: cases.filter(({ fault }) => fault !== undefined).map(scenarioText),
  };
}

/** The scenarios by which the requirement `id` failed. */
export function killersBy(id: string, { killers }: Catch): readonly Killer[] {
  return killers.filter(({ requirement }) => requirement === id);
}

/**
 * Whether the requirement `breaks` found the defect: under every seed, and as a failure of its own
 * that no simpler one explains.
 */
export function isKilled(breaks: string, { whole, named }: DefectOutcome): boolean {
  return (
    named.length > 0 &&
    named.every((each) => killersBy(breaks, each).length > 0) &&
    !whole.explained.includes(breaks)
  );
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
