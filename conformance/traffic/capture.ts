/** Frames of a story as one pcapng: an interface for each place at which they were seen. */
import { pcapngInterface, pcapngPacket, pcapngSection } from 'scapy-ts';
import { concat } from './octets.ts';

/** A frame at one of the places. */
export interface SeenFrame {
  readonly place: string;
  /** As seen from the place. */
  readonly direction: 'inbound' | 'outbound';
  readonly atMs: number;
  readonly octets: Uint8Array;
  readonly comments?: readonly string[];
}

/** Most frames of one capture. */
const FRAMES_MAX = 20_000;
/** An option of pcapng has 16 bits for its length. */
const COMMENT_OCTETS_MAX = 60_000;

/** A time of a story as captures have it. */
export function captureTime(atMs: number): {
  readonly seconds: number;
  readonly nanoseconds: number;
} {
  return { seconds: Math.floor(atMs / 1000), nanoseconds: Math.floor((atMs % 1000) * 1e6) };
}

/** So that its UTF-8 fits into an option. */
function cut(text: string): string {
  const octets = new TextEncoder().encode(text.replaceAll('\0', '\u{fffd}'));
  return new TextDecoder().decode(octets.subarray(0, COMMENT_OCTETS_MAX)).replace(/\u{fffd}$/u, '');
}

/**
 * The first 20,000 of `frames`, in their order; `comments` stand at the head of the file, each cut
 * where it is too long.
 */
export function captureAt(
  places: readonly string[],
  frames: readonly SeenFrame[],
  comments: readonly string[] = [],
): Uint8Array {
  const packets = frames
    .slice(0, FRAMES_MAX)
    .map(({ place, atMs, ...rest }) =>
      pcapngPacket({ interfaceId: places.indexOf(place), ...captureTime(atMs), ...rest }),
    );
  const interfaces = places.map((name) => pcapngInterface({ name }));
  return concat(pcapngSection({ comments: comments.map(cut) }), ...interfaces, ...packets);
}
