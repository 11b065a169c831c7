/** Defects of RST segments: swallowed, wrongly numbered, or taken for the end of a rule. */
import { dropping, droppingAfter, editing, overlooking, type Choice } from './change.ts';
import { deleting } from './commanding.ts';
import type { Defect } from './defect.ts';
import { add32, hasFlag, payloadOctets, TCP, viewOf, type Segment } from './edit.ts';
import { isForth, keyText, shiftsOf, type Passage } from './passage.ts';

/** Whether a segment is a reset. */
export function isReset(segment: Segment): boolean {
  return hasFlag(segment, 'RST');
}

function seqOf({ frame, tcp }: Segment): number {
  return viewOf(frame).getUint32(tcp + TCP.seq);
}

/** Both numbers of a reset leave as they came. */
export const unshift = (octets: DataView, segment: Segment, passage: Passage): void => {
  const { seq, ack } = shiftsOf(passage);
  add32(octets, segment.tcp + TCP.seq, -seq);
  if (hasFlag(segment, 'ACK')) add32(octets, segment.tcp + TCP.ack, -ack);
};

const numberDefects: readonly Defect[] = [
  {
    name: 'client-reset-not-shifted',
    sentence: "The numbers of the client's RST leave as they came.",
    breaks: 'PRISM-RST-01',
    apply: editing((octets, segment, passage) => {
      if (isForth(passage) && isReset(segment)) unshift(octets, segment, passage);
    }),
  },
  {
    name: 'reset-shifted-with-ack-alone',
    sentence: 'The sequence number of a RST without ACK is not shifted towards the owner.',
    breaks: 'PRISM-RST-01',
    apply: editing((octets, segment, passage) => {
      if (!isForth(passage) || !isReset(segment) || hasFlag(segment, 'ACK')) return;
      add32(octets, segment.tcp + TCP.seq, -shiftsOf(passage).seq);
    }),
  },
  {
    name: 'owner-reset-not-shifted',
    sentence: "The numbers of the owner's RST leave as they came.",
    breaks: 'PRISM-RST-04',
    apply: editing((octets, segment, passage) => {
      if (!isForth(passage) && isReset(segment)) unshift(octets, segment, passage);
    }),
  },
  {
    name: 'owner-reset-goes-past-rules',
    sentence: "The owner's RST reaches the client from the owner's own address.",
    breaks: 'PRISM-RST-04',
    apply: overlooking((segment, passage) => !isForth(passage) && isReset(segment)),
  },
  {
    name: 'owner-reset-without-ack-dropped',
    sentence: 'A RST of the owner without ACK is dropped.',
    breaks: 'PRISM-RST-04',
    apply: dropping(
      (segment, passage) => !isForth(passage) && isReset(segment) && !hasFlag(segment, 'ACK'),
    ),
  },
  {
    name: 'reset-with-payload-dropped',
    sentence: 'A RST that carries payload is dropped.',
    breaks: 'PRISM-RST-10',
    apply: dropping((segment) => isReset(segment) && payloadOctets(segment) > 0),
  },
  {
    name: 'reset-with-push-not-shifted',
    sentence: 'Only a segment whose flags are RST or RST and ACK is shifted as a RST.',
    breaks: 'PRISM-RST-10',
    apply: editing((octets, segment, passage) => {
      const isOdd = isReset(segment) && (segment.flags & ~0x14) !== 0;
      if (isOdd) unshift(octets, segment, passage);
    }),
  },
  {
    name: 'reset-payload-blanked',
    sentence: 'The payload of a RST leaves as zeros.',
    breaks: 'PRISM-RST-10',
    apply: editing((octets, segment) => {
      if (!isReset(segment)) return;
      for (let at = segment.payload; at < segment.end; at += 1) octets.setUint8(at, 0);
    }),
  },
];

/** Highest sequence number that each connection's client has sent; a switch cannot know more. */
function sinceData(choice: (distance: number) => boolean): () => Choice {
  return () => {
    const next = new Map<string, number>();
    return (segment, passage) => {
      const key = `${keyText(passage.rule)} ${passage.direction}`;
      const known = next.get(key);
      const seq = seqOf(segment);
      if (!isReset(segment)) next.set(key, seq + payloadOctets(segment));
      return isReset(segment) && known !== undefined && choice((seq - known) | 0);
    };
  };
}

const removalDefects: readonly Defect[] = [
  {
    name: 'reset-removes-rule-unforwarded',
    sentence: "The client's RST removes the rule and is not passed on.",
    breaks: 'PRISM-RST-02',
    apply: deleting(() => (segment, passage) => isForth(passage) && isReset(segment), false),
  },
  {
    name: 'reset-right-after-data-swallowed',
    sentence: 'A RST that comes right after data of the same direction is dropped.',
    breaks: 'PRISM-RST-02',
    apply: droppingAfter(() => {
      let last = '';
      return (segment, passage) => {
        const way = `${keyText(passage.rule)} ${passage.direction}`;
        const isSwallowed = isReset(segment) && last === way;
        last = payloadOctets(segment) > 0 && !isReset(segment) ? way : '';
        return isSwallowed;
      };
    }),
  },
  {
    name: 'any-reset-removes-rule',
    sentence: 'A RST of the client removes the rule, whatever its sequence number.',
    breaks: 'PRISM-RST-03',
    apply: deleting(() => (segment, passage) => isForth(passage) && isReset(segment)),
  },
  {
    name: 'owner-reset-removes-rule',
    sentence: 'A RST of the owner removes the rule, whatever its sequence number.',
    breaks: 'PRISM-RST-03',
    apply: deleting(() => (segment, passage) => !isForth(passage) && isReset(segment)),
  },
  {
    name: 'reset-below-window-removes-rule',
    sentence: 'A RST removes the rule if it is less than a window below what came last.',
    breaks: 'PRISM-RST-03',
    apply: deleting(sinceData((distance) => distance < 0 && distance > -65_535)),
  },
  {
    name: 'reset-above-window-removes-rule',
    sentence: 'A RST removes the rule if it is above what came last, however far.',
    breaks: 'PRISM-RST-03',
    apply: deleting(sinceData((distance) => distance > 0)),
  },
  {
    name: 'reset-at-second-port-removes-rule',
    sentence: 'A RST that comes in at the port of another client removes the rule.',
    breaks: 'PRISM-RST-03',
    apply: deleting(
      () =>
        (segment, { rule }, { port, ports }) =>
          isReset(segment) && port === ports.client1 && rule.client.address.endsWith('.10'),
    ),
  },
];

/** Defects of resets. */
export const resetDefects: readonly Defect[] = [...numberDefects, ...removalDefects];
