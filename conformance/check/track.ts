/**
 * A number that a rule keeps the same from packet to packet, found out from the packets.
 *
 * A rule may be replaced, and then the number changes for good. So a packet that deviates is held
 * against the device only when packets before *and after* it agree with each other; until then the
 * finding waits. Order is that of arrival at the device.
 */
import type { CheckFinding } from './ledger.ts';

/** A packet that did not agree. */
interface Deviation {
  readonly value: number;
  readonly frame: number;
  readonly finding: CheckFinding;
}

/** What is known of the number. */
export interface Track {
  known: boolean;
  value: number;
  /** Packets that agreed, and the frames of the first and the last of them. */
  count: number;
  first: number;
  last: number;
  /** Another number was known before: the rule was replaced. */
  changed: boolean;
  readonly odd: Deviation[];
}

/** So many packets in a row that agree on another number show that the rule has changed. */
const ADOPT_PACKETS = 4;
/** More deviations than this are not kept. */
const MAX_ODD = 16;
/** So many packets must have agreed before a lone deviation at the end means anything. */
export const SETTLED_PACKETS = 3;

/** Nothing is known. */
export function createTrack(): Track {
  return { known: false, value: 0, count: 0, first: 0, last: 0, changed: false, odd: [] };
}

function start(track: Track, value: number, frame: number, count: number): void {
  track.known = true;
  track.value = value;
  track.count = count;
  track.first = frame;
  track.last = frame;
}

/** Takes out the deviations that lie between packets that agree. */
function enclosed(track: Track): readonly CheckFinding[] {
  const found: CheckFinding[] = [];
  for (let index = track.odd.length - 1; index >= 0; index -= 1) {
    const odd = track.odd[index];
    if (odd === undefined || odd.frame < track.first || odd.frame > track.last) continue;
    track.odd.splice(index, 1);
    found.unshift(odd.finding);
  }
  return found;
}

const NONE: readonly CheckFinding[] = [];

/**
 * Takes a packet whose number is `value`, which the track agrees with; the findings that this
 * proves.
 */
export function agree(track: Track, value: number, frame: number): readonly CheckFinding[] {
  if (!track.known) {
    start(track, value, frame, 1);
    return NONE;
  }
  track.count += 1;
  if (frame > track.last) track.last = frame;
  else if (frame < track.first) track.first = frame;
  return track.odd.length === 0 ? NONE : enclosed(track);
}

/** Takes a packet that deviates; true when the number has changed for good. */
export function deviate(
  track: Track,
  value: number,
  frame: number,
  finding: CheckFinding,
): boolean {
  if (track.odd.length < MAX_ODD) track.odd.push({ value, frame, finding });
  const later = track.odd.filter((odd) => odd.value === value && odd.frame > track.last);
  if (later.length < ADOPT_PACKETS) return false;
  track.odd.length = 0;
  track.changed = true;
  start(track, value, frame, later.length);
  return true;
}

/** The deviations that nothing has settled. */
export function unsettled(track: Track): readonly CheckFinding[] {
  return track.odd.map(({ finding }) => finding);
}
