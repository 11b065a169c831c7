/** Defects of delete: what is left of a rule, and what shows when it is added again. */
import type { PortFrame, Rule, RuleStatus } from '../driver/device.ts';
import type { Mutation } from './change.ts';
import { commanding, statusOf } from './commanding.ts';
import type { Defect } from './defect.ts';
import { edited, segmentOf, sendFrom, type Segment } from './edit.ts';
import { keyOfCommand, keyText, sameEnd } from './passage.ts';
import { tapped, type Hooks } from './tap.ts';

/** A device on which something of a deleted rule goes on; `makeHook` is given what was deleted. */
function outliving(
  instead: (segment: Segment, gone: Rule) => Uint8Array | 'dropped' | undefined,
): Mutation {
  return (device) =>
    tapped(device, () => {
      const gone = new Map<string, Rule>();
      return {
        command: async (command, tap) => {
          const rule = (await statusOf(tap, keyOfCommand(command)))?.rule;
          const reply = await tap.tell(command);
          if (reply.ok && command.op === 'add') gone.delete(keyText(command.rule));
          if (reply.ok && command.op === 'delete' && rule !== undefined) {
            gone.set(keyText(rule), rule);
          }
          return reply;
        },
        input: (input) => {
          const segment = gone.size === 0 ? undefined : segmentOf(input.frame);
          if (segment === undefined) return [input];
          for (const rule of gone.values()) {
            const frame = instead(segment, rule);
            if (frame === 'dropped') return [];
            if (frame !== undefined) return [{ ...input, frame }];
          }
          return [input];
        },
      };
    });
}

const outlivingDefects: readonly Defect[] = [
  {
    name: 'delete-leaves-way-back',
    sentence: "After delete, the owner's segments still leave as from the virtual endpoint.",
    breaks: 'PRISM-RULE-15',
    apply: outliving((segment, { client, owner, virtual }) =>
      sameEnd(segment.to, client) && sameEnd(segment.from, owner)
        ? edited(segment, (octets) => {
            sendFrom(octets, segment, virtual);
          })
        : undefined,
    ),
  },
  {
    name: 'delete-leaves-lock',
    sentence: 'After the delete of a locked rule, the connection stays blocked.',
    breaks: 'PRISM-RULE-15',
    apply: outliving((segment, { client, virtual, locked }) =>
      locked && sameEnd(segment.from, client) && sameEnd(segment.to, virtual)
        ? 'dropped'
        : undefined,
    ),
  },
  {
    name: 'delete-leaves-bar',
    sentence: 'After delete, what the controller sends as the virtual endpoint is still dropped.',
    breaks: 'PRISM-RULE-15',
    apply: outliving((segment, { client, virtual }) =>
      sameEnd(segment.from, virtual) && sameEnd(segment.to, client) ? 'dropped' : undefined,
    ),
  },
  {
    name: 'delete-takes-neighbour',
    sentence: 'A delete also removes the rule of the same client with the next port.',
    breaks: 'PRISM-RULE-15',
    apply: commanding(() => async (command, tap) => {
      if (command.op === 'delete') {
        const { client, virtual } = command.key;
        const key = { client: { ...client, port: client.port + 1 }, virtual };
        const neighbour = await statusOf(tap, key);
        if (neighbour !== undefined) {
          await tap.tell({ op: 'delete', key, epoch: neighbour.epoch });
        }
      }
      return tap.tell(command);
    }),
  },
];

/** Rules that were deleted, by key, as they were last. */
type Gone = Map<string, RuleStatus>;

/** A device that remembers what it has deleted. */
function remembering(makeHooks: (gone: Gone) => Hooks): Mutation {
  return (device) =>
    tapped(device, () => {
      const gone: Gone = new Map();
      const hooks = makeHooks(gone);
      return {
        ...hooks,
        command: async (command, tap) => {
          const [status] = (await tap.device.rules()).filter(
            ({ rule }) => keyText(rule) === keyText(keyOfCommand(command)),
          );
          const reply = await (hooks.command?.(command, tap) ?? tap.tell(command));
          if (command.op === 'delete' && status !== undefined)
            gone.set(keyText(command.key), status);
          return reply;
        },
      };
    });
}

const readdDefects: readonly Defect[] = [
  {
    name: 're-add-keeps-deltas',
    sentence: 'A rule that is added again shifts by the deltas of the deleted one.',
    breaks: 'PRISM-RULE-21',
    apply: remembering((gone) => ({
      command: async (command, tap) => {
        const old = command.op === 'add' ? gone.get(keyText(command.rule)) : undefined;
        if (command.op !== 'add' || old === undefined) return tap.tell(command);
        return tap.tell({ ...command, rule: { ...command.rule, deltas: old.rule.deltas } });
      },
    })),
  },
  {
    name: 're-add-keeps-lock',
    sentence: 'A rule that is added again is locked if the deleted one was.',
    breaks: 'PRISM-RULE-21',
    apply: remembering((gone) => ({
      command: async (command, tap) => {
        const old = command.op === 'add' ? gone.get(keyText(command.rule)) : undefined;
        if (command.op !== 'add' || old?.rule.locked !== true) return tap.tell(command);
        return tap.tell({ ...command, rule: { ...command.rule, locked: true } });
      },
    })),
  },
  {
    name: 're-add-keeps-counters',
    sentence: 'A rule that is added again goes on counting where the deleted one ended.',
    breaks: 'PRISM-RULE-21',
    apply: remembering((gone) => ({
      rules: async (rules) =>
        rules.map((status) => {
          const { clientFrames = 0, ownerFrames = 0 } = gone.get(keyText(status.rule)) ?? {};
          return {
            ...status,
            clientFrames: status.clientFrames + clientFrames,
            ownerFrames: status.ownerFrames + ownerFrames,
          };
        }),
    })),
  },
  {
    name: 're-add-finds-held-segments',
    sentence: 'What was held for a deleted rule leaves when the rule that came after is unlocked.',
    breaks: 'PRISM-RULE-21',
    apply: (device) =>
      tapped(device, () => {
        const kept = new Map<string, readonly PortFrame[]>();
        return {
          command: async (command, tap) => {
            const key = keyText(keyOfCommand(command));
            const status = await statusOf(tap, keyOfCommand(command));
            if (command.op === 'delete' && status?.rule.locked === true) {
              const { rule, epoch } = status;
              await tap.device.command({ op: 'unlock', key: rule, epoch });
              kept.set(key, (await tap.device.collect()).frames);
            }
            const reply = await tap.tell(command);
            if (command.op === 'unlock' && reply.ok) {
              tap.release(kept.get(key) ?? []);
              kept.delete(key);
            }
            return reply;
          },
        };
      }),
  },
];

/** Defects of delete. */
export const deleteDefects: readonly Defect[] = [...outlivingDefects, ...readdDefects];
