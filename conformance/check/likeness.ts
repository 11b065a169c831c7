/**
 * Whether a segment that left may be one that arrived.
 *
 * Length and content have to be the same, or nothing is known. Beyond that a sender's own
 * identification of the packet is the best witness (RFC 6864 lets a rewriter change it, and then it
 * is not believed); without one, all numbers have to be as the rule so far makes them.
 */
import type { InferredRule, Lane, Side } from './connection.ts';
import { findRule } from './connection.ts';
import { FLAG, has, isFar, TELLING_OCTETS, type Seen } from './seen.ts';
import type { Track } from './track.ts';

/** `sure`: no other segment can be meant. `likely`: taken when there is none better. */
export type Likeness = 'no' | 'likely' | 'sure';

/** Whether the switch keeps identifications, found out over all connections. */
export interface IdTrust {
  same: number;
  different: number;
}

/** So many pairs without a common identification, and no more are expected. */
const TRUST_PAIRS = 32;

/** Both directions of a rule; what one adds the other takes away. */
interface Sides {
  readonly own: Side;
  readonly other: Side;
}

/** Whether a number moved as expected; before anything is known, any move may be the first. */
function fits(track: Track, opposite: Track, value: number): boolean {
  if (track.known) return track.value === value;
  return !opposite.known || ((opposite.value + value) | 0) === 0;
}

/** The identification can be a witness. */
function hasId(arrived: Seen, left: Seen, lane: Lane, trust: IdTrust): boolean {
  if (lane.idsRepeat || arrived.id === 0 || left.id === 0) return false;
  if (trust.different > TRUST_PAIRS && trust.same * 4 < trust.different) return false;
  return arrived.family === 4 && arrived.dontFragment && left.dontFragment;
}

function echoFits({ own, other }: Sides, arrived: Seen, left: Seen): boolean {
  if (!has(arrived, FLAG.ack) || arrived.tsEcho === 0) return true;
  return fits(own.tsEcho, other.tsValue, (left.tsEcho - arrived.tsEcho) | 0);
}

function timesFit(sides: Sides, arrived: Seen, left: Seen): boolean {
  if (arrived.hasTimestamps !== left.hasTimestamps) return false;
  if (!arrived.hasTimestamps) return true;
  const { own, other } = sides;
  const value = (left.tsValue - arrived.tsValue) | 0;
  return fits(own.tsValue, other.tsEcho, value) && echoFits(sides, arrived, left);
}

function numbersFit({ own, other }: Sides, arrived: Seen, left: Seen): boolean {
  if (!fits(own.seq, other.ack, (left.seq - arrived.seq) | 0)) return false;
  return !has(arrived, FLAG.ack) || fits(own.ack, other.seq, (left.ack - arrived.ack) | 0);
}

/** Both sides of the rule that the segments belong to, if one is known. */
function sidesOf(arrived: Seen, left: Seen, lane: Lane): Sides | undefined {
  const rule = ruleOf(arrived, left);
  if (rule === undefined) return undefined;
  const { toOwner, toClient } = rule;
  return lane.direction === 'toOwner'
    ? { own: toOwner, other: toClient }
    : { own: toClient, other: toOwner };
}

function ruleOf(arrived: Seen, left: Seen): InferredRule | undefined {
  const connection = arrived.connection ?? left.connection;
  const path = arrived.path ?? left.path;
  return connection === undefined || path === undefined ? undefined : findRule(connection, path);
}

function sameSyn(arrived: Seen, left: Seen): boolean {
  return has(arrived, FLAG.syn) && arrived.flags === left.flags && arrived.mss === left.mss;
}

/** Without a rule there is nothing to predict with: only what stands out may begin one. */
function likenessToBegin(arrived: Seen, left: Seen): Likeness {
  if (arrived.flags !== left.flags || arrived.hasTimestamps !== left.hasTimestamps) return 'no';
  if (arrived.seq === left.seq && arrived.ack === left.ack) return 'likely';
  return sameSyn(arrived, left) || arrived.length >= TELLING_OCTETS ? 'likely' : 'no';
}

