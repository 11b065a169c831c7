/** Defects of time: when a rule goes that nobody uses, and when a lock ends. */
import type { RuleStatus } from '../driver/device.ts';
import { HOSTS } from '../traffic/testbed.ts';
import { underRule, type Mutation } from './change.ts';
import type { Defect } from './defect.ts';
import { isForth, keyText } from './passage.ts';
import { tapped, type Tap } from './tap.ts';

/** How long a lock of the embedded device lasts. */
const LEASE_SECONDS = 10;

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
    name: 'lease-listed-whole',
    sentence: 'The list always tells the whole lease of a lock, not what is left of it.',
    breaks: 'PRISM-RULE-23',
    apply: (device) =>
      tapped(device, () => ({
        rules: async (rules, tap) => {
          const { leaseMs } = (await tap.device.hello()).profile;
          return rules.map((each) => (each.leaseMs === undefined ? each : { ...each, leaseMs }));
        },
      })),
  },
  {
    name: 'host-forgotten-at-once',
    sentence: 'A host is forgotten after 300 ms without a frame, and what is for it is flooded.',
    breaks: 'PRISM-REW-01',
    apply: (device) =>
      tapped(device, () => {
        const heard = new Set<string>();
        const mac = (frame: Uint8Array, at: number): string => frame.subarray(at, at + 6).join();
        return {
          input: (input) => {
            heard.add(mac(input.frame, 6));
            return [input];
          },
          output: (output, { ports }) => {
            const isKnown = heard.has(mac(output.frame, 0)) || ((output.frame[0] ?? 0) & 1) === 1;
            if (isKnown) return [output];
            const bridged = Object.values(HOSTS).map(({ role }) => ports[role] ?? output.port);
            return bridged.map((port) => ({ ...output, port }));
          },
          advance: async (seconds, tap) => {
            if (seconds > 0.3) heard.clear();
            await tap.device.advance(seconds);
          },
        };
      }),
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
    name: 'lease-begins-with-rule',
    sentence: 'The lease of a lock counts from when the rule was added.',
    breaks: 'PRISM-RULE-23',
    apply: (device) =>
      tapped(device, () => {
        let now = 0;
        const added = new Map<string, number>();
        return {
          command: async (command, tap) => {
            const reply = await tap.tell(command);
            if (command.op === 'add' && reply.ok) added.set(keyText(command.rule), now);
            return reply;
          },
          advance: async (seconds, tap) => {
            now += seconds;
            await tap.device.advance(seconds);
            for (const status of await tap.device.rules()) {
              const isOver = now - (added.get(keyText(status.rule)) ?? now) > LEASE_SECONDS;
              if (status.rule.locked && isOver) await remove(tap, status);
            }
          },
        };
      }),
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
              if (isLeased && seconds >= LEASE_SECONDS) await remove(tap, status);
            }
          },
        };
      }),
  },
];
