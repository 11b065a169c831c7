/**
 * Whether a capture shows all that was said: octets that are acknowledged and were never captured
 * prove that the capture lost them.
 *
 *   captured   ######....####     the hole may have been lost by the network: it stays open
 *   ack                    ▲      the receiver has it all: the capture lost it
 */
import type { Direction } from './connection.ts';
import { endOf, FLAG, has, type Seen } from './seen.ts';

/** Octets that are missing, by sequence number; `to` is behind the last of them. */
interface Hole {
  readonly from: number;
  readonly to: number;
  readonly acknowledged: boolean;
}

/** What a capture shows of one direction, by sequence number. */
interface Covered {
  known: boolean;
  /** The SYN that began it, where one did. */
  syn: number | undefined;
  /** Behind the last octet that is known to have been sent. */
  end: number;
  /** What is missing, the oldest first. */
  holes: readonly Hole[];
  lost: boolean;
}

/** Both directions of a connection in one capture. */
export type Coverage = Readonly<Record<Direction, Covered>>;

/** Further away lies another connection on the same endpoints. */
const NEAR = 2 ** 24;

/** Most holes that are remembered; of a capture with more, what comes first is forgotten. */
const HOLES_MAX = 32;
const NO_HOLES: readonly Hole[] = [];

function createCovered(): Covered {
  return { known: false, syn: undefined, end: 0, holes: NO_HOLES, lost: false };
}

/** Nothing was captured. */
export function createCoverage(): Coverage {
  return { toOwner: createCovered(), toClient: createCovered() };
}

function start(covered: Covered, end: number): void {
  covered.known = true;
  covered.end = end;
  covered.holes = NO_HOLES;
}

function openHole(covered: Covered, to: number): void {
  const holes = [...covered.holes, { from: covered.end, to, acknowledged: false }];
  if (holes.length > HOLES_MAX && holes[0]?.acknowledged === true) covered.lost = true;
  covered.holes = holes.slice(-HOLES_MAX);
}

/** What was missing may merely have been captured late, or sent again. */
function fill(covered: Covered, from: number, to: number): void {
  covered.holes = covered.holes.flatMap((hole) => {
    if (((from - hole.to) | 0) >= 0 || ((to - hole.from) | 0) <= 0) return [hole];
    const before = ((from - hole.from) | 0) > 0 ? [{ ...hole, to: from }] : [];
    const behind = ((hole.to - to) | 0) > 0 ? [{ ...hole, from: to }] : [];
    return [...before, ...behind];
  });
}

function takeOctets(covered: Covered, seen: Seen): void {
  const end = endOf(seen);
  if (has(seen, FLAG.syn)) {
    if (covered.syn === seen.seq) return;
    covered.syn = seen.seq;
    start(covered, end);
    return;
  }
  const ahead = (end - covered.end) | 0;
  if (!covered.known || Math.abs(ahead) > NEAR) {
    start(covered, end);
    return;
  }
  if (end === seen.seq) return;
  if (covered.holes.length > 0) fill(covered, seen.seq, end);
  if (((seen.seq - covered.end) | 0) > 0) openHole(covered, seen.seq);
  if (ahead > 0) covered.end = end;
}

function takeAcknowledgment(covered: Covered, ack: number): void {
  const ahead = (ack - covered.end) | 0;
  // A capture of one direction alone lost nothing.
  if (!covered.known || Math.abs(ahead) > NEAR) return;
  if (ahead > 0) {
    openHole(covered, ack);
    covered.end = ack;
  }
  if (covered.holes.length === 0) return;
  covered.holes = covered.holes.map((hole) =>
    ((ack - hole.from) | 0) > 0 ? { ...hole, acknowledged: true } : hole,
  );
}

/** Takes a segment of the capture. */
export function cover(coverage: Coverage, seen: Seen, direction: Direction): void {
  if (seen.tcpChecksum === 'invalid' || has(seen, FLAG.rst)) return;
  takeOctets(coverage[direction], seen);
  if (!has(seen, FLAG.ack)) return;
  takeAcknowledgment(coverage[direction === 'toOwner' ? 'toClient' : 'toOwner'], seen.ack);
}

/** Whether octets from `from` on are missing in the capture, acknowledged or not. */
export function lacksFrom({ holes }: Covered, from: number): boolean {
  return holes.some((hole) => hole.from === from);
}

/** Whether the capture lost octets of a direction, since it was asked last. */
export function takeLoss(coverage: Coverage, direction: Direction): boolean {
  const covered = coverage[direction];
  const isLost = covered.lost || covered.holes.some(({ acknowledged }) => acknowledged);
  covered.lost = false;
  covered.holes = NO_HOLES;
  return isLost;
}
