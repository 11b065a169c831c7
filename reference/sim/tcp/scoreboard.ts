/** What the peer has selectively acknowledged, as its SACK blocks said. RFC 2018 section 5. */
import type { SackBlock } from 'scapy-ts';
import type { SeqNum } from '../../tcp/seq-num.ts';
import { seqDistance, seqNum } from '../../tcp/seq-num.ts';

/**
 * The blocks with those of one more acknowledgment; ascending and disjoint.
 *
 * What lies at or before `from` (SND.UNA: a D-SACK) or ends after `to` (SND.NXT: nonsense) is left
 * out.
 */
export function addBlocks(
  blocks: readonly SackBlock[],
  news: readonly SackBlock[],
  from: SeqNum,
  to: SeqNum,
): readonly SackBlock[] {
  const offset = (edge: number): number => seqDistance(from, seqNum(edge));
  const sound = [...blocks, ...news].filter(({ left, right }) => {
    return (
      offset(left) > 0 && offset(right) > offset(left) && offset(right) <= seqDistance(from, to)
    );
  });
  const merged: SackBlock[] = [];
  for (const block of sound.toSorted((a, b) => offset(a.left) - offset(b.left))) {
    const last = merged.at(-1);
    if (last === undefined || offset(block.left) > offset(last.right)) merged.push(block);
    else if (offset(block.right) > offset(last.right)) {
      merged[merged.length - 1] = { left: last.left, right: block.right };
    }
  }
  return merged;
}

/** Octets that the blocks cover. */
export function coveredOctets(blocks: readonly SackBlock[]): number {
  return blocks.reduce((sum, { left, right }) => sum + ((right - left) >>> 0), 0);
}

/** The first hole at `from` or later that has a block behind it, undefined when there is none. */
export function findHole(
  blocks: readonly SackBlock[],
  from: SeqNum,
): { readonly left: SeqNum; readonly right: SeqNum } | undefined {
  let left = from;
  for (const block of blocks) {
    if (seqDistance(left, seqNum(block.left)) > 0) return { left, right: seqNum(block.left) };
    if (seqDistance(left, seqNum(block.right)) > 0) left = seqNum(block.right);
  }
  return undefined;
}

/** `seq`, or the end of the block that it is in. */
export function skipCovered(blocks: readonly SackBlock[], seq: SeqNum): SeqNum {
  const block = blocks.find(({ left, right }) => {
    return seqDistance(seqNum(left), seq) >= 0 && seqDistance(seq, seqNum(right)) > 0;
  });
  return block === undefined ? seq : seqNum(block.right);
}
