/**
 * What a rule adds to the numbers of its segments, followed from pair to pair.
 *
 * A number that deviates is held against the device when segments around it agree. That the two
 * directions of a rule agree with each other shows when its connection is over: `cross-check.ts`.
 */
import type { CheckedId } from './ledger.ts';
import { findingOf, homeOf, holds, tell, type Bench, type Pair } from './pair.ts';
import { FLAG, has, isFar } from './seen.ts';
import { agree, deviate, SETTLED_PACKETS, type Track } from './track.ts';

type Words = readonly [string, string, string];

/** Window shifts from −14 to 14, one bit each. RFC 7323 section 2.3. */
const MAX_SHIFT = 14;

function unsigned(value: number): string {
  return `${value >>> 0}`;
}

/** Takes a number that agrees with what is known; false when it does not. */
function agrees(pair: Pair, bench: Bench, track: Track, value: number): boolean {
  if (track.known && track.value !== value) return false;
  const proved = agree(track, value, pair.arrived.frame);
  for (let index = 0; index < proved.length; index += 1) {
    const finding = proved[index];
    if (finding !== undefined) bench.ledger.broken(finding);
  }
  return true;
}

/** Takes a number that deviates: `id` and `words` tell it, should it prove to be a fault. */
function disagrees(
  pair: Pair,
  bench: Bench,
  track: Track,
  { value, id, words }: { readonly value: number; readonly id: CheckedId; readonly words: Words },
): void {
  if (!pair.sure) return;
  deviate(track, value, pair.arrived.frame, findingOf(pair, bench, homeOf(pair, id), words));
}

/** The requirement about the sequence and acknowledgment numbers of such a segment. */
function numberHome(pair: Pair, expected: number): CheckedId {
  if (has(pair.arrived, FLAG.rst)) {
    return pair.direction === 'toOwner' ? 'PRISM-RST-01' : 'PRISM-RST-04';
  }
  if (has(pair.arrived, FLAG.fin)) return 'PRISM-FIN-01';
  return expected === 0 ? 'PRISM-SEQ-03' : 'PRISM-SEQ-01';
}

/** A reset is the last of its direction: nothing comes after it that could enclose it. */
function isLateAndWrong(pair: Pair, track: Track, value: number): boolean {
  if (!has(pair.arrived, FLAG.rst) || track.count < SETTLED_PACKETS) return false;
  return pair.sure || isFar(value - track.value);
}

function disagreeingNumber(pair: Pair, bench: Bench, field: 'seq' | 'ack', value: number): void {
  const { arrived, left, side } = pair;
  const track = side[field];
  const id = numberHome(pair, track.value);
  const words = [
    `tcp.${field}`,
    unsigned(arrived[field] + track.value),
    unsigned(left[field]),
  ] as const;
  if (isLateAndWrong(pair, track, value)) {
    bench.ledger.broken(findingOf(pair, bench, homeOf(pair, id), words));
  } else {
    disagrees(pair, bench, track, { value, id, words });
  }
}

function followNumbers(pair: Pair, bench: Bench): void {
  const { arrived, left, side } = pair;
  const seq = (left.seq - arrived.seq) | 0;
  if (!agrees(pair, bench, side.seq, seq)) disagreeingNumber(pair, bench, 'seq', seq);
  if (!has(arrived, FLAG.ack)) return;
  const ack = (left.ack - arrived.ack) | 0;
  if (!agrees(pair, bench, side.ack, ack)) disagreeingNumber(pair, bench, 'ack', ack);
}

function disagreeingTime(
  pair: Pair,
  bench: Bench,
  field: 'tsValue' | 'tsEcho',
  value: number,
): void {
  const { arrived, left, side } = pair;
  const name = field === 'tsValue' ? 'TSval' : 'TSecr';
  const expected = unsigned(arrived[field] + side[field].value);
  const words = [`tcp.options ${name}`, expected, unsigned(left[field])] as const;
  disagrees(pair, bench, side[field], { value, id: 'PRISM-SEQ-10', words });
}

function followTimestamps(pair: Pair, bench: Bench): void {
  const { arrived, left, side } = pair;
  if (!arrived.hasTimestamps || !left.hasTimestamps) return;
  const value = (left.tsValue - arrived.tsValue) | 0;
  if (!agrees(pair, bench, side.tsValue, value)) disagreeingTime(pair, bench, 'tsValue', value);
  // Without ACK an echo means nothing, and 0 may be taken for none. RFC 7323 section 3.2.
  if (!has(arrived, FLAG.ack) || arrived.tsEcho === 0) return;
  const echo = (left.tsEcho - arrived.tsEcho) | 0;
  if (!agrees(pair, bench, side.tsEcho, echo)) disagreeingTime(pair, bench, 'tsEcho', echo);
}

