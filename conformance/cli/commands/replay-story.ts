/** A story of a whole Prism again: its scenario is run, and has to tell the story of the bundle. */
import { isDeepStrictEqual } from 'node:util';
import { conclude, type Conclusion, type Outcome } from '../../bundle/replay.ts';
import { plainStory, type StoryBundle } from '../../bundle/story.ts';
import { isSystem } from '../../drivers/target.ts';
import { closeOpened } from '../../run/opened.ts';
import { takePlayed } from '../../system/story-capture.ts';
import { EXIT, type ExitCode } from '../../verdict/exit-code.ts';
import { Complaint } from '../complaint.ts';
import { openAnyTarget } from '../open.ts';
import { describe, rerun, say, targetFor, tellBundle, tellConclusion } from '../replaying.ts';

/** What the scenario says of the bundle's story, if that is the story that it tells here. */
function weighed(outcome: Outcome, isOther: boolean): Outcome {
  if (!isOther || outcome.kind === 'same') return outcome;
  return { kind: 'undecided', told: `of another story: ${describe(outcome)}` };
}

/** Runs the scenario of `bundle` on the Prism that is open, and says what came of it. */
export async function replayStory({ verdict, story }: StoryBundle): Promise<Conclusion> {
  const outcome = await rerun(verdict);
  const played = takePlayed();
  if (outcome === undefined) {
    const told = 'none of that name here, and only its steps can judge the story';
    say('verdict', told);
    return conclude({ kind: 'undecided', told }, undefined, verdict);
  }
  const isOther = played !== undefined && !isDeepStrictEqual(plainStory(played.story), story);
  const told = isOther ? 'another one: the suite has changed since' : 'as in the bundle';
  say('story', played === undefined ? 'not told' : told);
  const judged = weighed(outcome, isOther);
  say('verdict', describe(judged));
  return conclude(judged, undefined, verdict);
}

/** Does the story of a bundle again on the target that was given, or that of the bundle. */
export async function replayStoryIn(
  bundle: StoryBundle,
  given: string | undefined,
): Promise<ExitCode> {
  const { verdict, path } = bundle;
  const target = targetFor(verdict, given);
  if (!isSystem(target)) {
    const told = `the bundle has a story, and ${target} is no whole Prism: --target sim, or lab`;
    throw new Complaint(EXIT.usage, told);
  }
  const session = await openAnyTarget(target, verdict.seed, verdict.effort, path);
  try {
    tellBundle(verdict, session);
    return tellConclusion(await replayStory(bundle));
  } finally {
    await closeOpened();
  }
}
