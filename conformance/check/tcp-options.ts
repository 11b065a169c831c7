/** The options of a TCP header that the judge looks at, read by offsets. RFC 9293 section 3.2. */
import { i32, u16 } from './octets.ts';
import type { Seen } from './seen.ts';

const KIND = { end: 0, nop: 1, mss: 2, windowScale: 3, sackPermitted: 4, sack: 5, timestamps: 8 };
/** `nop nop timestamps 10` as one number: what nearly every segment has and nothing else. */
const COMMON = 0x0101_080a;

function clear(seen: Seen): void {
  seen.hasTimestamps = false;
  seen.tsAt = 0;
  seen.sackAt = 0;
  seen.sackBlocks = 0;
  seen.mss = -1;
  seen.windowScale = -1;
  seen.sackPermitted = false;
  seen.oddOptions = false;
  seen.badOptions = false;
}

function setTimestamps(octets: Uint8Array, at: number, seen: Seen): void {
  seen.hasTimestamps = true;
  seen.tsAt = at + 2;
  seen.tsValue = i32(octets, at + 2);
  seen.tsEcho = i32(octets, at + 6);
}

/** One option of a right length; false for one that is unknown here. */
function readKnown(octets: Uint8Array, at: number, length: number, seen: Seen): boolean {
  const kind = octets[at];
  if (kind === KIND.timestamps && length === 10) {
    setTimestamps(octets, at, seen);
  } else if (kind === KIND.sack && length > 2 && (length - 2) % 8 === 0) {
    seen.sackAt = at + 2;
    seen.sackBlocks = (length - 2) / 8;
  } else if (kind === KIND.mss && length === 4) {
    seen.mss = u16(octets, at + 2);
  } else if (kind === KIND.sackPermitted && length === 2) {
    seen.sackPermitted = true;
  } else if (kind === KIND.windowScale && length === 3) {
    seen.windowScale = octets[at + 2] ?? 0;
  } else {
    return false;
  }
  return true;
}

/** Reads the options between `from` and `to` into `seen`. */
export function readOptions(octets: Uint8Array, from: number, to: number, seen: Seen): void {
  clear(seen);
  if (to === from) return;
  if (to - from === 12 && i32(octets, from) === COMMON) {
    setTimestamps(octets, from + 2, seen);
    return;
  }
  let at = from;
  while (at < to) {
    const kind = octets[at];
    if (kind === KIND.end) break;
    if (kind === KIND.nop) {
      at += 1;
      continue;
    }
    const length = octets[at + 1] ?? 0;
    if (length < 2 || at + length > to) {
      seen.badOptions = true;
      return;
    }
    if (!readKnown(octets, at, length, seen)) {
      if (kind === KIND.sack) seen.badOptions = true;
      else seen.oddOptions = true;
    }
    at += length;
  }
}
