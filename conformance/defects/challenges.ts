/** Defects of what answers a reset, and of resets that come from an owner that has gone. */
import { droppingAfter, underRule } from './change.ts';
import { passingLock } from './commanding.ts';
import type { Defect } from './defect.ts';
import { edited, hasFlag, payloadOctets, segmentOf } from './edit.ts';
import { trusting } from './keys.ts';
import { isForth, keyText, sameEnd } from './passage.ts';
import { isReset, unshift } from './resets.ts';
import { tapped } from './tap.ts';

const answerDefects: readonly Defect[] = [
  {
    name: 'challenge-acknowledgment-dropped',
    sentence: "The owner's first pure acknowledgment after a RST of the client is dropped.",
    breaks: 'PRISM-RST-07',
    apply: droppingAfter(() => {
      const awaited = new Set<string>();
      return (segment, passage) => {
        const key = keyText(passage.rule);
        if (isForth(passage)) {
          if (isReset(segment)) awaited.add(key);
          return false;
        }
        return payloadOctets(segment) === 0 && awaited.delete(key);
      };
    }),
  },
  {
    name: 'second-reset-dropped',
    sentence: 'After one RST of the client, further ones are dropped.',
    breaks: 'PRISM-RST-07',
    apply: droppingAfter(() => {
      const seen = new Set<string>();
      return (segment, passage) => {
        if (!isForth(passage) || !isReset(segment)) return false;
        const key = keyText(passage.rule);
        const isAgain = seen.has(key);
        seen.add(key);
        return isAgain;
      };
    }),
  },
  {
    name: 'challenge-to-syn-not-shifted',
    sentence: 'After a SYN of the client, the next segment of the owner is not shifted.',
    breaks: 'PRISM-RST-07',
    apply: (device) =>
      tapped(device, () => {
        let isNext = false;
        return {
          frame: async (input, tap) => {
            const { arriving } = await tap.passages();
            const found = underRule(input, arriving);
            if (found !== undefined && isForth(found.passage)) {
              isNext = hasFlag(found.segment, 'SYN');
            }
            return tap.pass(input);
          },
          output: (output, { leaving }) => {
            const found = underRule(output, leaving);
            if (found === undefined || isForth(found.passage) || !isNext) return [output];
            isNext = false;
            const frame = edited(found.segment, (octets) => {
              unshift(octets, found.segment, found.passage);
            });
            return [{ ...output, frame }];
          },
        };
      }),
  },
];

const oldOwnerDefects: readonly Defect[] = [
  {
    name: 'lock-passes-owner-resets',
    sentence: 'A lock lets a RST of the owner through to the client.',
    breaks: 'PRISM-RST-09',
    base: { lock: 'drop' },
    apply: passingLock((segment, passage) => !isForth(passage) && isReset(segment)),
  },
  {
    name: 'controller-reset-passes',
    sentence: 'A RST that the controller sends as the virtual endpoint reaches the client.',
    breaks: 'PRISM-RST-09',
    apply: (device) =>
      tapped(device, () => ({
        past: ({ port, frame }, { arriving, leaving, ports }) => {
          const segment = port === ports.controller ? segmentOf(frame) : undefined;
          if (segment === undefined || !isReset(segment)) return undefined;
          if (arriving(segment)?.rule.locked === false) return undefined;
          return leaving(segment)?.direction === 'owner-to-client' ? frame : undefined;
        },
      })),
  },
  {
    name: 'old-owner-reset-translated',
    sentence: 'A RST of the owner that a connection has left is translated for the client.',
    breaks: 'PRISM-RST-09',
    apply: trusting(
      (from, _owner, former, segment) =>
        isReset(segment) && former.some((each) => sameEnd(each, from)),
    ),
  },
];

/** Defects of challenges, and of old owners. */
export const challengeDefects: readonly Defect[] = [...answerDefects, ...oldOwnerDefects];
