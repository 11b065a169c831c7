/** What is kept in a report of a scenario that failed after its story was played. */
import type { ITestCaseHookParameter, World } from '@cucumber/cucumber';
import { bundleName } from '../../conformance/bundle/name.ts';
import { requirementsOf } from '../../conformance/run/scenario.ts';
import { writable } from './writable.ts';

/** Puts what was told, and the capture of what came of it, into the report. */
export function attachStory(
  world: World,
  { name, uri, location }: ITestCaseHookParameter['pickle'],
  told: unknown,
  capture: Uint8Array,
): void {
  const named = { requirements: requirementsOf(name, []), uri, line: location?.line ?? 1 };
  world.log(`replay: prismspec replay ${bundleName(named)}`);
  world.attach(JSON.stringify(told, writable, 1), 'application/json');
  world.attach(Buffer.from(capture), {
    mediaType: 'application/x-pcapng',
    fileName: 'story.pcapng',
  });
}
