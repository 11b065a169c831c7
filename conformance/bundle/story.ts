/**
 * The bundle of a scenario that tells a story, to a whole Prism or to a server switch.
 *
 *   verdict.json   as of a switch
 *   story.json     what was told, and what came of it beside frames
 *   story.pcapng   the frames at the taps, or at the hosts
 *
 * What a story has to come to is known to the steps of its scenario alone. So a replay runs the
 * scenario, and compares the story that it tells with the one in the bundle.
 */
import type { BalancerStory } from '../driver/balancer.ts';
import type { Story } from '../driver/system.ts';
import { writeArchive } from './archive.ts';
import { json, type BundledVerdict } from './bundle.ts';
import type { Played, PlayedBalancer, PlayedSystem } from './played.ts';
import { toBase64 } from './sequence-json.ts';

/** A story in a bundle as it is read back. */
export type BundledStory =
  /** As `plainStory` makes it, if nobody has changed it. */
  | { readonly kind: 'system'; readonly path?: string; readonly story: unknown }
  | { readonly kind: 'balancer'; readonly path?: string; readonly story: BalancerStory };

/** A bundle of a story as it is read back; of a property `path` is which of its stories it is. */
export type StoryBundle = BundledStory & { readonly verdict: BundledVerdict };

/** How much of what came of a story is told: the first of it. */
const MAX_TOLD = 10_000;

function writable(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? toBase64(value) : value;
}

/** A story as it is read back from JSON: octets in base64. */
export function plainStory(story: Story | BalancerStory): unknown {
  return JSON.parse(JSON.stringify(story, writable));
}

function toldOfSystem({ observation }: PlayedSystem): object {
  const { messages, executions, notes, rules, endMs } = observation;
  return {
    notes: notes.slice(0, MAX_TOLD),
    messages: messages.slice(0, MAX_TOLD),
    executions: executions.slice(0, MAX_TOLD).map(({ content, ...rest }) => {
      return { ...rest, contentOctets: content?.length };
    }),
    rules,
    endMs,
  };
}

function toldOfBalancer({ observation }: PlayedBalancer): object {
  const { setups, served, visitors, endMs } = observation;
  return {
    setups: setups.map((fault) => fault ?? 'taken'),
    served: served.slice(0, MAX_TOLD),
    visitors: visitors.slice(0, MAX_TOLD).map((connections) =>
      connections.map(({ received, ...rest }) => {
        return { ...rest, receivedOctets: received.length };
      }),
    ),
    endMs,
  };
}

/** The octets of the bundle; `capture` has the frames. */
export function writeStoryBundle(
  verdict: BundledVerdict,
  played: Played,
  capture: Uint8Array,
): Uint8Array {
  const { kind, path, story } = played;
  const told = kind === 'system' ? toldOfSystem(played) : toldOfBalancer(played);
  const whole = {
    kind,
    ...(path === undefined ? {} : { path }),
    story: plainStory(story),
    ...told,
  };
  return writeArchive({
    'verdict.json': json(verdict),
    'story.json': json(whole),
    'story.pcapng': capture,
  });
}
