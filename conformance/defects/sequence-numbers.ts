/** Defects of sequence and acknowledgment numbers, of the window and of the urgent pointer. */
import type { Deltas } from '../driver/device.ts';
import { editing, onArriving } from './change.ts';
import type { Defect } from './defect.ts';
import { add32, edited, hasFlag, sackEdges, segmentOf, TCP } from './edit.ts';
import { isForth, keyText, pairText, shiftsOf } from './passage.ts';
import { tapped } from './tap.ts';

const HALF = 0xffff;

/** A sum of two 32-bit numbers, as some adder gets it. */
type Adder = (value: number, delta: number) => number;

function modulo(value: number): number {
  return Number(BigInt.asUintN(32, BigInt(value)));
}

/** Writes at `at` what `adder` makes of the number that came, and of the delta that it got. */
function addAgain(octets: DataView, at: number, delta: number, adder: Adder): void {
  const came = modulo(octets.getUint32(at) - delta);
  octets.setUint32(at, modulo(adder(came, delta)));
}

/** Both numbers of a segment are added up by `adder`. */
function adding(adder: Adder): Defect['apply'] {
  return editing((octets, segment, passage) => {
    const { seq, ack } = shiftsOf(passage);
    addAgain(octets, segment.tcp + TCP.seq, seq, adder);
    if (hasFlag(segment, 'ACK')) addAgain(octets, segment.tcp + TCP.ack, ack, adder);
  });
}

const numberDefects: readonly Defect[] = [
  {
    name: 'ack-shifted-by-seq-delta',
    sentence: 'The acknowledgment number is shifted by the delta of the sequence number.',
    breaks: 'PRISM-SEQ-01',
    apply: editing((octets, segment, passage) => {
      const { seq, ack } = shiftsOf(passage);
      if (hasFlag(segment, 'ACK')) add32(octets, segment.tcp + TCP.ack, seq - ack);
    }),
  },
  {
    name: 'syn-not-shifted',
    sentence: 'The sequence number of a segment with SYN is not shifted.',
    breaks: 'PRISM-SEQ-01',
    apply: editing((octets, segment, passage) => {
      if (hasFlag(segment, 'SYN')) add32(octets, segment.tcp + TCP.seq, -shiftsOf(passage).seq);
    }),
  },
  {
    name: 'pure-ack-of-owner-not-shifted',
    sentence: 'The acknowledgment number of a pure acknowledgment of the owner is not shifted.',
    breaks: 'PRISM-SEQ-01',
    apply: editing((octets, segment, passage) => {
      const isPure = segment.payload === segment.end && hasFlag(segment, 'ACK');
      if (isPure && !isForth(passage)) {
        add32(octets, segment.tcp + TCP.ack, -shiftsOf(passage).ack);
      }
    }),
  },
  {
    name: 'reverse-sign-wrong',
    sentence: "The deltas are added to the owner's numbers instead of subtracted.",
    breaks: 'PRISM-REW-17',
    apply: editing((octets, segment, passage) => {
      if (isForth(passage)) return;
      const { seq, ack } = shiftsOf(passage);
      add32(octets, segment.tcp + TCP.seq, -2 * seq);
      if (hasFlag(segment, 'ACK')) add32(octets, segment.tcp + TCP.ack, -2 * ack);
    }),
  },
  {
    name: 'carry-lost-between-halves',
    sentence: 'The carry from the low to the high 16 bits of a number is lost.',
    breaks: 'PRISM-SEQ-02',
    apply: adding((value, delta) => {
      const sum = modulo(value + delta);
      const low = (value & HALF) + (modulo(delta) & HALF);
      return low > HALF ? modulo(sum - (HALF + 1)) : sum;
    }),
  },
  {
    name: 'sum-saturates',
    sentence: 'A number that would leave the range stops at its end instead of wrapping.',
    breaks: 'PRISM-SEQ-02',
    apply: adding((value, delta) => Math.min(0xffffffff, Math.max(0, value + delta))),
  },
  {
    name: 'top-bit-of-delta-lost',
    sentence: 'A delta is taken for a number of 31 bits.',
    breaks: 'PRISM-SEQ-02',
    apply: adding((value, delta) => value + Math.sign(delta) * (Math.abs(delta) & 0x7fffffff)),
  },
  {
    name: 'wrap-modulo-2-32-minus-1',
    sentence: 'A sum that passes 2^32 comes out larger by one, as in a checksum.',
    breaks: 'PRISM-SEQ-02',
    apply: adding((value, delta) => {
      const sum = value + modulo(delta);
      return sum > 0xffffffff ? sum + 1 : sum;
    }),
  },
  {
    name: 'handoff-sack-sorted',
    sentence: 'Where the deltas are 0, the blocks of a SACK option are put in order.',
    breaks: 'PRISM-SEQ-03',
    apply: editing((octets, segment, passage) => {
      const edges = sackEdges(segment);
      if (shiftsOf(passage).ack !== 0 || !hasFlag(segment, 'ACK')) return;
      const lefts = edges.filter((_, index) => index % 2 === 0);
      const blocks = lefts.map((at) => [octets.getUint32(at), octets.getUint32(at + 4)] as const);
      blocks
        .toSorted(([a], [b]) => a - b)
        .forEach(([left, right], index) => {
          octets.setUint32(lefts[index] ?? 0, left);
          octets.setUint32((lefts[index] ?? 0) + 4, right);
        });
    }),
  },
  {
    name: 'handoff-zero-seq-becomes-one',
    sentence: 'Where the deltas are 0, sequence number 0 leaves as 1.',
    breaks: 'PRISM-SEQ-03',
    apply: editing((octets, { tcp }, passage) => {
      const at = tcp + TCP.seq;
      if (shiftsOf(passage).seq === 0 && octets.getUint32(at) === 0) octets.setUint32(at, 1);
    }),
  },
  {
    name: 'urgent-pointer-shifted',
    sentence: 'The urgent pointer is shifted as if it were a sequence number.',
    breaks: 'PRISM-SEQ-09',
    apply: editing((octets, segment, passage) => {
      const at = segment.tcp + TCP.urgent;
      if (!hasFlag(segment, 'URG')) return;
      octets.setUint16(at, (octets.getUint16(at) + shiftsOf(passage).seq) & HALF);
    }),
  },
  {
    name: 'new-connection-shifted-as-old',
    sentence: 'After delete, a SYN of the same addresses and ports is shifted by the old deltas.',
    breaks: 'PRISM-SEQ-16',
    apply: (device) =>
      tapped(device, () => {
        const gone = new Map<string, Deltas>();
        return {
          command: async (command, tap) => {
            const { rules } = await tap.passages();
            for (const { rule } of rules) {
              const isIt = command.op === 'delete' && keyText(rule) === keyText(command.key);
              if (isIt) gone.set(keyText(rule), rule.deltas);
            }
            return tap.tell(command);
          },
          input: (input, { arriving }) => {
            const segment = segmentOf(input.frame);
            if (segment === undefined || !hasFlag(segment, 'SYN')) return [input];
            const old = gone.get(pairText(segment.from, segment.to));
            if (old === undefined || arriving(segment) !== undefined) return [input];
            const frame = edited(segment, (octets) => {
              add32(octets, segment.tcp + TCP.seq, old.clientSeq);
            });
            return [{ ...input, frame }];
          },
        };
      }),
  },
];

