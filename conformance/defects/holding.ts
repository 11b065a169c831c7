/** Defects of what a lock holds. */
import type { PortFrame } from '../driver/device.ts';
import { underRule, type Mutation } from './change.ts';
import { statusOf } from './commanding.ts';
import type { Defect } from './defect.ts';
import { edited, segmentOf, TCP } from './edit.ts';
import { isForth, keyOfCommand } from './passage.ts';
import { tapped, type Hooks } from './tap.ts';

/** How many frames the reference holds for one rule. */
const HELD_FRAMES = 64;

/** A device that does something else with what an unlock sets free. */
function releasing(makeRelease: () => NonNullable<Hooks['released']>): Mutation {
  return (device) => tapped(device, () => ({ released: makeRelease() }));
}

/** Defects of holding. */
export const holdDefects: readonly Defect[] = [
  {
    name: 'held-leave-backwards',
    sentence: 'What was held leaves in the opposite order.',
    breaks: 'PRISM-RULE-13',
    apply: releasing(() => (frames) => frames.toReversed()),
  },
  {
    name: 'last-held-is-lost',
    sentence: 'The last frame that was held does not leave.',
    breaks: 'PRISM-RULE-13',
    apply: releasing(() => (frames) => frames.slice(0, -1)),
  },
  {
    name: 'held-leave-twice',
    sentence: 'What was held leaves twice.',
    breaks: 'PRISM-RULE-13',
    apply: releasing(() => (frames) => [...frames, ...frames]),
  },
  {
    name: 'held-lost-on-chown',
    sentence: 'What was held for the old owner does not leave after a change of owner.',
    breaks: 'PRISM-RULE-13',
    apply: releasing(
      () =>
        (frames, { op }) =>
          op === 'chown' ? [] : frames,
    ),
  },
  {
    name: 'later-segment-overtakes-held',
    sentence: 'What was held leaves behind the next segment.',
    breaks: 'PRISM-RULE-13',
    apply: (device) =>
      tapped(device, () => {
        let waiting: readonly PortFrame[] = [];
        return {
          released: (frames) => {
            waiting = [...waiting, ...frames];
            return [];
          },
          frame: async (input, tap) => {
            const left = await tap.pass(input);
            if (segmentOf(input.frame) === undefined) return left;
            const late = waiting;
            waiting = [];
            return [...left, ...late];
          },
        };
      }),
  },
  {
    name: 'held-shifted-for-old-owner',
    sentence: 'What was held has the numbers that the old owner counts.',
    breaks: 'PRISM-RULE-13',
    apply: (device) =>
      tapped(device, () => {
        let before = 0;
        return {
          command: async (command, tap) => {
            before = (await statusOf(tap, keyOfCommand(command)))?.rule.deltas.clientSeq ?? 0;
            return tap.tell(command);
          },
          released: (frames, command) =>
            frames.map((output) => {
              const segment = segmentOf(output.frame);
              if (command.op !== 'chown' || segment === undefined) return output;
              const frame = edited(segment, (octets, { tcp }) => {
                const at = tcp + TCP.seq;
                const came = octets.getUint32(at) - command.deltas.clientSeq;
                octets.setUint32(at, (came + before) >>> 0);
              });
              return { ...output, frame };
            }),
        };
      }),
  },
  {
    name: 'holds-less-than-declared',
    sentence: 'A lock holds one frame less than the device declares.',
    breaks: 'PRISM-RULE-13',
    apply: (device) =>
      tapped(device, () => {
        let held = 0;
        return {
          command: async (command, tap) => {
            held = 0;
            return tap.tell(command);
          },
          input: (input, { arriving }) => {
            const passage = underRule(input, arriving)?.passage;
            if (passage?.rule.locked !== true || !isForth(passage)) return [input];
            held += 1;
            return held >= HELD_FRAMES ? [] : [input];
          },
        };
      }),
  },
];
