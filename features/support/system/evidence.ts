/** What is kept of a system scenario that failed: the story, and the frames at the taps. */
import type { ITestCaseHookParameter } from '@cucumber/cucumber';
import { bundleName } from '../../../conformance/bundle/name.ts';
import { requirementsOf } from '../../../conformance/run/scenario.ts';
import { captureOf } from '../../../conformance/system/story-capture.ts';
import { writable } from '../writable.ts';
import type { SystemWorld } from './world.ts';

/** Puts the story and its frames into the report; nothing when it was never played. */
export async function attachStory(
  world: SystemWorld,
  { name, uri, location }: ITestCaseHookParameter['pickle'],
): Promise<void> {
  const observation = world.played();
  if (observation === undefined) return;
  const named = { requirements: requirementsOf(name, []), uri, line: location?.line ?? 1 };
  world.log(`replay: prismspec replay ${bundleName(named)}`);
  const { messages, executions, notes } = observation;
  const told = { story: world.story(), messages, executions, notes };
  world.attach(JSON.stringify(told, writable, 1), 'application/json');
  world.attach(Buffer.from(captureOf(observation)), {
    mediaType: 'application/x-pcapng',
    fileName: 'story.pcapng',
  });
}
