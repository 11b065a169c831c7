/**
 * Brings together the two sides of a switch: which segment that left is which that arrived.
 *
 * Clocks are not compared. Segments wait in the order of their capture until their partner shows up
 * on the other side; the number that waits is bounded, and what is given up counts as lost by a
 * capture, never as lost by the switch.
 */
import {
  ruleBetween,
  type Client,
  type Direction,
  type InferredRule,
  type Lane,
} from './connection.ts';
import { isAnchor, isSpoiled, likeness, type IdTrust } from './likeness.ts';
import type { CaptureName, Seen } from './seen.ts';

/** What pairing finds. */
export interface PairingEvents {
  readonly paired: (
    arrived: Seen,
    left: Seen,
    rule: InferredRule,
    direction: Direction,
    sure: boolean,
  ) => void;
  /** A segment is given up. */
  readonly alone: (seen: Seen, direction: Direction, hasArrived: boolean) => void;
  /** What is given up next is a second copy of what left: `first` is the number of the first. */
  readonly twice: (seen: Seen, first: number, direction: Direction) => void;
  /** The same frame arrived a second time: the capture shows frames twice. */
  readonly echoed: (capture: CaptureName) => void;
}

/** The state of one run. */
export interface Pairing {
  readonly arrive: (seen: Seen, client: Client, direction: Direction) => void;
  /** Gives up a segment that has waited long enough; nothing happens to one that does not wait. */
  readonly giveUp: (seen: Seen) => void;
  readonly trust: IdTrust;
}

/** Candidates looked at for one segment. */
const MAX_CANDIDATES = 48;
/** A segment is given up when so many later ones of its direction have been paired. */
const MAX_PASSED_OVER = 24;
/** As many of those that left are remembered, to tell a second copy when it is given up. */
const RECENT = 32;

function sameIdentity(lane: Lane, seen: Seen, index: number): boolean {
  const each = lane.recent[index];
  return (
    each !== undefined &&
    each.seq === seen.seq &&
    each.id === seen.id &&
    each.ack === seen.ack &&
    each.hash === seen.hash &&
    each.length === seen.length &&
    each.flags === seen.flags &&
    each.capture === seen.capture &&
    each.interfaceId === seen.interfaceId
  );
}

/** The frame of which `seen` is a second copy; 0 when it is none. */
function copyOf(lane: Lane, seen: Seen): number {
  if (seen.family === 6 || !seen.dontFragment || seen.id === 0 || lane.idsRepeat) return 0;
  for (let index = 0; index < lane.recent.length; index += 1) {
    if (sameIdentity(lane, seen, index)) return lane.recent[index]?.frame ?? 0;
  }
  return 0;
}

function remember(lane: Lane, seen: Seen): void {
  const { id, seq, ack, hash, length, flags, capture, interfaceId, frame } = seen;
  const slot = lane.recent[lane.nextRecent];
  if (slot === undefined) {
    lane.recent.push({ id, seq, ack, hash, length, flags, capture, interfaceId, frame });
  } else {
    slot.id = id;
    slot.seq = seq;
    slot.ack = ack;
    slot.hash = hash;
    slot.length = length;
    slot.flags = flags;
    slot.capture = capture;
    slot.interfaceId = interfaceId;
    slot.frame = frame;
  }
  lane.nextRecent = (lane.nextRecent + 1) % RECENT;
}

/** Whether the capture shows the segment on its way to the switch. */
function isArriving(seen: Seen, lane: Lane): boolean {
  return (lane.direction === 'toOwner') === (seen.capture === 'client');
}

/** Takes out one segment; there are seldom others behind it. */
function takeOut(list: Seen[], index: number): void {
  if (index === list.length - 1) list.pop();
  else list.splice(index, 1);
}

function drop(list: Seen[], seen: Seen): void {
  const index = list.indexOf(seen);
  if (index >= 0) list.splice(index, 1);
}

