/** The ways in which a device gets commands wrong. */
import type {
  Command,
  ConnectionKey,
  PortFrame,
  Reply,
  Rule,
  RuleStatus,
} from '../driver/device.ts';
import { underRule, type Choice, type Mutation } from './change.ts';
import { keyOfCommand, keyText } from './passage.ts';
import { tapped, type Tap } from './tap.ts';

/** The command was done. */
export const DONE: Reply = { ok: true };
/** The command was refused. */
export const REFUSED: Reply = { ok: false, error: 'refused', detail: 'by the defect' };

/** What stands in place of a command. */
export type CommandHook = (command: Command, tap: Tap) => Promise<Reply>;

/** A device that does commands in another way; `makeHook` is called at each reset. */
export function commanding(makeHook: () => CommandHook): Mutation {
  return (device) => tapped(device, () => ({ command: makeHook() }));
}

/** What the device lists of one connection. */
export async function statusOf(tap: Tap, key: ConnectionKey): Promise<RuleStatus | undefined> {
  const { rules } = await tap.passages();
  return rules.find(({ rule }) => keyText(rule) === keyText(key));
}

/** Sets or takes away the lock of a rule and nothing else. */
export async function setLock(tap: Tap, status: RuleStatus, locked: boolean): Promise<Reply> {
  return tap.tell({ op: locked ? 'lock' : 'unlock', key: status.rule, epoch: status.epoch });
}

/**
 * A device that does a command of the kind `op` when a segment of a connection has passed after
 * its reply.
 */
export function delaying(op: Command['op']): Mutation {
  return (device) =>
    tapped(device, () => {
      let due: Command | undefined;
      const catchUp = async (tap: Tap): Promise<void> => {
        const command = due;
        due = undefined;
        if (command !== undefined) await tap.tell(command);
      };
      return {
        command: async (command, tap) => {
          await catchUp(tap);
          const status = await statusOf(tap, keyOfCommand(command));
          const isSound = status !== undefined && command.epoch >= status.epoch;
          if (command.op !== op || !isSound) return tap.tell(command);
          due = command;
          return DONE;
        },
        rules: async (_rules, tap) => {
          await catchUp(tap);
          return tap.device.rules();
        },
        frame: async (input, tap) => {
          const { arriving } = await tap.passages();
          const left = await tap.pass(input);
          if (underRule(input, arriving) !== undefined) await catchUp(tap);
          return left;
        },
      };
    });
}

/** Whether a command of epoch `epoch` came late, when `last` was the last that was taken. */
export type IsLate = (epoch: number, last: number, command: Command) => boolean;

/** A device that judges in its own way which commands came late. */
export function judgingEpochs(isLate: IsLate): Mutation {
  return commanding(() => {
    const lasts = new Map<string, number>();
    return async (command, tap) => {
      const key = keyText(keyOfCommand(command));
      const last = lasts.get(key) ?? 0;
      if (isLate(command.epoch, last, command)) return REFUSED;
      const reply = await tap.tell({ ...command, epoch: Math.max(command.epoch, last) });
      if (reply.ok) lasts.set(key, Math.max(command.epoch, last));
      return reply;
    };
  });
}

/** A device that lets some segments pass a lock; only for one that holds nothing. */
export function passingLock(choice: Choice): Mutation {
  return (device) =>
    tapped(device, () => ({
      frame: async (input, tap) => {
        const passages = await tap.passages();
        const found = underRule(input, passages.arriving);
        if (found?.passage.rule.locked !== true) return tap.pass(input);
        const { segment, passage } = found;
        if (!choice(segment, passage, { ...passages, port: input.port })) return tap.pass(input);
        const status = await statusOf(tap, passage.rule);
        if (status === undefined) return tap.pass(input);
        const { rule: key, epoch } = status;
        await tap.device.command({ op: 'unlock', key, epoch });
        const left = await tap.pass(input);
        await tap.device.command({ op: 'lock', key, epoch });
        return left;
      },
    }));
}

/** A device whose locked rules block other segments too. */
export function blockingAlso(isAlike: (of: Rule, locked: Rule) => boolean): Mutation {
  return (device) =>
    tapped(device, () => ({
      input: (input, { rules, arriving }): readonly PortFrame[] => {
        const passage = underRule(input, arriving)?.passage;
        const isBlocked =
          passage !== undefined &&
          rules.some(({ rule }) => rule.locked && isAlike(passage.rule, rule));
        return isBlocked ? [] : [input];
      },
    }));
}

/** A device that removes a rule for some segments; it passes them on first, or it does not. */
export function deleting(makeChoice: () => Choice, passesOn = true): Mutation {
  return (device) =>
    tapped(device, () => {
      const choice = makeChoice();
      return {
        frame: async (input, tap) => {
          const passages = await tap.passages();
          const found = underRule(input, passages.arriving);
          const isEnd =
            found !== undefined &&
            choice(found.segment, found.passage, { ...passages, port: input.port });
          if (!isEnd) return tap.pass(input);
          const left = passesOn ? await tap.pass(input) : [];
          const status = await statusOf(tap, found.passage.rule);
          if (status === undefined) return left;
          // Leaving is translated under the rule that is about to go.
          tap.release(left);
          await tap.tell({ op: 'delete', key: status.rule, epoch: status.epoch });
          return [];
        },
      };
    });
}
