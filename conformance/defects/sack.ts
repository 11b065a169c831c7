/** Defects of SACK options. RFC 2018, RFC 2883. */
import { editing } from './change.ts';
import type { Defect } from './defect.ts';
import {
  add32,
  hasFlag,
  OPTION,
  optionsOf,
  sackEdges,
  TCP,
  type OptionPlace,
  type Segment,
} from './edit.ts';
import { shiftsOf } from './passage.ts';

/** Which of the edges of a segment's SACK option a device forgets, by their place in `edges`. */
type Forgets = (index: number, segment: Segment, octets: DataView) => boolean;

/** A device that leaves some SACK edges as they came. */
function keepingEdges(forgets: Forgets): Defect['apply'] {
  return editing((octets, segment, passage) => {
    if (!hasFlag(segment, 'ACK')) return;
    const forgotten = sackEdges(segment).filter((_, index) => forgets(index, segment, octets));
    for (const at of forgotten) add32(octets, at, -shiftsOf(passage).ack);
  });
}

function sackOf(segment: Segment): OptionPlace | undefined {
  return optionsOf(segment).find(({ kind }) => kind === OPTION.sack);
}

/** What stands before the SACK option of a segment. */
function beforeSack(segment: Segment): readonly OptionPlace[] {
  const sack = sackOf(segment);
  return optionsOf(segment).filter(({ at }) => sack !== undefined && at < sack.at);
}

/** Where in a word of the TCP header the SACK option begins. */
function sackAlignment(segment: Segment): number {
  return ((sackOf(segment)?.at ?? 0) - segment.tcp) % 4;
}

/** Signed distance between two numbers. RFC 9293 section 3.4. */
function distance(from: number, to: number): number {
  return (to - from) | 0;
}

/** Whether block `block` lies below what is acknowledged. RFC 2883 section 4. */
function isBelow(block: number, segment: Segment, octets: DataView): boolean {
  const left = sackEdges(segment)[2 * block];
  const ack = octets.getUint32(segment.tcp + TCP.ack);
  return left !== undefined && distance(ack, octets.getUint32(left)) < 0;
}

/** Whether the first block lies inside the second. */
function isInside(segment: Segment, octets: DataView): boolean {
  const [a, b, c, d] = sackEdges(segment).map((at) => octets.getUint32(at));
  if (a === undefined || b === undefined || c === undefined || d === undefined) return false;
  return distance(c, a) >= 0 && distance(b, d) >= 0;
}

/** Defects of SACK. */
export const sackDefects: readonly Defect[] = [
  {
    name: 'sack-not-shifted',
    sentence: 'SACK edges leave as they came.',
    breaks: 'PRISM-SEQ-04',
    apply: keepingEdges(() => true),
  },
  {
    name: 'sack-shifted-by-seq-delta',
    sentence: 'SACK edges are shifted by the delta of the sequence number.',
    breaks: 'PRISM-SEQ-04',
    apply: editing((octets, segment, passage) => {
      const { seq, ack } = shiftsOf(passage);
      if (!hasFlag(segment, 'ACK')) return;
      for (const at of sackEdges(segment)) add32(octets, at, seq - ack);
    }),
  },
  {
    name: 'sack-third-block-kept',
    sentence: 'The third block of a SACK option is not shifted.',
    breaks: 'PRISM-SEQ-04',
    apply: keepingEdges((index) => index === 4 || index === 5),
  },
  {
    name: 'sack-fourth-right-edge-kept',
    sentence: 'The right edge of a fourth SACK block is not shifted.',
    breaks: 'PRISM-SEQ-04',
    apply: keepingEdges((index) => index === 7),
  },
  {
    name: 'sack-right-edges-kept',
    sentence: 'The right edges of SACK blocks are not shifted.',
    breaks: 'PRISM-SEQ-04',
    apply: keepingEdges((index) => index % 2 === 1),
  },
  {
    name: 'sack-after-timestamps-kept',
    sentence: 'A SACK option that follows timestamps is not shifted.',
    breaks: 'PRISM-SEQ-04',
    apply: keepingEdges((_index, segment) =>
      beforeSack(segment).some(({ kind }) => kind === OPTION.timestamps),
    ),
  },
  {
    name: 'sack-beside-payload-kept',
    sentence: 'The SACK option of a segment that carries payload is not shifted.',
    breaks: 'PRISM-SEQ-04',
    apply: keepingEdges((_index, { payload, end }) => payload < end),
  },
  {
    name: 'd-sack-kept',
    sentence: 'A SACK block below the acknowledgment number is not shifted.',
    breaks: 'PRISM-SEQ-05',
    apply: keepingEdges((index, segment, octets) => isBelow(index >> 1, segment, octets)),
  },
  {
    name: 'd-sack-inside-block-kept',
    sentence: 'A first SACK block that lies inside the second is not shifted.',
    breaks: 'PRISM-SEQ-05',
    apply: keepingEdges((index, segment, octets) => index < 2 && isInside(segment, octets)),
  },
  {
    name: 'd-sack-removed',
    sentence: 'A SACK option with one block below the acknowledgment number becomes padding.',
    breaks: 'PRISM-SEQ-05',
    apply: editing((octets, segment) => {
      const sack = sackOf(segment);
      if (sack?.length !== 10 || !hasFlag(segment, 'ACK') || !isBelow(0, segment, octets)) return;
      for (let at = sack.at; at < sack.at + sack.length; at += 1) octets.setUint8(at, OPTION.nop);
    }),
  },
  {
    name: 'sack-found-after-two-nops-alone',
    sentence: 'SACK is shifted only where it begins at the third octet of a word.',
    breaks: 'PRISM-SEQ-06',
    apply: keepingEdges((_index, segment) => sackAlignment(segment) !== 2),
  },
  {
    name: 'sack-at-odd-place-kept',
    sentence: 'SACK that begins at an odd octet is not shifted.',
    breaks: 'PRISM-SEQ-06',
    apply: keepingEdges((_index, segment) => sackAlignment(segment) % 2 === 1),
  },
];
