/** Judges one segment on both sides of the switch, in all respects. */
import { compareChecksums, type Offload } from './checksums.ts';
import type { Direction, InferredRule } from './connection.ts';
import { followDeltas } from './deltas.ts';
import type { Endings } from './endings.ts';
import { compareFields } from './fields.ts';
import { compareOptions } from './options-kept.ts';
import type { Bench, Pair } from './pair.ts';
import type { Seen } from './seen.ts';

/** What judging a pair needs beside the pair. */
export interface PairBench extends Bench {
  readonly offload: Offload;
  readonly endings: Endings;
}

/** Whether a rule that changes nothing, or none, is all that is seen. */
function plainness(rule: InferredRule, arrived: Seen, left: Seen): Pair['plain'] {
  if (rule.connection.virtual !== rule.path.owner) return undefined;
  const { toOwner, toClient } = rule;
  const shifts = [toOwner.seq, toOwner.ack, toClient.seq, toClient.ack];
  if (shifts.some(({ known, value }) => known && value !== 0)) return undefined;
  return arrived.destinationMac === left.destinationMac ? 'no-rule' : 'mac-only';
}

/** Judges a pair. */
export function judgePair(
  arrived: Seen,
  left: Seen,
  rule: InferredRule,
  { direction, sure }: { readonly direction: Direction; readonly sure: boolean },
  bench: PairBench,
): void {
  const side = rule[direction];
  const plain = plainness(rule, arrived, left);
  const pair: Pair = { arrived, left, rule, side, direction, sure, plain };
  compareFields(pair, bench);
  compareChecksums(pair, bench, bench.offload);
  compareOptions(pair, bench);
  followDeltas(pair, bench);
  bench.endings.paired(pair, bench);
  side.pairs += 1;
  if (side.firstOut === 0) side.firstOut = left.frame;
  side.lastIn = arrived.frame;
  side.lastOut = left.frame;
}
