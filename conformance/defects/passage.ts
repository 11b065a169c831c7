/** Which rule a segment meets or has passed, and what the rule adds to its numbers. */
import type {
  Command,
  ConnectionKey,
  Endpoint,
  Hello,
  Rule,
  RuleStatus,
  WindowShift,
} from '../driver/device.ts';
import type { Direction } from '../observe/translate.ts';
import type { Segment } from './edit.ts';

/** A rule, and which way through it a segment travels. */
export interface Passage {
  readonly rule: Rule;
  readonly direction: Direction;
}

/** The rules of the device, found by the ends of a segment. */
export interface Passages {
  readonly rules: readonly RuleStatus[];
  /** Port number of each role that the device has. */
  readonly ports: Hello['ports'];
  /** The rule that a segment meets which comes from its client or its owner. */
  readonly arriving: (segment: Pick<Segment, 'from' | 'to'>) => Passage | undefined;
  /** The rule that a segment has passed which leaves. */
  readonly leaving: (segment: Pick<Segment, 'from' | 'to'>) => Passage | undefined;
}

function endText({ address, port }: Endpoint): string {
  return `${address} ${port}`;
}

/** Two ends, one way, as one word for a map. */
export function pairText(from: Endpoint, to: Endpoint): string {
  return `${endText(from)} > ${endText(to)}`;
}

/** A connection as one word for a map. */
export function keyText({ client, virtual }: ConnectionKey): string {
  return pairText(client, virtual);
}

/** Whether two ends are the same. */
export function sameEnd(a: Endpoint, b: Endpoint): boolean {
  return a.address === b.address && a.port === b.port;
}

/** The key that a command is about. */
export function keyOfCommand(command: Command): ConnectionKey {
  return command.op === 'add' ? command.rule : command.key;
}

/** Finds the rules of a device with `ports`. */
export function passagesOf(rules: readonly RuleStatus[], ports: Hello['ports']): Passages {
  const arriving = new Map<string, Passage>();
  const leaving = new Map<string, Passage>();
  for (const { rule } of rules) {
    const { client, virtual, owner } = rule;
    const there: Passage = { rule, direction: 'client-to-owner' };
    const back: Passage = { rule, direction: 'owner-to-client' };
    arriving.set(pairText(client, virtual), there).set(pairText(owner, client), back);
    leaving.set(pairText(client, owner), there).set(pairText(virtual, client), back);
  }
  return {
    rules,
    ports,
    arriving: ({ from, to }) => arriving.get(pairText(from, to)),
    leaving: ({ from, to }) => leaving.get(pairText(from, to)),
  };
}

/** Whether the segment comes from the client. */
export function isForth({ direction }: Passage): boolean {
  return direction === 'client-to-owner';
}

/** What a rule adds to the numbers of a segment on its way. */
export interface Shifts {
  readonly seq: number;
  readonly ack: number;
  readonly timestamp: number;
  readonly echo: number;
  readonly window: WindowShift;
}

/** What `passage` adds to a segment, modulo 2^32. */
export function shiftsOf({ rule: { deltas }, direction }: Passage): Shifts {
  if (direction === 'client-to-owner') {
    return {
      seq: deltas.clientSeq,
      ack: deltas.ownerSeq,
      timestamp: deltas.clientTimestamp,
      echo: deltas.ownerTimestamp,
      window: deltas.clientWindow,
    };
  }
  return {
    seq: -deltas.ownerSeq,
    ack: -deltas.clientSeq,
    timestamp: -deltas.ownerTimestamp,
    echo: -deltas.clientTimestamp,
    window: deltas.ownerWindow,
  };
}
