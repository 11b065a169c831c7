/** What a target does not offer ends a scenario without a verdict; and how scenarios leave evidence. */
import type { ITestCaseHookParameter, World } from '@cucumber/cucumber';
import { NotSupported, type Hello } from '../../conformance/driver/device.ts';
import { EVIDENCE_MEDIA_TYPE, type Evidence } from '../../conformance/run/evidence.ts';
import { needsOf } from '../../conformance/run/scenario.ts';

/** The function of a step or of a hook. */
export type Definition = (this: World, ...words: unknown[]) => unknown;

/** A step that is skipped, with the reason, where it needs what the target does not offer. */
export function skipUnsupported(definition: Definition): Definition {
  return async function (...words): Promise<unknown> {
    try {
      return await definition.apply(this, words);
    } catch (error) {
      if (!(error instanceof NotSupported)) throw error;
      attachEvidence(this, { notApplicable: error.capability });
      return 'skipped';
    }
  };
}

/** Skips a scenario, with the reason, that needs what the target does not claim. */
export function skipUnclaimed(
  world: World,
  { capabilities }: Pick<Hello, 'capabilities'>,
  { name, tags }: Pick<ITestCaseHookParameter['pickle'], 'name' | 'tags'>,
): string | undefined {
  const needs = needsOf(
    name,
    tags.map((tag) => tag.name),
  );
  const missing = needs.find((capability) => !capabilities.includes(capability));
  if (missing === undefined) return undefined;
  attachEvidence(world, { notApplicable: missing });
  return 'skipped';
}

/** Leaves evidence of the running scenario. */
export function attachEvidence(world: World, evidence: Evidence): void {
  world.attach(JSON.stringify(evidence), EVIDENCE_MEDIA_TYPE);
}
