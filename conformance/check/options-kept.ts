/**
 * TCP options on both sides of the switch: which may change, and how.
 *
 * Timestamps are followed elsewhere. Every edge of a SACK block has to move as the acknowledgment
 * number of the same segment did; everything else stays octet for octet.
 */
import { layer, parse } from 'scapy-ts';
import { writeOptions } from '../traffic/option-text.ts';
import { i32 } from './octets.ts';
import { findingOf, homeOf, holds, tell, type Bench, type Pair } from './pair.ts';
import type { CheckedId } from './ledger.ts';
import { FLAG, has, type Seen } from './seen.ts';

const TCP_OCTETS = 20;
const TIMESTAMP_OCTETS = 8;
const BLOCK_OCTETS = 8;
/** `nop nop timestamps`. */
const COMMON_OCTETS = 12;

/** The options of a segment as text. */
function optionText(seen: Seen): string {
  const packet = seen.header.slice(seen.ipAt, seen.headerOctets);
  const { layers } = parse(packet, seen.family === 4 ? 'ipv4' : 'ipv6');
  const options = layer(layers, 'tcp')?.options ?? [];
  return options.length === 0 ? 'none' : writeOptions(options);
}

/** Whether a rule may change the octet at `at` of the header. */
function isTranslated(seen: Seen, at: number): boolean {
  if (seen.hasTimestamps && at >= seen.tsAt && at < seen.tsAt + TIMESTAMP_OCTETS) return true;
  return seen.sackAt > 0 && at >= seen.sackAt && at < seen.sackAt + seen.sackBlocks * BLOCK_OCTETS;
}

function othersKept({ arrived, left }: Pair): boolean {
  const count = arrived.payloadAt - arrived.tcpAt;
  if (count !== left.payloadAt - left.tcpAt) return false;
  if (arrived.hasTimestamps && left.hasTimestamps && count === TCP_OCTETS + COMMON_OCTETS) {
    return arrived.tsAt - arrived.tcpAt === left.tsAt - left.tcpAt;
  }
  for (let step = TCP_OCTETS; step < count; step += 1) {
    if (arrived.header[arrived.tcpAt + step] === left.header[left.tcpAt + step]) continue;
    if (!isTranslated(arrived, arrived.tcpAt + step)) return false;
  }
  return true;
}

/** The requirement that a SACK option with a wrong edge breaks. */
function sackHome(pair: Pair, shift: number, wrong: number): CheckedId {
  const { arrived } = pair;
  if (shift === 0) return 'PRISM-SEQ-03';
  if ((arrived.sackAt - arrived.tcpAt) % 4 !== 0) return 'PRISM-SEQ-06';
  // Only the first block reports a duplicate, and only below the acknowledgment or in the second.
  return wrong === 0 && isDuplicateReport(arrived) ? 'PRISM-SEQ-05' : 'PRISM-SEQ-04';
}

/** Whether the first block is a D-SACK. RFC 2883 section 4. */
function isDuplicateReport({ header, sackAt, sackBlocks, ack }: Seen): boolean {
  const left = i32(header, sackAt);
  const right = i32(header, sackAt + 4);
  if (((right - ack) | 0) <= 0) return true;
  if (sackBlocks < 2) return false;
  const [from, to] = [i32(header, sackAt + 8), i32(header, sackAt + 12)];
  return ((left - from) | 0) >= 0 && ((to - right) | 0) >= 0;
}

/** The first block with an edge that did not move by `shift`; -1 when all did. */
function wrongBlock({ arrived, left }: Pair, shift: number): number {
  for (let edge = 0; edge < arrived.sackBlocks * 2; edge += 1) {
    const before = i32(arrived.header, arrived.sackAt + edge * 4);
    const after = i32(left.header, left.sackAt + edge * 4);
    if (((after - before) | 0) !== shift) return edge >> 1;
  }
  return -1;
}

function shiftedText({ arrived }: Pair, shift: number): string {
  const blocks = Array.from({ length: arrived.sackBlocks }, (_, block) => {
    const edge = (step: number): number =>
      (i32(arrived.header, arrived.sackAt + block * BLOCK_OCTETS + step) + shift) >>> 0;
    return `${edge(0)}-${edge(4)}`;
  });
  return `sack ${blocks.join(' ')}, shifted like the acknowledgment number`;
}

function compareSack(pair: Pair, bench: Bench): void {
  const { arrived, left } = pair;
  if (!has(arrived, FLAG.ack) || arrived.sackBlocks !== left.sackBlocks || left.sackAt === 0)
    return;
  const shift = (left.ack - arrived.ack) | 0;
  const wrong = wrongBlock(pair, shift);
  if (wrong < 0) {
    if (pair.plain !== undefined) return;
    const { kept } = bench.ledger;
    if (shift === 0) return;
    kept['PRISM-SEQ-04'] += 1;
    if ((arrived.sackAt - arrived.tcpAt) % 4 !== 0) kept['PRISM-SEQ-06'] += 1;
    if (isDuplicateReport(arrived)) kept['PRISM-SEQ-05'] += 1;
    return;
  }
  // Edges that are just as they came cannot be those of another segment: all of them are shifted.
  const untouched = shift !== 0 && wrongBlock(pair, 0) < 0;
  const followed = pair.side.ack.known && pair.side.ack.value === shift;
  if (!followed || (!pair.sure && !untouched)) return;
  const id = homeOf(pair, sackHome(pair, shift, wrong));
  const words = ['tcp.options', shiftedText(pair, shift), optionText(left)] as const;
  bench.ledger.broken(findingOf(pair, bench, id, words));
}

/** Compares all options but the numbers of timestamps. */
export function compareOptions(pair: Pair, bench: Bench): void {
  const { arrived, left } = pair;
  if (
    arrived.payloadAt - arrived.tcpAt === TCP_OCTETS &&
    left.payloadAt - left.tcpAt === TCP_OCTETS
  ) {
    return;
  }
  const right = othersKept(pair);
  if (!right || arrived.oddOptions || arrived.badOptions) {
    const id = arrived.badOptions ? 'PRISM-SEQ-08' : 'PRISM-SEQ-07';
    if (!holds(pair, bench, id, right)) {
      tell(pair, bench, id, ['tcp.options', optionText(arrived), optionText(left)]);
    }
  } else if (pair.plain === undefined) {
    bench.ledger.kept['PRISM-REW-11'] += 1;
  }
  if (arrived.sackAt > 0) compareSack(pair, bench);
}