/** Starts with nothing waiting. */
export function createPairing(events: PairingEvents): Pairing {
  const trust: IdTrust = { same: 0, different: 0 };
  /** Whether the best candidate that was found last cannot be another segment. */
  let isSure = false;

  function join(arrived: Seen, left: Seen, lane: Lane, sure: boolean): void {
    const connection = arrived.connection ?? left.connection;
    const path = arrived.path ?? left.path;
    if (connection === undefined || path === undefined) return;
    if (arrived.dontFragment && arrived.id !== 0) {
      if (arrived.id === left.id) trust.same += 1;
      else trust.different += 1;
    }
    const rule = ruleBetween(connection, path);
    const side = rule[lane.direction];
    side.anchored ||= isAnchor(arrived, left, lane, trust);
    events.paired(arrived, left, rule, lane.direction, sure);
    arrived.waiting = false;
    left.waiting = false;
    remember(lane, left);
  }

  /** Gives up on a leftover, unless the other side has one in its place with other content. */
  function retire(seen: Seen, lane: Lane, own: Seen[], others: Seen[]): void {
    const isArrived = own === lane.arrived;
    const partner = others.find((other) =>
      isArrived ? isSpoiled(seen, other, lane, trust) : isSpoiled(other, seen, lane, trust),
    );
    if (partner === undefined) {
      const first = isArrived ? 0 : copyOf(lane, seen);
      if (first > 0) events.twice(seen, first, lane.direction);
      events.alone(seen, lane.direction, isArrived);
      seen.waiting = false;
      return;
    }
    drop(others, partner);
    const [arrived, left] = isArrived ? [seen, partner] : [partner, seen];
    join(arrived, left, lane, true);
  }

  /** What stood before a pair in its list has been passed over. */
  function passOver(list: Seen[], before: number, lane: Lane, others: Seen[]): void {
    let end = before;
    for (let index = 0; index < end; index += 1) {
      const seen = list[index];
      if (seen === undefined) break;
      seen.passedOver += 1;
      if (seen.passedOver < MAX_PASSED_OVER) continue;
      list.splice(index, 1);
      retire(seen, lane, list, others);
      index -= 1;
      end -= 1;
    }
  }

  function bestOf(seen: Seen, lane: Lane, others: readonly Seen[], isArrived: boolean): number {
    let best = -1;
    const count = Math.min(others.length, MAX_CANDIDATES);
    for (let index = 0; index < count; index += 1) {
      const other = others[index];
      if (other === undefined) continue;
      const like = isArrived
        ? likeness(seen, other, lane, trust)
        : likeness(other, seen, lane, trust);
      if (like === 'sure') {
        isSure = true;
        return index;
      }
      if (like === 'likely' && best < 0) best = index;
    }
    isSure = false;
    return best;
  }

  function watchIds(seen: Seen, lane: Lane): void {
    if (lane.lastId === seen.id && seen.id !== 0 && seen.dontFragment) {
      lane.idsRepeat = true;
      if (lane.lastSeq === seen.seq) events.echoed(seen.capture);
    }
    lane.lastId = seen.id;
    lane.lastSeq = seen.seq;
  }

  function arrive(seen: Seen, client: Client, direction: Direction): void {
    const lane = client[direction];
    const isArrived = isArriving(seen, lane);
    const own = isArrived ? lane.arrived : lane.left;
    const others = isArrived ? lane.left : lane.arrived;
    if (isArrived) watchIds(seen, lane);
    const index = bestOf(seen, lane, others, isArrived);
    const partner = others[index];
    if (partner === undefined) {
      seen.waiting = true;
      seen.passedOver = 0;
      own.push(seen);
      return;
    }
    takeOut(others, index);
    if (isArrived) join(seen, partner, lane, isSure);
    else join(partner, seen, lane, isSure);
    if (index > 0) passOver(others, index, lane, own);
    if (own.length > 0) passOver(own, own.length, lane, others);
  }

  function giveUp(seen: Seen): void {
    const client = seen.connection?.client ?? seen.path?.client;
    if (!seen.waiting || client === undefined) return;
    const isToOwner = client.toOwner.arrived.includes(seen) || client.toOwner.left.includes(seen);
    const lane = isToOwner ? client.toOwner : client.toClient;
    const isArrived = isArriving(seen, lane);
    const own = isArrived ? lane.arrived : lane.left;
    drop(own, seen);
    retire(seen, lane, own, isArrived ? lane.left : lane.arrived);
  }

  return { arrive, giveUp, trust };
}
