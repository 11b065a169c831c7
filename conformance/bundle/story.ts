/**
 * The bundle of a scenario of a whole Prism.
 *
 *   verdict.json   as of a switch
 *   story.json     what was told to the Prism, what was said in it, and what its parts noted
 *   story.pcapng   the frames at the taps
 *
 * What a story has to come to is known to the steps of its scenario alone. So a replay runs the
 * scenario, and compares the story that it tells with the one in the bundle.
 */
import type { Story } from '../driver/system.ts';
import type { Played } from '../system/story-capture.ts';
import { writeArchive } from './archive.ts';
import { json, type BundledVerdict } from './bundle.ts';
import { toBase64 } from './sequence-json.ts';

/** A bundle of a story as it is read back. */
export interface StoryBundle {
  readonly verdict: BundledVerdict;
  /** As `plainStory` makes it, if nobody has changed it. */
  readonly story: unknown;
  /** Of a property: which of its stories it is. */
  readonly path?: string;
}

/** How much of what came of a story is told: the first of it. */
const MAX_TOLD = 10_000;

function writable(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? toBase64(value) : value;
}

/** A story as it is read back from JSON: octets in base64. */
export function plainStory(story: Story): unknown {
  return JSON.parse(JSON.stringify(story, writable));
}

/** The octets of the bundle; `capture` are the frames at the taps. */
export function writeStoryBundle(
  verdict: BundledVerdict,
  { story, path, observation }: Played,
  capture: Uint8Array,
): Uint8Array {
  const { messages, executions, notes, rules, endMs } = observation;
  const told = {
    ...(path === undefined ? {} : { path }),
    story: plainStory(story),
    notes: notes.slice(0, MAX_TOLD),
    messages: messages.slice(0, MAX_TOLD),
    executions: executions.slice(0, MAX_TOLD).map(({ content, ...rest }) => {
      return { ...rest, contentOctets: content?.length };
    }),
    rules,
    endMs,
  };
  return writeArchive({
    'verdict.json': json(verdict),
    'story.json': json(told),
    'story.pcapng': capture,
  });
}
