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

/** A time of a story as captures have it. */
export function captureTime(atMs: number): {
  readonly seconds: number;
  readonly nanoseconds: number;
} {
  return { seconds: Math.floor(atMs / 1000), nanoseconds: Math.floor((atMs % 1000) * 1e6) };
}

/** The first 20,000 of `frames`, in their order; `comments` stand at the head of the file. */
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
  return concat(pcapngSection({ comments }), ...interfaces, ...packets);
}
