/** Octets that came out of order, until what is before them has come. RFC 9293 section 3.10.7.4. */
import type { SackBlock } from 'scapy-ts';
import type { SeqNum } from '../../tcp/seq-num.ts';
import { seqAdd, seqDistance } from '../../tcp/seq-num.ts';

/** Octets and where they begin; the octets are never changed. */
export interface Piece {
  readonly seq: SeqNum;
  readonly octets: Uint8Array;
  /** When it came, in order of arrival: the newest is reported first. */
  readonly age: number;
}

/** Most pieces that wait; one more is forgotten, and its sender sends it again. */
export const PIECES_MAX = 1024;

/** What follows the last octet of a piece. */
export function pieceEnd({ seq, octets }: Piece): SeqNum {
  return seqAdd(seq, octets.length);
}

/** The pieces with one more; where they overlap, the octets that came first stay. */
export function addPiece(
  pieces: readonly Piece[],
  seq: SeqNum,
  octets: Uint8Array,
): readonly Piece[] {
  const age = pieces.reduce((newest, piece) => Math.max(newest, piece.age), 0) + 1;
  const result: Piece[] = [];
  let rest: Piece | undefined = { seq, octets, age };
  for (const piece of pieces) {
    if (rest !== undefined) {
      const gap = seqDistance(rest.seq, piece.seq);
      if (gap > 0) result.push({ ...rest, octets: rest.octets.subarray(0, gap) });
      const covered = seqDistance(rest.seq, pieceEnd(piece));
      if (covered >= rest.octets.length) rest = undefined;
      else if (covered > 0) {
        rest = { age, seq: pieceEnd(piece), octets: rest.octets.subarray(covered) };
      }
    }
    result.push(piece);
  }
  if (rest !== undefined) result.push(rest);
  return result.length > PIECES_MAX ? pieces : result;
}

/** SACK blocks of the pieces, the one of the newest piece first. RFC 2018 section 4. */
export function blocksOf(pieces: readonly Piece[]): readonly SackBlock[] {
  const runs: { left: SeqNum; right: SeqNum; age: number }[] = [];
  for (const piece of pieces) {
    const last = runs.at(-1);
    if (last?.right === piece.seq) {
      last.right = pieceEnd(piece);
      last.age = Math.max(last.age, piece.age);
    } else runs.push({ left: piece.seq, right: pieceEnd(piece), age: piece.age });
  }
  return runs.toSorted((a, b) => b.age - a.age).map(({ left, right }) => ({ left, right }));
}
