/** Defects of closing: FIN segments, half-closed connections, and rules that go too early. */
import { dropping, droppingAfter, editing } from './change.ts';
import type { Defect } from './defect.ts';
import { add32, hasFlag, payloadOctets, TCP, type Segment } from './edit.ts';
import { isForth, keyText, shiftsOf } from './passage.ts';
import { deleting } from './commanding.ts';

function isFin(segment: Segment): boolean {
  return hasFlag(segment, 'FIN');
}

/** Defects of closing. */
export const closingDefects: readonly Defect[] = [
  {
    name: 'fin-with-payload-dropped',
    sentence: 'A FIN that carries payload is dropped.',
    breaks: 'PRISM-FIN-01',
    apply: dropping((segment) => isFin(segment) && payloadOctets(segment) > 0),
  },
  {
    name: 'fin-cleared-beside-payload',
    sentence: 'The flag FIN of a segment of the owner that carries payload is cleared.',
    breaks: 'PRISM-FIN-01',
    apply: editing((octets, segment, passage) => {
      if (isForth(passage) || payloadOctets(segment) === 0) return;
      const at = segment.tcp + TCP.flags + 1;
      octets.setUint8(at, octets.getUint8(at) & 0xfe);
    }),
  },
  {
    name: 'fin-shifted-by-one-more',
    sentence: 'Under SPLICE, the sequence number of a FIN leaves larger by one.',
    breaks: 'PRISM-FIN-01',
    apply: editing((octets, segment, passage) => {
      const isShifted = shiftsOf(passage).seq !== 0;
      if (isFin(segment) && isShifted) add32(octets, segment.tcp + TCP.seq, 1);
    }),
  },
  {
    name: 'response-after-fin-dropped',
    sentence: "After the client's FIN, data of the owner are dropped.",
    breaks: 'PRISM-FIN-02',
    apply: droppingAfter(() => {
      const closed = new Set<string>();
      return (segment, passage) => {
        if (isForth(passage) && isFin(segment)) closed.add(keyText(passage.rule));
        const isLate = !isForth(passage) && closed.has(keyText(passage.rule));
        return isLate && payloadOctets(segment) > 0;
      };
    }),
  },
  {
    name: 'acknowledgments-after-fin-dropped',
    sentence: "After the client's FIN, its acknowledgments are dropped.",
    breaks: 'PRISM-FIN-02',
    apply: droppingAfter(() => {
      const closed = new Set<string>();
      return (segment, passage) => {
        if (!isForth(passage)) return false;
        const wasClosed = closed.has(keyText(passage.rule));
        if (isFin(segment)) closed.add(keyText(passage.rule));
        return wasClosed && !isFin(segment) && payloadOctets(segment) === 0;
      };
    }),
  },
  {
    name: 'half-close-ends-after-32-segments',
    sentence: "After the client's FIN, 32 segments of the owner pass and no more.",
    breaks: 'PRISM-FIN-02',
    apply: droppingAfter(() => {
      const passed = new Map<string, number>();
      return (segment, passage) => {
        const key = keyText(passage.rule);
        if (isForth(passage)) {
          if (isFin(segment)) passed.set(key, 0);
          return false;
        }
        const count = passed.get(key);
        if (count !== undefined) passed.set(key, count + 1);
        return count !== undefined && count >= 32;
      };
    }),
  },
  {
    name: 'first-fin-removes-rule',
    sentence: 'The first FIN removes the rule.',
    breaks: 'PRISM-FIN-03',
    apply: deleting(() => (segment) => isFin(segment)),
  },
  {
    name: 'second-fin-removes-rule',
    sentence: 'The rule goes when FINs of both sides were seen, acknowledged or not.',
    breaks: 'PRISM-FIN-03',
    apply: deleting(() => {
      const closed = new Set<string>();
      return (segment, { rule, direction }) => {
        if (!isFin(segment)) return false;
        closed.add(`${keyText(rule)} ${direction}`);
        const ways = ['client-to-owner', 'owner-to-client'];
        return ways.every((way) => closed.has(`${keyText(rule)} ${way}`));
      };
    }),
  },
  {
    name: 'retransmitted-fin-dropped',
    sentence: 'A FIN that comes again is dropped.',
    breaks: 'PRISM-FIN-03',
    apply: droppingAfter(() => {
      const closed = new Set<string>();
      return (segment, { rule, direction }) => {
        if (!isFin(segment)) return false;
        const way = `${keyText(rule)} ${direction}`;
        const isAgain = closed.has(way);
        closed.add(way);
        return isAgain;
      };
    }),
  },
];
