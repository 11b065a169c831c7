/**
 * A story as one pcapng: an interface for each side of the switch, named after it, and in comments
 * what happened, so that `prismspec check` and Wireshark have all of it in one file.
 *
 * What a scenario has played is handed from its hook to whoever runs the scenarios through this one
 * place: Cucumber loads the hooks itself.
 */
import type { Observation, Story, TappedFrame } from '../driver/system.ts';
import { captureAt, type SeenFrame } from '../traffic/capture.ts';

const TAPS: readonly TappedFrame['tap'][] = ['client', 'backend', 'controller'];
/** An option of pcapng has 16 bits for its length. */
const COMMENT_OCTETS_MAX = 60_000;

/** The frames at the taps; `comments` are put at the head of the file, each cut where too long. */
export function captureOf({ frames }: Observation, comments: readonly string[] = []): Uint8Array {
  const seen = frames.map(({ tap, host, direction, atMs, octets }): SeenFrame => {
    const isIn = direction === 'in';
    const comment = `${isIn ? 'from' : 'to'} ${host}`;
    const way = isIn ? 'inbound' : 'outbound';
    return { place: tap, direction: way, atMs, octets, comments: [comment] };
  });
  return captureAt(TAPS, seen, comments.map(cut));
}

/** So that its UTF-8 fits into an option. */
function cut(text: string): string {
  const octets = new TextEncoder().encode(text.replaceAll('\0', '\u{fffd}'));
  return new TextDecoder().decode(octets.subarray(0, COMMENT_OCTETS_MAX)).replace(/\u{fffd}$/u, '');
}

/** A story that was played, and what came of it. */
export interface Played {
  readonly story: Story;
  /** Of a property: which of its stories it is, for a replay. */
  readonly path?: string;
  readonly observation: Observation;
}

let kept: Played | undefined;

/** Keeps what the scenario that has just ended has played. */
export function keepPlayed(played: Played | undefined): void {
  kept = played;
}

/** What was kept last, once. */
export function takePlayed(): Played | undefined {
  const taken = kept;
  kept = undefined;
  return taken;
}