const windowDefects: readonly Defect[] = [
  {
    name: 'syn-ack-window-scaled',
    sentence: 'The window of a SYN-ACK is converted like that of other segments.',
    breaks: 'PRISM-SEQ-12',
    apply: editing((octets, segment, passage) => {
      const { in: sent, out: read } = shiftsOf(passage).window;
      const at = segment.tcp + TCP.window;
      if (!hasFlag(segment, 'SYN') || !hasFlag(segment, 'ACK')) return;
      const window = Math.floor((octets.getUint16(at) * 2 ** sent) / 2 ** read);
      octets.setUint16(at, Math.min(HALF, window));
    }),
  },
  {
    name: 'window-wraps',
    sentence: 'A window that becomes larger than 65535 loses its upper bits.',
    breaks: 'PRISM-SEQ-12',
    apply: onArriving((segment, passage) =>
      edited(segment, (octets) => {
        const { in: sent, out: read } = shiftsOf(passage).window;
        const at = segment.tcp + TCP.window;
        const room = sent - read;
        if (room <= 0 || hasFlag(segment, 'SYN')) return;
        octets.setUint16(at, octets.getUint16(at) & (HALF >> room));
      }),
    ),
  },
  {
    name: 'window-of-fin-not-converted',
    sentence: 'The window of a segment with FIN is not converted between the two scales.',
    breaks: 'PRISM-SEQ-12',
    apply: editing((octets, segment, passage) => {
      const { in: sent, out: read } = shiftsOf(passage).window;
      const at = segment.tcp + TCP.window;
      if (!hasFlag(segment, 'FIN') || hasFlag(segment, 'SYN') || sent > read) return;
      octets.setUint16(at, Math.min(HALF, octets.getUint16(at) * 2 ** (read - sent)));
    }),
  },
  {
    name: 'window-rounded-up',
    sentence: 'A window that becomes smaller is rounded up.',
    breaks: 'PRISM-SEQ-13',
    apply: onArriving((segment, passage) =>
      edited(segment, (octets) => {
        const { in: sent, out: read } = shiftsOf(passage).window;
        const at = segment.tcp + TCP.window;
        if (read <= sent || hasFlag(segment, 'SYN')) return;
        octets.setUint16(at, Math.min(HALF, octets.getUint16(at) + 2 ** (read - sent) - 1));
      }),
    ),
  },
];

/** Defects of numbers. */
export const numberingDefects: readonly Defect[] = [...numberDefects, ...windowDefects];
