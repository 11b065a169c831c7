/**
 * The captures of a run: which to read next, and which of their segments still wait.
 *
 * Stamps say which capture is behind. Clocks may differ by any amount: the first pairs tell by how
 * much, and where one capture's segments pile up, the other one is behind whatever the stamps say.
 */
import type { Reading } from './read-frame.ts';
import { createSeen, type CaptureName, type Seen } from './seen.ts';

/** What was read of one capture. */
export interface CaptureCounts {
  packets: number;
  readonly readings: Record<Reading, number>;
  /** Segments with and without a partner on the other side. */
  paired: number;
  alone: number;
}

/** One capture. */
export interface Source {
  readonly counts: CaptureCounts;
  /** How far its clock is ahead of the client capture's. */
  aheadUs: number;
  clockKnown: boolean;
  /** A segment to be filled. */
  readonly spare: () => Seen;
  /** Takes back a segment that is not to be kept. */
  readonly giveBack: (seen: Seen) => void;
  /** Keeps a segment until it is paired or given up. */
  readonly keep: (seen: Seen) => void;
  /** Segments that are kept and still wait. */
  waiting: number;
  /** Gives up all that still waits. */
  readonly drain: () => void;
}

/** Segments of one capture that are kept at a time. */
const MAX_KEPT = 16_384;
/** Before anything is paired: starts and clocks may be far apart. */
const MAX_KEPT_AT_FIRST = 65_536;
/** So many wait: the other captures are behind. */
const FULL = MAX_KEPT * 0.75;
/** Weight of a new measure of the clocks' distance. */
const CLOCK_WEIGHT = 1 / 64;

/** A capture of which nothing has been read; `giveUp` is told of what waits too long. */
export function createSource(giveUp: (seen: Seen) => void): Source {
  const readings: Record<Reading, number> = {
    tcp: 0,
    'not-ip': 0,
    'not-tcp': 0,
    icmp: 0,
    fragment: 0,
    malformed: 0,
    cut: 0,
  };
  const counts: CaptureCounts = { packets: 0, readings, paired: 0, alone: 0 };
  const queue: (Seen | undefined)[] = [];
  const free: Seen[] = [];
  let head = 0;
  let size = 0;

  function pop(): void {
    const seen = queue[head];
    queue[head] = undefined;
    head = (head + 1) % MAX_KEPT_AT_FIRST;
    size -= 1;
    if (seen === undefined) return;
    if (seen.waiting) giveUp(seen);
    seen.connection = undefined;
    seen.path = undefined;
    free.push(seen);
  }

  function keep(seen: Seen): void {
    const limit = counts.paired > 0 ? MAX_KEPT : MAX_KEPT_AT_FIRST;
    while (size > 0 && queue[head]?.waiting !== true) pop();
    while (size >= limit) pop();
    queue[(head + size) % MAX_KEPT_AT_FIRST] = seen;
    size += 1;
  }

  function drain(): void {
    while (size > 0) pop();
  }

  return {
    counts,
    aheadUs: 0,
    clockKnown: false,
    spare: () => free.pop() ?? createSeen(),
    giveBack: (seen) => void free.push(seen),
    keep,
    waiting: 0,
    drain,
  };
}

/** Counts a segment of a capture that found its partner. */
export function countPaired(source: Source, seen: Seen): void {
  if (seen.waiting) source.waiting -= 1;
  source.counts.paired += 1;
}

/** Learns from a pair by how much the clock of `source` is ahead. */
export function learnClock(source: Source, aheadUs: number): void {
  if (source.clockKnown) {
    source.aheadUs += (aheadUs - source.aheadUs) * CLOCK_WEIGHT;
  } else {
    source.aheadUs = aheadUs;
    source.clockKnown = true;
  }
}

const NAMES = ['client', 'backend', 'controller'] as const;

/** The stamps of the next packets in µs; a capture that has ended is left out. */
export type NextTimes = Readonly<Partial<Record<CaptureName, number>>>;

/** The capture that is behind the others; undefined when all have ended. */
export function captureBehind(
  sources: Readonly<Record<CaptureName, Source>>,
  times: NextTimes,
): CaptureName | undefined {
  let behind: CaptureName | undefined;
  let least = Infinity;
  let leastIsFull = true;
  for (const name of NAMES) {
    const time = times[name];
    if (time === undefined) continue;
    const source = sources[name];
    const isFull = source.waiting >= FULL;
    const ours = time - source.aheadUs;
    const better = isFull === leastIsFull ? ours < least : leastIsFull;
    if (behind !== undefined && !better) continue;
    behind = name;
    least = ours;
    leastIsFull = isFull;
  }
  return behind;
}
