/**
 * A story as one pcapng: an interface for each side of the switch, named after it, and in comments
 * what happened, so that `prismspec check` and Wireshark have all of it in one file.
 */
import type { Observation, TappedFrame } from '../driver/system.ts';
import { captureAt, type SeenFrame } from '../traffic/capture.ts';

const TAPS: readonly TappedFrame['tap'][] = ['client', 'backend', 'controller'];

/** The frames at the taps; `comments` are put at the head of the file. */
export function captureOf({ frames }: Observation, comments: readonly string[] = []): Uint8Array {
  const seen = frames.map(({ tap, host, direction, atMs, octets }): SeenFrame => {
    const isIn = direction === 'in';
    const comment = `${isIn ? 'from' : 'to'} ${host}`;
    const way = isIn ? 'inbound' : 'outbound';
    return { place: tap, direction: way, atMs, octets, comments: [comment] };
  });
  return captureAt(TAPS, seen, comments);
}
