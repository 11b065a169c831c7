/** What the stream reader and the two file formats agree on. */
import type { CaptureError } from './error.ts';
import type { CaptureEvent } from './event.ts';

/** The longest block or packet record that is read, in octets: it bounds the reader's buffer. */
export const MAX_UNIT_OCTETS: number = 16 * 1024 * 1024;

/** Octets of the file that lie together in memory. */
export interface Stretch {
  readonly octets: Uint8Array;
  /** Over exactly `octets`. */
  readonly view: DataView;
  /** Offset in the file of `octets[0]`. */
  readonly offset: number;
}

/** Everything before `at` was read; the unit at `at` needs more octets than there are. */
export interface Pause {
  readonly kind: 'pause';
  /** Index in the stretch. */
  readonly at: number;
  /** Octets from `at` that are needed to get on, known so far. */
  readonly need: number;
  /** The unit's name, for the error when nothing follows. */
  readonly what: string;
}

/** Reads whole units from index `from` of the stretch and appends their events. */
export type Format = (
  stretch: Stretch,
  from: number,
  events: CaptureEvent[],
) => Pause | CaptureError;

/** Says that the unit at index `at` needs `need` octets. */
export function pause(at: number, need: number, what: string): Pause {
  return { kind: 'pause', at, need, what };
}

/** The comments of what has none. */
export const NO_COMMENTS: readonly string[] = Object.freeze([]);
