/** Properties of stories: generated ones, a seed that replays them, the smallest that fails. */
import fc from 'fast-check';
import { Failure, Inconclusive } from '../../conformance/verdict/outcome.ts';
import type { PacketSource } from '../../conformance/run/evidence.ts';
import type { StoryOptions } from '../../conformance/run/session.ts';
import type { Hello } from '../../conformance/driver/device.ts';
import { shrinkBudget } from './budget.ts';

/** The world of a scenario that tells stories. */
interface Teller {
  readonly session: StoryOptions;
  readonly hello: Pick<Hello, 'clock'>;
  source: PacketSource;
  /** Of a property that failed: which of its stories this is, as fast-check counts them. */
  path: string | undefined;
}

/** In real time a story takes as long as it lasts: the share of them that is played then. */
const REAL_TIME_SHARE = 0.1;
/** Longest text of a counterexample in a report. */
const MAX_EXAMPLE = 800;

/** The one story at `path`; a suite that generates others may have none there. */
function storiesAt<T>(arbitrary: fc.Arbitrary<T>, seed: number, path: string): readonly T[] {
  let found: readonly T[] = [];
  try {
    found = fc.sample(arbitrary, { seed, path, numRuns: 1 });
  } catch {
    // Told below, in our own words.
  }
  if (found.length === 0) throw new Inconclusive('no-story', `it has no story ${path}`);
  return found;
}

/**
 * Holds `check` against `count` values of `arbitrary`, times the effort of the run; in real time
 * against a tenth of them.
 *
 * The smallest counterexample becomes a `Failure` that tells the seed; any other error of `check`
 * is passed on as it is. The world is left with the smallest story. In a replay of one story it is
 * held against that alone.
 */
export async function forAny<T>(
  world: Teller,
  arbitrary: fc.Arbitrary<T>,
  count: number,
  check: (value: T) => Promise<void>,
): Promise<void> {
  const { seed, effort, evidence: shrinks, path } = world.session;
  world.source = 'generated';
  if (path !== undefined) {
    world.path = path;
    for (const story of storiesAt(arbitrary, seed, path)) await check(story);
    return;
  }
  let other: { readonly error: unknown } | undefined;
  let budget: ReturnType<typeof shrinkBudget> | undefined;
  const property = fc.asyncProperty(arbitrary, async (value) => {
    if (other !== undefined || budget?.hasTime() === false) return;
    try {
      await check(value);
    } catch (error) {
      if (!(error instanceof Failure)) other = { error };
      budget ??= shrinkBudget();
      throw error;
    }
  });
  const share = world.hello.clock === 'real' ? REAL_TIME_SHARE : 1;
  const numRuns = Math.ceil(count * effort * share);
  const outcome = await fc.check(property, { seed, numRuns, endOnFailure: !shrinks });
  if (other !== undefined) throw other.error;
  if (!outcome.failed) return;
  const cause = outcome.errorInstance;
  if (!(cause instanceof Failure)) throw cause;
  const [smallest] = outcome.counterexample ?? [];
  world.path = outcome.counterexamplePath ?? undefined;
  // The evidence is the smallest story, not whatever was tried after it.
  if (smallest !== undefined) await check(smallest).catch(() => undefined);
  const example = fc.stringify(outcome.counterexample).slice(0, MAX_EXAMPLE);
  throw new Failure({
    expected: cause.seen.expected,
    observed: `${cause.seen.observed}\nfor ${example}; the smallest failure found, seed ${seed}`,
  });
}
