/** Properties behind a step: generated inputs, a seed that replays them, the smallest failure. */
import fc from 'fast-check';
import type { Budget } from '../../conformance/bundle/shrink.ts';
import { describeFrame } from '../../conformance/observe/delivery.ts';
import { Failure } from '../../conformance/verdict/outcome.ts';
import { shrinkBudget } from './budget.ts';
import type { PrismWorld } from './world.ts';

/** Longest text of a counterexample in a report. */
const MAX_EXAMPLE = 600;

/** What the evidence of a failed run is made of. */
type Evidence = Pick<PrismWorld, 'journal' | 'findings' | 'asked' | 'judgement' | 'judged'>;

/**
 * Holds `check` against `count` values of `arbitrary`, times the effort of the run.
 *
 * The smallest counterexample becomes a `Failure` that tells the seed. An error of `check` that is
 * no `Failure` is passed on as it is: a device that died is not a device that failed.
 */
export async function forAny<T>(
  world: PrismWorld,
  arbitrary: fc.Arbitrary<T>,
  count: number,
  check: (value: T) => Promise<void>,
): Promise<void> {
  const { seed, effort, evidence: shrinks } = world.session;
  world.source = 'generated';
  let other: { readonly error: unknown } | undefined;
  let smallest: Evidence | undefined;
  let budget: Budget | undefined;
  let shrinkRuns = 0;
  const property = fc.asyncProperty(arbitrary, async (value) => {
    if (budget !== undefined) {
      shrinkRuns += 1;
      if (other !== undefined || shrinkRuns > budget.trials || !budget.hasTime()) return;
    }
    try {
      await check(value);
    } catch (error) {
      if (!(error instanceof Failure)) other = { error };
      budget ??= shrinkBudget();
      const { journal, findings, asked, judgement, judged } = world;
      smallest = { journal, findings, asked, judgement, judged };
      throw error;
    }
  });
  const numRuns = Math.ceil(count * effort);
  const outcome = await fc.check(property, { seed, numRuns, endOnFailure: !shrinks });
  if (other !== undefined) throw other.error;
  if (!outcome.failed) return;
  // The evidence is the smallest failure, not whatever was tried after it.
  Object.assign(world, smallest);
  const cause = outcome.errorInstance;
  if (!(cause instanceof Failure)) throw cause;
  const injected = smallest?.findings[0]?.injected;
  const example =
    injected === undefined
      ? fc.stringify(outcome.counterexample).slice(0, MAX_EXAMPLE)
      : describeFrame(injected);
  throw new Failure({
    expected: cause.seen.expected,
    observed: `${cause.seen.observed}\nfor ${example}; the smallest failure found, seed ${seed}`,
  });
}
