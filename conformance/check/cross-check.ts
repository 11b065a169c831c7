/**
 * What only the whole of a connection shows: whether its two directions agree, and whether its
 * packets kept their identifications.
 */
import type { InferredRule, Side } from './connection.ts';
import type { CheckedId, CheckFinding } from './ledger.ts';
import { describeConnection, type Bench } from './pair.ts';
import { isFar, type CaptureName } from './seen.ts';
import { SETTLED_PACKETS, type Track } from './track.ts';

/** So many packets that may not be fragmented lost their identification. */
const MIN_NEW_IDS = 3;

function unsigned(value: number): string {
  return `${value >>> 0}`;
}

/** Whether both tracks have settled, so that they can be held against each other. */
function settled(a: Track, b: Track): boolean {
  return a.count >= SETTLED_PACKETS && b.count >= SETTLED_PACKETS;
}

interface Opposites {
  readonly id: CheckedId;
  readonly field: string;
  readonly back: string;
  readonly there: Track;
  readonly here: Track;
  readonly thereLast: readonly [CaptureName, number];
  readonly hereLast: readonly [CaptureName, number];
}

function oppositesOf(rule: InferredRule, from: Side, to: Side): readonly Opposites[] {
  const isOut = from === rule.toOwner;
  const [arrivesAt, answersAt] = isOut
    ? (['client', rule.path.capture] as const)
    : ([rule.path.capture, 'client'] as const);
  const frames = {
    thereLast: [arrivesAt, from.lastIn] as const,
    hereLast: [answersAt, to.lastIn] as const,
  };
  const way = isOut ? "client's" : "owner's";
  return [
    {
      id: 'PRISM-SEQ-01',
      field: `${way} tcp.seq`,
      back: 'tcp.ack',
      there: from.seq,
      here: to.ack,
      ...frames,
    },
    {
      id: 'PRISM-SEQ-10',
      field: `${way} TSval`,
      back: 'TSecr',
      there: from.tsValue,
      here: to.tsEcho,
      ...frames,
    },
  ];
}

/** What is wrong between the two directions of a rule, when the connection is over. */
export function crossCheck(rule: InferredRule, bench: Bench): readonly CheckFinding[] {
  const { toOwner, toClient } = rule;
  const all = [...oppositesOf(rule, toOwner, toClient), ...oppositesOf(rule, toClient, toOwner)];
  // Without identifications like payloads can be taken for each other, a window apart at most.
  const byId = toOwner.idKept + toClient.idKept > 0;
  return all
    .filter(({ there, here }) => {
      const distance = (there.value + here.value) | 0;
      return settled(there, here) && distance !== 0 && (byId || isFar(distance));
    })
    .map(({ id, field, back, there, here, thereLast, hereLast }): CheckFinding => {
      return {
        requirement: id,
        connection: describeConnection({ rule }, bench.book),
        field: `${field}, and the ${back} that comes back`,
        expected: `what is added to one is taken from the other: +${unsigned(there.value)}`,
        observed: `+${unsigned(there.value)} there, −${unsigned(-here.value)} back`,
        frames: [
          { capture: thereLast[0], frame: thereLast[1] },
          { capture: hereLast[0], frame: hereLast[1] },
        ],
      };
    });
}

/** Packets that may not be fragmented keep their identification, all of them. */
export function checkIdentifications(rule: InferredRule, bench: Bench): readonly CheckFinding[] {
  return (['toOwner', 'toClient'] as const).flatMap((direction): readonly CheckFinding[] => {
    const { idChanged, idKept, lastIn, lastOut } = rule[direction];
    if (idChanged < MIN_NEW_IDS || idKept > idChanged) return [];
    const [from, to] =
      direction === 'toOwner'
        ? (['client', rule.path.capture] as const)
        : ([rule.path.capture, 'client'] as const);
    return [
      {
        requirement: 'PRISM-REW-13',
        connection: describeConnection({ rule }, bench.book),
        field: 'ipv4.id',
        expected: 'kept in packets with DF',
        observed: `new in ${idChanged} packets`,
        frames: [
          { capture: from, frame: lastIn },
          { capture: to, frame: lastOut },
        ],
      },
    ];
  });
}
