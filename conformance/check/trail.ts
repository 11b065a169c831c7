/**
 * Which owner served a client, segment by segment, in the order of the client's capture.
 *
 * Owners change, and may change back. But a change needs messages between machines: one or two
 * segments that went another way, with others before and after them on the same way within a
 * moment, are no change of owner. They strayed.
 */
import type { AddressBook } from './address-book.ts';
import type { Direction, InferredRule, LastPair } from './connection.ts';
import { at, type CheckedId, type CheckFinding, type FrameReference } from './ledger.ts';
import { describeConnection, type Bench } from './pair.ts';
import { TELLING_OCTETS, type Seen } from './seen.ts';

/** A pair by its captures: the client's, and the other one. */
export interface Followed {
  readonly near: Seen;
  readonly far: Seen;
  readonly rule: InferredRule;
  readonly direction: Direction;
  /** As of `Pair`. */
  readonly sure: boolean;
}

interface Step {
  readonly rule: InferredRule;
  /** In the client's capture, and in the other one. */
  readonly frame: number;
  readonly far: number;
  readonly timeUs: number;
  readonly frames: readonly FrameReference[];
  readonly hasPayload: boolean;
  /** No other segment can be meant: an old owner may have said the same as the new one. */
  readonly isSure: boolean;
}

/** The steps of one client in one direction, the newest last. */
export interface Trail {
  readonly steps: Step[];
}

/** A migration takes longer: half a millisecond at least has been measured. */
export const MOMENT_US = 300;
/** More segments than this in a row have not strayed. */
const MAX_STRAYS = 2;
const MAX_STEPS = 32;

/** A trail without steps. */
export function createTrail(): Trail {
  return { steps: [] };
}

/** The requirement that a segment broke which took `rule` and not `usual`. */
function homeOf(
  rule: InferredRule,
  usual: InferredRule,
  direction: Direction,
): CheckedId | undefined {
  const sameConnection = rule.connection === usual.connection;
  // The same owner at another tap: a switch that does not yet know where a host is asks everywhere.
  if (sameConnection && rule.path.owner === usual.path.owner) return undefined;
  if (direction === 'toClient') {
    if (sameConnection) return 'PRISM-RULE-04';
    return rule.path === usual.path && rule.connection.virtual === rule.path.owner
      ? 'PRISM-REW-02'
      : undefined;
  }
  // At the virtual endpoint itself is the controller, which may be given what others may not have.
  if (!sameConnection || isController(rule)) return undefined;
  if (rule.toClient.pairs === 0) return 'PRISM-REW-01';
  return isController(usual) ? undefined : 'PRISM-RULE-02';
}

function isController({ path, connection }: InferredRule): boolean {
  return path.owner === connection.virtual;
}

function findingFor(
  step: Step,
  usual: InferredRule,
  requirement: CheckedId,
  book: AddressBook,
): CheckFinding {
  const { rule, frames } = step;
  const connection = describeConnection({ rule: usual }, book);
  const leaked = requirement === 'PRISM-REW-02';
  const wanted = book.format(leaked ? usual.connection.virtual : usual.path.owner);
  const had = book.format(rule.path.owner);
  const words = {
    'PRISM-REW-01': ['destination', `${wanted}, as before and after it`, had],
    'PRISM-REW-02': ['source', `${wanted}, as before and after it`, had],
    'PRISM-RULE-02': ['owner', `one change of owner: ${wanted} is before and after it`, had],
    other: ['sender', `the owner ${wanted}, as before and after it`, `${had}, under its name`],
  } as const;
  const known =
    requirement === 'PRISM-REW-01' ||
    requirement === 'PRISM-REW-02' ||
    requirement === 'PRISM-RULE-02';
  const [field, expected, observed] = words[known ? requirement : 'other'];
  return { requirement, connection, field, expected, observed, frames };
}

/** Whether segments left in the order in which they arrived, of which there may be others between. */
function inOrder(steps: readonly Step[]): boolean {
  return steps.every(({ far }, index) => far > (steps[index - 1]?.far ?? 0));
}

/** What the steps from `steps[start]` on show, which may have strayed. */
function straysAt(
  steps: readonly Step[],
  start: number,
  direction: Direction,
  { book, ledger }: Bench,
): readonly CheckFinding[] {
  const before = steps[start - 1];
  const first = steps[start];
  if (before === undefined || first === undefined || first.rule === before.rule) return [];
  let end = start;
  while (steps[end]?.rule === first.rule) end += 1;
  const after = steps[end];
  const home = homeOf(first.rule, before.rule, direction);
  if (after?.rule !== before.rule || end - start > MAX_STRAYS) {
    if (home === 'PRISM-RULE-02' && end - start > MAX_STRAYS) ledger.kept[home] += 1;
    return [];
  }
  const gap = after.timeUs - before.timeUs;
  if (gap <= 0 || gap > MOMENT_US || home === undefined) return [];
  // The network may have turned round what arrives at the switch: what left it has to agree.
  if (home === 'PRISM-RULE-02' && !inOrder(steps.slice(start - 1, end + 1))) return [];
  const strays = steps.slice(start, end).filter(({ isSure }) => isSure);
  return strays.flatMap((step) => {
    const found = [findingFor(step, before.rule, home, book)];
    const relayed = home === 'PRISM-RULE-04' && step.hasPayload;
    if (relayed && first.rule.path.capture === 'controller') {
      found.push(findingFor(step, before.rule, 'PRISM-CTRL-04', book));
    }
    return found;
  });
}

/** Begins with the pair that was there before there was a second rule. */
export function beginTrail({ steps }: Trail, last: LastPair): void {
  const { rule, timeUs, near: frame, far, hasPayload } = last;
  if (rule === undefined) return;
  const there = { capture: rule.path.capture, frame: far };
  const frames = [{ capture: 'client', frame } as const, there];
  steps.push({ rule, frame, far, timeUs, frames, hasPayload, isSure: hasPayload });
}

/** Adds a pair in its place: a segment in the client's capture, and in the other one. */
export function addStep({ steps }: Trail, { near, far, rule, sure }: Followed): void {
  const { frame, timeUs } = near;
  const frames = [at(near), at(far)];
  let place = steps.length;
  while (place > 0 && (steps[place - 1]?.frame ?? 0) > frame) place -= 1;
  steps.splice(place, 0, {
    rule,
    frame,
    far: far.frame,
    timeUs,
    frames,
    hasPayload: near.length > 0,
    isSure: sure || near.length >= TELLING_OCTETS,
  });
}

/** Judges the oldest steps when there are many, or all of them; forgets them. */
export function judgeTrail(
  { steps }: Trail,
  direction: Direction,
  bench: Bench,
  all: boolean,
): void {
  if (!all && steps.length < MAX_STEPS) return;
  const judged = all ? steps.length : MAX_STEPS / 2;
  for (let index = 1; index < judged; index += 1) {
    for (const each of straysAt(steps, index, direction, bench)) bench.ledger.broken(each);
  }
  steps.splice(0, all ? judged : judged - 1);
}