/** Everything else says that they are one, and a number is off by more than any window. */
function isFarOff(sides: Sides, arrived: Seen, left: Seen): boolean {
  if (arrived.flags !== left.flags || !timesFit(sides, arrived, left)) return false;
  const { seq, ack } = sides.own;
  const seqOff = (left.seq - arrived.seq - seq.value) | 0;
  const ackOff = has(arrived, FLAG.ack) ? (left.ack - arrived.ack - ack.value) | 0 : 0;
  if (seqOff !== 0 && ackOff !== 0) return false;
  return isFar(seqOff) || isFar(ackOff);
}

/** Whether the contents are the same, as far as both were captured. */
function sameContent(arrived: Seen, left: Seen): boolean {
  if (arrived.length !== left.length) return false;
  return arrived.hashed !== left.hashed || arrived.hash === left.hash;
}

/** All numbers are as expected; how much that says depends on where the expectation comes from. */
function predictedLikeness({ anchored, seq }: Side, arrived: Seen, left: Seen): Likeness {
  if (anchored && seq.known && arrived.length >= TELLING_OCTETS) return 'sure';
  return arrived.flags === left.flags ? 'likely' : 'no';
}

/**
 * Whether a pair shows the numbers of its rule beyond doubt.
 *
 * Streams repeat themselves: a like payload some segments further on gives wrong numbers that fit
 * all segments that follow. So without identifications it takes a segment of which a connection has
 * but one, or numbers that did not move at all.
 */
export function isAnchor(arrived: Seen, left: Seen, lane: Lane, trust: IdTrust): boolean {
  if (hasId(arrived, left, lane, trust)) return arrived.id === left.id;
  if (arrived.seq === left.seq) return true;
  return has(arrived, FLAG.syn) || (has(arrived, FLAG.fin) && has(left, FLAG.fin));
}

/** How like a segment that left is to one that arrived. */
export function likeness(arrived: Seen, left: Seen, lane: Lane, trust: IdTrust): Likeness {
  if (!sameContent(arrived, left)) return 'no';
  const sides = sidesOf(arrived, left, lane);
  const witness = hasId(arrived, left, lane, trust);
  if (witness && arrived.id !== left.id) {
    // A switch that gives new identifications shows itself by content that stands out.
    const open = trust.same < TRUST_PAIRS && arrived.length >= TELLING_OCTETS;
    return open && sides === undefined ? likenessToBegin(arrived, left) : 'no';
  }
  if (sides === undefined || sides.own.pairs + sides.other.pairs === 0) {
    if (!witness) return likenessToBegin(arrived, left);
    return arrived.flags === left.flags ? 'sure' : 'no';
  }
  const numbers = numbersFit(sides, arrived, left);
  const times = timesFit(sides, arrived, left);
  if (witness) return numbers || times || arrived.length >= TELLING_OCTETS ? 'sure' : 'no';
  if (numbers && times) return predictedLikeness(sides.own, arrived, left);
  return arrived.length >= TELLING_OCTETS && isFarOff(sides, arrived, left) ? 'likely' : 'no';
}

/** For leftovers: the same place in the stream or the same identification, but other content. */
export function isSpoiled(arrived: Seen, left: Seen, lane: Lane, trust: IdTrust): boolean {
  if (arrived.length !== left.length || arrived.length < 2 || sameContent(arrived, left)) {
    return false;
  }
  const sides = sidesOf(arrived, left, lane);
  if (sides === undefined || sides.own.pairs === 0 || arrived.flags !== left.flags) return false;
  if (!numbersFit(sides, arrived, left)) return false;
  if (hasId(arrived, left, lane, trust)) return arrived.id === left.id;
  return sides.own.anchored && timesFit(sides, arrived, left);
}
