/** Defects of the list of rules and of its counters. */
import type { RuleStatus } from '../driver/device.ts';
import { underRule, type Mutation } from './change.ts';
import { without } from './claims.ts';
import type { Defect } from './defect.ts';
import { hasIpOptions, payloadOctets, type Segment } from './edit.ts';
import { isForth, keyText, type Passage } from './passage.ts';
import { tapped } from './tap.ts';

/** A device that lists its rules otherwise. */
function listing(change: (rules: readonly RuleStatus[]) => readonly RuleStatus[]): Mutation {
  return (device) => tapped(device, () => ({ rules: async (rules) => change(rules) }));
}

/** How many times more than once a segment is counted; `before` is the one that came before it. */
type Count = (segment: Segment, passage: Passage, before: Segment | undefined) => number;

/** A device that counts some of a client's segments otherwise as they come. */
function counting(count: Count): Mutation {
  return (device) =>
    tapped(device, () => {
      const more = new Map<string, number>();
      let before: Segment | undefined;
      return {
        input: (input, { arriving }) => {
          const { segment, passage } = underRule(input, arriving) ?? {};
          if (segment !== undefined && passage !== undefined && isForth(passage)) {
            const key = keyText(passage.rule);
            more.set(key, (more.get(key) ?? 0) + count(segment, passage, before));
          }
          before = segment;
          return [input];
        },
        rules: async (rules) =>
          rules.map((status) => ({
            ...status,
            clientFrames: status.clientFrames + (more.get(keyText(status.rule)) ?? 0),
          })),
      };
    });
}

function isShortest(segment: Segment): boolean {
  return payloadOctets(segment) === 0;
}

/** Defects of the list. */
export const listDefects: readonly Defect[] = [
  {
    name: 'last-rule-not-listed',
    sentence: 'The rule that was added last is not listed beside others.',
    breaks: 'PRISM-RULE-24',
    apply: listing((rules) => (rules.length > 1 ? rules.slice(0, -1) : rules)),
  },
  {
    name: 'first-owner-listed',
    sentence: 'After a change of owner the list shows the owner that the rule was added with.',
    breaks: 'PRISM-RULE-24',
    apply: (device) =>
      tapped(device, () => {
        const added = new Map<string, RuleStatus['rule']>();
        return {
          command: async (command, tap) => {
            if (command.op === 'add') added.set(keyText(command.rule), command.rule);
            return tap.tell(command);
          },
          rules: async (rules) =>
            rules.map((status) => {
              const { owner } = added.get(keyText(status.rule)) ?? status.rule;
              return { ...status, rule: { ...status.rule, owner } };
            }),
        };
      }),
  },
  {
    name: 'owner-timestamps-not-listed',
    sentence: "The list shows 0 for the delta of the owner's timestamps.",
    breaks: 'PRISM-RULE-24',
    apply: listing((rules) =>
      rules.map((status) => {
        const deltas = { ...status.rule.deltas, ownerTimestamp: 0 };
        return { ...status, rule: { ...status.rule, deltas } };
      }),
    ),
  },
  {
    name: 'counted-twice',
    sentence: 'Each segment of the client is counted twice.',
    breaks: 'PRISM-RULE-24',
    apply: listing((rules) =>
      rules.map((status) => ({ ...status, clientFrames: 2 * status.clientFrames })),
    ),
  },
  {
    name: 'counter-cleared-by-reading',
    sentence: 'A counter begins anew when the list is read.',
    breaks: 'PRISM-RULE-24',
    apply: (device) =>
      tapped(device, () => {
        const read = new Map<string, number>();
        return {
          rules: async (rules) =>
            rules.map((status) => {
              const key = keyText(status.rule);
              const clientFrames = Math.max(0, status.clientFrames - (read.get(key) ?? 0));
              read.set(key, status.clientFrames);
              return { ...status, clientFrames };
            }),
        };
      }),
  },
  {
    name: 'held-segments-counted-twice',
    sentence: 'Segments that a lock holds are counted when they come and when they leave.',
    breaks: 'PRISM-RULE-24',
    apply: counting((_segment, { rule }) => (rule.locked ? 1 : 0)),
  },
  {
    name: 'stopped-segments-counted',
    sentence: 'Segments that a lock drops are counted as translated.',
    base: { lock: 'drop' },
    breaks: 'PRISM-RULE-24',
    apply: counting((_segment, { rule }) => (rule.locked ? 1 : 0)),
  },
  {
    name: 'exceptions-counted',
    sentence: 'Segments that go to the controller as exceptions are counted as translated.',
    base: { claims: without('IPOPT') },
    breaks: 'PRISM-RULE-24',
    apply: counting((segment) => (hasIpOptions(segment) ? 1 : 0)),
  },
  {
    name: 'count-lost-in-a-burst',
    sentence: 'Of a segment without payload that follows another of its kind no count is kept.',
    breaks: 'PRISM-RULE-24',
    apply: counting((segment, _passage, before) =>
      [segment, before].every((each) => each !== undefined && isShortest(each)) ? -1 : 0,
    ),
  },
];