/** The shifts that turn one window into the other: bit 14 is none, above it to the left. */
function shiftsThatFit(before: number, after: number): number {
  let mask = 0;
  for (let shift = -MAX_SHIFT; shift <= MAX_SHIFT; shift += 1) {
    const scaled = shift < 0 ? before >> -shift : Math.min(0xffff, before * 2 ** shift);
    if (scaled === after) mask |= 1 << (shift + MAX_SHIFT);
  }
  return mask;
}

const UNSHIFTED = 1 << MAX_SHIFT;

function followShiftedWindow(pair: Pair, bench: Bench, track: Track): void {
  const { arrived, left } = pair;
  const mask = shiftsThatFit(arrived.window, left.window);
  const common = track.known ? mask & track.value : mask;
  if (common !== 0) {
    track.value = common;
    agrees(pair, bench, track, common);
    if (pair.plain === undefined) bench.ledger.kept['PRISM-SEQ-12'] += 1;
    return;
  }
  const words = ['tcp.window', `${arrived.window}, shifted alike`, `${left.window}`] as const;
  const unshifted = !track.known || track.value === UNSHIFTED;
  const id = unshifted ? 'PRISM-REW-15' : 'PRISM-SEQ-12';
  if (track.known) disagrees(pair, bench, track, { value: mask, id, words });
  else if (pair.sure) tell(pair, bench, id, words);
}

function followWindow(pair: Pair, bench: Bench): void {
  const { arrived, left, side } = pair;
  if (has(arrived, FLAG.syn)) {
    if (!holds(pair, bench, 'PRISM-SEQ-12', arrived.window === left.window)) {
      tell(pair, bench, 'PRISM-SEQ-12', [
        'tcp.window',
        `${arrived.window}, as in every SYN`,
        `${left.window}`,
      ]);
    }
    return;
  }
  const track = side.window;
  const same = arrived.window === left.window;
  if (!same || (track.known && track.value !== UNSHIFTED)) {
    followShiftedWindow(pair, bench, track);
  } else if (arrived.window !== 0 && arrived.window !== 0xffff) {
    // Equal windows leave no other shift, but for 0 and for one that saturates.
    agrees(pair, bench, track, UNSHIFTED);
  }
}

function followTags(pair: Pair, bench: Bench): void {
  const { arrived, left, side } = pair;
  const value = left.tags ^ arrived.tags;
  if (!agrees(pair, bench, side.tags, value)) {
    const words = ['vlan tags', 'kept, as in the other segments', 'not kept'] as const;
    disagrees(pair, bench, side.tags, { value, id: 'PRISM-FWD-10', words });
  }
  if (value !== 0) bench.ledger.doubt('PRISM-FWD-10', 'tags-stripped');
  else if (arrived.tags !== 0) bench.ledger.kept['PRISM-FWD-10'] += 1;
}

function followLink(pair: Pair, bench: Bench): void {
  const { arrived, left, side, direction } = pair;
  const value = left.destinationMac;
  if (!agrees(pair, bench, side.mac, value)) {
    const id = direction === 'toOwner' ? 'PRISM-REW-01' : 'PRISM-REW-02';
    const words = ['ethernet.dst', 'the address of the other segments', 'another one'] as const;
    disagrees(pair, bench, side.mac, { value, id, words });
  }
  if (arrived.tags !== 0 || left.tags !== 0 || side.tags.known) followTags(pair, bench);
}

function count(pair: Pair, bench: Bench): void {
  const { side } = pair;
  const { kept } = bench.ledger;
  if (pair.plain !== undefined) {
    kept[homeOf(pair, 'PRISM-REW-01')] += 1;
    return;
  }
  kept[pair.direction === 'toOwner' ? 'PRISM-REW-01' : 'PRISM-REW-02'] += 1;
  kept[side.seq.value === 0 && side.ack.value === 0 ? 'PRISM-SEQ-03' : 'PRISM-SEQ-01'] += 1;
  if (side.tsValue.known) kept['PRISM-SEQ-10'] += 1;
}

/** Follows all numbers that a rule changes. */
export function followDeltas(pair: Pair, bench: Bench): void {
  followNumbers(pair, bench);
  followTimestamps(pair, bench);
  followWindow(pair, bench);
  followLink(pair, bench);
  count(pair, bench);
}
