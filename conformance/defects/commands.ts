/** Defects of commands: when they take effect, and what they do to a rule that is there or not. */
import type { Owner, Rule } from '../driver/device.ts';
import { underRule, type Mutation } from './change.ts';
import { commanding, delaying, DONE, REFUSED, setLock, statusOf } from './commanding.ts';
import type { Defect } from './defect.ts';
import { edited, sendTo, type Segment } from './edit.ts';
import { keyOfCommand, keyText } from './passage.ts';
import { tapped } from './tap.ts';

/** The owner that a connection has left, and how many segments have gone to the new one. */
interface Moved {
  readonly from: Owner;
  /** Where what goes to that owner leaves. */
  readonly port: number | undefined;
  passed: number;
}

/** A device that sends some segment after a change of owner elsewhere. */
function strayingAfterChown(
  instead: (segment: Segment, moved: Moved, port: number) => readonly [number, Uint8Array],
): Mutation {
  return (device) =>
    tapped(device, () => {
      const ports = new Map<string, number>();
      const moves = new Map<string, Moved>();
      return {
        command: async (command, tap) => {
          const from = (await statusOf(tap, keyOfCommand(command)))?.rule.owner;
          const reply = await tap.tell(command);
          if (command.op === 'chown' && reply.ok && from !== undefined) {
            const moved = { from, port: ports.get(from.mac), passed: 0 };
            moves.set(keyText(command.key), moved);
          }
          return reply;
        },
        output: (output, { leaving }) => {
          const found = underRule(output, leaving);
          if (found?.passage.direction !== 'client-to-owner') return [output];
          const { rule } = found.passage;
          ports.set(rule.owner.mac, output.port);
          const moved = moves.get(keyText(rule));
          if (moved === undefined) return [output];
          moved.passed += 1;
          const [port, frame] = instead(found.segment, moved, output.port);
          return [{ port, frame }];
        },
      };
    });
}

const effectDefects: readonly Defect[] = [
  {
    name: 'lock-after-next-segment',
    sentence: 'A lock is answered before it holds: one segment still passes.',
    breaks: 'PRISM-RULE-01',
    apply: delaying('lock'),
  },
  {
    name: 'delete-after-next-segment',
    sentence: 'A delete is answered before it is done: one segment still meets the rule.',
    breaks: 'PRISM-RULE-01',
    apply: delaying('delete'),
  },
  {
    name: 'chown-after-next-segment',
    sentence: 'A chown is answered before it is done: one segment still goes to the old owner.',
    breaks: 'PRISM-RULE-01',
    apply: delaying('chown'),
  },
  {
    name: 'old-owner-comes-back',
    sentence: 'The second segment after a change of owner goes to the old one again.',
    breaks: 'PRISM-RULE-02',
    apply: strayingAfterChown((segment, { from, port, passed }, to) =>
      passed !== 2 || port === undefined
        ? [to, segment.frame]
        : [
            port,
            edited(segment, (octets) => {
              sendTo(octets, segment, from);
            }),
          ],
    ),
  },
  {
    name: 'owner-changes-in-two-steps',
    sentence: "The first segment after a change of owner has the old owner's port.",
    breaks: 'PRISM-RULE-02',
    apply: strayingAfterChown((segment, { from, passed }, to) =>
      passed !== 1
        ? [to, segment.frame]
        : [
            to,
            edited(segment, (octets, { tcp }) => {
              octets.setUint16(tcp + 2, from.port);
            }),
          ],
    ),
  },
  {
    name: 'unlock-before-chown',
    sentence: 'Chown with unlock unlocks first, and what was held goes to the old owner.',
    breaks: 'PRISM-RULE-10',
    apply: commanding(() => async (command, tap) => {
      const status = await statusOf(tap, keyOfCommand(command));
      const isFresh = status !== undefined && command.epoch >= status.epoch;
      if (command.op === 'chown' && command.unlock && isFresh) await setLock(tap, status, false);
      return tap.tell(command);
    }),
  },
];

const addDefects: readonly Defect[] = [
  {
    name: 'second-add-replaces',
    sentence: 'An add for a key that has another rule replaces that rule.',
    breaks: 'PRISM-RULE-05',
    apply: commanding(() => async (command, tap) => {
      const reply = await tap.tell(command);
      if (command.op !== 'add' || reply.ok || reply.error !== 'exists') return reply;
      await tap.tell({ op: 'delete', key: command.rule, epoch: command.epoch });
      return tap.tell(command);
    }),
  },
  {
    name: 'second-add-reports-success',
    sentence: 'An add for a key that has another rule changes nothing and reports success.',
    breaks: 'PRISM-RULE-05',
    apply: commanding(() => async (command, tap) => {
      const reply = await tap.tell(command);
      return command.op === 'add' && !reply.ok && reply.error === 'exists' ? DONE : reply;
    }),
  },
  {
    name: 'second-add-with-other-timestamps-reports-success',
    sentence: 'An add for a key whose rule differs in the timestamp deltas alone reports success.',
    breaks: 'PRISM-RULE-05',
    apply: commanding(() => async (command, tap) => {
      const reply = await tap.tell(command);
      const isOther = command.op === 'add' && command.rule.deltas.clientTimestamp !== 0;
      return isOther && !reply.ok && reply.error === 'exists' ? DONE : reply;
    }),
  },
  {
    name: 'second-add-unlocks',
    sentence: 'An add for a key that has a locked rule takes the lock away.',
    breaks: 'PRISM-RULE-05',
    apply: commanding(() => async (command, tap) => {
      const reply = await tap.tell(command);
      const status = await statusOf(tap, keyOfCommand(command));
      const isKept = command.op !== 'add' || command.rule.locked || status === undefined;
      if (!isKept && status.rule.locked) await setLock(tap, status, false);
      return reply;
    }),
  },
  {
    name: 'unknown-lock-reports-success',
    sentence: 'A lock for a key without a rule reports success.',
    breaks: 'PRISM-RULE-06',
    apply: commanding(() => async (command, tap) => {
      const reply = await tap.tell(command);
      return command.op === 'lock' && !reply.ok && reply.error === 'unknown' ? DONE : reply;
    }),
  },
  {
    name: 'chown-makes-rule',
    sentence: 'A chown for a key without a rule makes one.',
    breaks: 'PRISM-RULE-06',
    apply: commanding(() => async (command, tap) => {
      const reply = await tap.tell(command);
      if (command.op !== 'chown' || reply.ok || reply.error !== 'unknown') return reply;
      const { key, owner, deltas, epoch } = command;
      const rule: Rule = { ...key, owner, deltas, locked: false };
      await tap.tell({ op: 'add', rule, epoch });
      return REFUSED;
    }),
  },
];

/** Defects of commands. */
export const commandDefects: readonly Defect[] = [...effectDefects, ...addDefects];
