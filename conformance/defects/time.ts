/** Defects of time: when a rule goes that nobody uses, and when a lock ends. */
import type { RuleStatus } from '../driver/device.ts';
import { underRule, type Mutation } from './change.ts';
import type { Defect } from './defect.ts';
import { isForth, keyText } from './passage.ts';
import { tapped, type Tap } from './tap.ts';

/** Removes a rule as a device does on its own. */
async function remove(tap: Tap, { rule, epoch }: RuleStatus): Promise<void> {
  await tap.tell({ op: 'delete', key: rule, epoch });
}

/** A device that removes rules after `seconds`, by when they were last used. */
function ageing(
  seconds: number,
  isUse: (isFromClient: boolean) => boolean,
  tells: boolean,
): Mutation {
  return (device) =>
    tapped(device, () => {
      let now = 0;
      const used = new Map<string, number>();
      const told: RuleStatus[] = [];
      return {
        input: (input, { arriving }) => {
          const passage = underRule(input, arriving)?.passage;
          if (passage !== undefined && isUse(isForth(passage))) {
            used.set(keyText(passage.rule), now);
          }
          return [input];
        },
        advance: async (passing, tap) => {
          now += passing;
          await tap.device.advance(passing);
          for (const status of await tap.device.rules()) {
            if (now - (used.get(keyText(status.rule)) ?? 0) <= seconds) continue;
            await remove(tap, status);
            if (tells) told.push(status);
          }
        },
        notices: (notices) => [
          ...notices,
          ...told.splice(0).map(({ rule: { client, virtual } }) => ({
            kind: 'expired' as const,
            key: { client, virtual },
            reason: 'idle' as const,
          })),
        ],
      };
    });
}

/** Defects of time. */
export const timeDefects: readonly Defect[] = [
  {
    name: 'idle-rule-goes-after-two-hours',
    sentence: 'A rule without traffic goes after two hours, and nothing is told.',
    breaks: 'PRISM-RULE-20',
    apply: ageing(7200, () => true, false),
  },
  {
    name: 'owner-does-not-refresh',
    sentence: 'Only segments of the client keep a rule alive.',
    breaks: 'PRISM-RULE-20',
    apply: ageing(7440, (isFromClient) => isFromClient, true),
  },
  {
    name: 'expiry-not-told',
    sentence: 'A rule that goes for want of traffic goes without a word.',
    breaks: 'PRISM-RULE-20',
    apply: (device) =>
      tapped(device, () => ({
        notices: (notices) => notices.filter(({ reason }) => reason !== 'idle'),
      })),
  },
  {
    name: 'lease-not-told',
    sentence: 'A lock that has outlived its lease ends without a word.',
    breaks: 'PRISM-RULE-23',
    apply: (device) =>
      tapped(device, () => ({
        notices: (notices) => notices.filter(({ reason }) => reason !== 'lease'),
      })),
  },
  {
    name: 'lease-never-ends',
    sentence: 'A lock stays although its lease is over.',
    breaks: 'PRISM-RULE-23',
    apply: (device) =>
      tapped(device, () => ({
        advance: async (seconds, tap) => {
          // In steps that no lease is shorter than, each of which locks anew.
          for (let left = seconds; left > 0; left -= 1) {
            for (const { rule, epoch } of await tap.device.rules()) {
              if (rule.locked) await tap.device.command({ op: 'lock', key: rule, epoch });
            }
            await tap.device.advance(Math.min(1, left));
          }
        },
      })),
  },
  {
    name: 'lease-outlives-lock',
    sentence: 'A lease goes on after unlock, and removes the rule when it is over.',
    breaks: 'PRISM-RULE-23',
    apply: (device) =>
      tapped(device, () => {
        const locked = new Set<string>();
        return {
          command: async (command, tap) => {
            const reply = await tap.tell(command);
            if (command.op === 'lock' && reply.ok) locked.add(keyText(command.key));
            return reply;
          },
          advance: async (seconds, tap) => {
            await tap.device.advance(seconds);
            for (const status of await tap.device.rules()) {
              const isLeased = locked.has(keyText(status.rule)) && !status.rule.locked;
              if (isLeased && seconds >= 10) await remove(tap, status);
            }
          },
        };
      }),
  },
];
