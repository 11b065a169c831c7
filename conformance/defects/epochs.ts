/** Defects of epochs: which commands are taken for late ones. */
import type { Command } from '../driver/device.ts';
import { commanding, judgingEpochs } from './commanding.ts';
import type { Defect } from './defect.ts';
import { keyOfCommand, keyText } from './passage.ts';

/** 0 ≤ epoch < 2^16, as a device with a short field keeps it. */
function short(epoch: number): number {
  return epoch & 0xffff;
}

/** Defects of epochs. */
export const epochDefects: readonly Defect[] = [
  {
    name: 'epochs-ignored',
    sentence: 'A command is done whatever its epoch.',
    breaks: 'PRISM-RULE-09',
    apply: judgingEpochs(() => false),
  },
  {
    name: 'epoch-of-lock-ignored',
    sentence: 'A lock is done whatever its epoch.',
    breaks: 'PRISM-RULE-09',
    apply: judgingEpochs((epoch, last, { op }) => op !== 'lock' && epoch < last),
  },
  {
    name: 'epoch-of-16-bits',
    sentence: 'Of an epoch, the lower 16 bits are compared.',
    breaks: 'PRISM-RULE-09',
    apply: judgingEpochs((epoch, last) => short(epoch) < short(last)),
  },
  {
    name: 'epoch-signed',
    sentence: 'Epochs are compared as signed numbers of 32 bits.',
    breaks: 'PRISM-RULE-09',
    apply: judgingEpochs((epoch, last) => (epoch | 0) < (last | 0)),
  },
  {
    name: 'epoch-forgotten-on-delete',
    sentence: 'With its rule, a delete removes the epoch: a late add brings the rule back.',
    breaks: 'PRISM-RULE-09',
    apply: commanding(() => {
      const buried = new Map<string, number>();
      return async (command, tap) => {
        const key = keyText(keyOfCommand(command));
        const last = buried.get(key);
        const isLateAdd = command.op === 'add' && last !== undefined && command.epoch < last;
        const told: Command = isLateAdd ? { ...command, epoch: last } : command;
        const reply = await tap.tell(told);
        if (command.op === 'delete' && reply.ok) buried.set(key, command.epoch);
        return reply;
      };
    }),
  },
];
