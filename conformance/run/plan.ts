/**
 * What will be run: the scenarios of the feature files that a selection asks for.
 *
 * The feature files are the only list of tests; this reads them with Cucumber's own parser.
 */
import { AstBuilder, compile, GherkinClassicTokenMatcher, Parser } from '@cucumber/gherkin';
import { IdGenerator, type GherkinDocument } from '@cucumber/messages';
import type { Requirement } from '../catalogue/requirement.ts';
import { requirementsOf } from './scenario.ts';
import type { Selector } from './select.ts';

/** A feature file: its path relative to the suite's root, and its text. */
export interface FeatureSource {
  readonly uri: string;
  readonly text: string;
}

/** One scenario, or one row of an outline. */
export interface PlannedScenario {
  readonly uri: string;
  readonly line: number;
  readonly name: string;
  readonly tags: readonly string[];
  /** Ids of the requirements that it judges, its own first. */
  readonly requirements: readonly string[];
}

/** What a target is: a switch alone, a whole Prism, or a server switch, which is of no Prism. */
export type TargetKind = 'switch' | 'system' | 'balancer';

/** Tells scenarios that no switch of a Prism can be asked; their steps are others. */
const TAGS: Readonly<Record<string, TargetKind>> = { '@system': 'system', '@balancer': 'balancer' };

/** What a target must be for a scenario. */
export function kindOf({ tags }: Pick<PlannedScenario, 'tags'>): TargetKind {
  return tags.flatMap((tag) => TAGS[tag] ?? [])[0] ?? 'switch';
}

/** Those of `scenarios` that a target of a kind is judged by. */
export function scenariosFor(
  kind: TargetKind,
  scenarios: readonly PlannedScenario[],
): readonly PlannedScenario[] {
  return scenarios.filter((scenario) => kindOf(scenario) === kind);
}

function parseFeature(uri: string, text: string, newId: IdGenerator.NewId): GherkinDocument {
  const parser = new Parser(new AstBuilder(newId), new GherkinClassicTokenMatcher());
  try {
    return parser.parse(text);
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    throw new Error(`${uri}: ${told}`, { cause: error });
  }
}

/** All scenarios of `sources`, in order. Throws an `Error` that names file and line on bad Gherkin. */
export function readScenarios(sources: readonly FeatureSource[]): readonly PlannedScenario[] {
  return sources.flatMap(({ uri, text }) => {
    const newId = IdGenerator.incrementing();
    return compile(parseFeature(uri, text, newId), uri, newId).map((pickle): PlannedScenario => {
      const tags = pickle.tags.map(({ name }) => name);
      return {
        uri,
        line: pickle.location?.line ?? 1,
        name: pickle.name,
        tags,
        requirements: requirementsOf(pickle.name, tags),
      };
    });
  });
}

/** The scenarios that `selector` takes; `catalogue` tells the sources of a requirement. */
export function planScenarios(
  scenarios: readonly PlannedScenario[],
  selector: Selector,
  catalogue: readonly Requirement[],
): readonly PlannedScenario[] {
  const byId = new Map(catalogue.map((requirement) => [requirement.id, requirement]));
  return scenarios.filter((scenario) => {
    const judged = scenario.requirements.flatMap((id) => byId.get(id) ?? []);
    return selector({ requirements: judged, tags: scenario.tags });
  });
}
