/** A story again: its scenario is run, and has to tell the story of the bundle. */
import { isDeepStrictEqual } from 'node:util';
import { conclude, type Conclusion, type Outcome } from '../../bundle/replay.ts';
import { takePlayed, type Played, type StoryKind } from '../../bundle/played.ts';
import { plainStory, type StoryBundle } from '../../bundle/story.ts';
import { kindOfTarget } from '../../drivers/target.ts';
import { closeOpened } from '../../run/opened.ts';
import { EXIT, type ExitCode } from '../../verdict/exit-code.ts';
import { printable } from '../bundle-file.ts';
import { Complaint } from '../complaint.ts';
import { openAnyTarget } from '../open.ts';
import { describe, rerun, say, targetFor, tellBundle, tellConclusion } from '../replaying.ts';

/** What the scenario says of the bundle's story, if that is the story that it tells here. */
function weighed(outcome: Outcome, isOther: boolean): Outcome {
  if (!isOther || outcome.kind === 'same') return outcome;
  return { kind: 'undecided', told: `of another story: ${describe(outcome)}` };
}

/** Whether what was played is another story than that of the bundle. */
function isAnother(played: Played, { kind, story }: StoryBundle): boolean {
  const bundled = kind === 'balancer' ? plainStory(story) : story;
  return !isDeepStrictEqual(plainStory(played.story), bundled);
}

/** Runs the scenario of `bundle` on what is open, and says what came of it. */
export async function replayStory(bundle: StoryBundle): Promise<Conclusion> {
  const { verdict, kind } = bundle;
  const outcome = await rerun(verdict, kind);
  const played = takePlayed();
  if (outcome === undefined) {
    const told = 'none of that name here, and only its steps can judge the story';
    say('verdict', told);
    return conclude({ kind: 'undecided', told }, undefined, verdict);
  }
  const isOther = played !== undefined && isAnother(played, bundle);
  const told = isOther ? 'another one: the suite has changed since' : 'as in the bundle';
  say('story', played === undefined ? 'not told' : told);
  const judged = weighed(outcome, isOther);
  say('verdict', describe(judged));
  return conclude(judged, undefined, verdict);
}

const WANTED: Readonly<Record<StoryKind, string>> = {
  system: 'whole Prism: --target sim, or lab',
  balancer: 'server switch: --target balancer-sim, url-switch-sim, or the file of a program',
};

/** Does the story of a bundle again on the target that was given, or that of the bundle. */
export async function replayStoryIn(
  bundle: StoryBundle,
  given: string | undefined,
): Promise<ExitCode> {
  const { verdict, path, kind } = bundle;
  const target = targetFor(verdict, given);
  if (kindOfTarget(target) !== kind) {
    const told = `the bundle has a story, and ${printable(target)} is no ${WANTED[kind]}`;
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
