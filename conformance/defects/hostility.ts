/** Defects that hostile traffic brings to light: floods, loops, and what shows or breaks. */
import type { PortFrame } from '../driver/device.ts';
import { NO_DELTAS } from '../driver/deltas.ts';
import { overlooking, underRule } from './change.ts';
import type { Defect } from './defect.ts';
import { hasFlag, segmentOf, type Segment } from './edit.ts';
import { claimsOf } from './lengths.ts';
import { BODY, endsOf, protocolOf } from './packet.ts';
import { isForth, sameEnd } from './passage.ts';
import { tapped } from './tap.ts';

function isSyn(segment: Segment): boolean {
  return hasFlag(segment, 'SYN') && !hasFlag(segment, 'ACK');
}

const loadDefects: readonly Defect[] = [
  {
    name: 'syn-makes-rule',
    sentence: 'A SYN to a virtual endpoint makes a rule for the controller.',
    breaks: 'PRISM-SEC-05',
    apply: (device) =>
      tapped(device, () => ({
        frame: async (input, tap) => {
          const { arriving, rules } = await tap.passages();
          const segment = segmentOf(input.frame);
          const isNew = segment !== undefined && isSyn(segment) && arriving(segment) === undefined;
          if (!isNew || !rules.some(({ rule }) => sameEnd(rule.virtual, segment.to))) {
            return tap.pass(input);
          }
          const mac = Array.from(input.frame.subarray(0, 6), (octet) =>
            octet.toString(16).padStart(2, '0'),
          ).join(':');
          const { from: client, to: virtual } = segment;
          const rule = { client, virtual, owner: { ...virtual, mac }, deltas: NO_DELTAS };
          await tap.device.command({ op: 'add', rule: { ...rule, locked: false }, epoch: 0 });
          return tap.pass(input);
        },
      })),
  },
  {
    name: 'thousandth-syn-removes-rule',
    sentence: 'Every thousandth SYN of an unknown connection pushes out a rule.',
    breaks: 'PRISM-SEC-05',
    apply: (device) =>
      tapped(device, () => {
        let count = 0;
        return {
          frame: async (input, tap) => {
            const { arriving, rules } = await tap.passages();
            const segment = segmentOf(input.frame);
            const isNew =
              segment !== undefined && isSyn(segment) && arriving(segment) === undefined;
            const left = await tap.pass(input);
            if (!isNew) return left;
            count += 1;
            const [oldest] = rules;
            if (count % 1000 === 0 && oldest !== undefined) {
              await tap.tell({ op: 'delete', key: oldest.rule, epoch: oldest.epoch });
            }
            return left;
          },
        };
      }),
  },
];

const loopDefects: readonly Defect[] = [
  {
    name: 'translated-twice',
    sentence: 'A segment whose new destination is another virtual endpoint is translated again.',
    breaks: 'PRISM-SEC-06',
    apply: (device) =>
      tapped(device, () => ({
        frame: async (input, tap) => {
          const { arriving } = await tap.passages();
          const left = await tap.pass(input);
          if (underRule(input, arriving) === undefined) return left;
          const again: PortFrame[] = [];
          for (const output of left) {
            const passage = underRule(output, arriving)?.passage;
            const isAgain = passage !== undefined && isForth(passage);
            again.push(...(isAgain ? await tap.pass({ ...output, port: input.port }) : [output]));
          }
          return again;
        },
      })),
  },
  {
    name: 'segment-to-itself-leaves-twice',
    sentence: 'A segment from the virtual endpoint to itself leaves twice.',
    breaks: 'PRISM-SEC-06',
    apply: (device) =>
      tapped(device, () => ({
        output: (output, { rules }) => {
          const segment = segmentOf(output.frame);
          const isLand =
            segment !== undefined &&
            sameEnd(segment.from, segment.to) &&
            rules.some(({ rule }) => sameEnd(rule.virtual, segment.to));
          return isLand ? [output, output] : [output];
        },
      })),
  },
];

/** ICMP, an error: what a host says of a packet that it got. RFC 792. */
function isIcmpError(frame: Uint8Array): boolean {
  return protocolOf(frame) === 1 && [3, 4, 5, 11, 12].includes(frame[BODY] ?? 0);
}

const disclosureDefects: readonly Defect[] = [
  {
    name: 'segment-without-flags-shows-backend',
    sentence: "The owner's segments without any flag reach the client from the owner's address.",
    breaks: 'PRISM-SEC-07',
    apply: overlooking((segment, passage) => !isForth(passage) && segment.flags === 0),
  },
  {
    name: 'icmp-error-of-owner-shows-backend',
    sentence: "The owner's ICMP errors about the client's segments reach the client as they are.",
    breaks: 'PRISM-SEC-07',
    apply: (device) =>
      tapped(device, () => ({
        past: ({ port, frame }, { rules, ports }) =>
          rules.length > 0 && port === ports.backend0 && isIcmpError(frame) ? frame : undefined,
      })),
  },
  {
    name: 'locked-rule-shows-backend',
    sentence: "While a rule is locked, the owner's segments are bridged as if it had none.",
    breaks: 'PRISM-SEC-07',
    apply: overlooking((_segment, passage) => !isForth(passage) && passage.rule.locked),
  },
];

/** Whether a frame is too short for an Ethernet header. */
function isRunt({ frame }: PortFrame): boolean {
  return frame.length < 14;
}

const damageDefects: readonly Defect[] = [
  {
    name: 'runt-removes-rule',
    sentence: 'A frame shorter than an Ethernet header removes the last rule.',
    breaks: 'PRISM-SEC-08',
    apply: (device) =>
      tapped(device, () => ({
        frame: async (input, tap) => {
          const last = isRunt(input) ? (await tap.passages()).rules.at(-1) : undefined;
          if (last !== undefined) {
            await tap.tell({ op: 'delete', key: last.rule, epoch: last.epoch });
          }
          return tap.pass(input);
        },
      })),
  },
  {
    name: 'damaged-header-locks-rule',
    sentence: 'A segment of a rule whose data offset is below 5 locks the rule.',
    breaks: 'PRISM-SEC-08',
    apply: (device) =>
      tapped(device, () => ({
        frame: async (input, tap) => {
          const { arriving, rules } = await tap.passages();
          const claims = claimsOf(input.frame);
          const isDamaged = claims !== undefined && claims.header < 20;
          const rule = isDamaged ? arriving(endsOf(input.frame))?.rule : undefined;
          const status = rules.find((each) => each.rule === rule);
          if (status !== undefined) {
            await tap.tell({ op: 'lock', key: status.rule, epoch: status.epoch });
          }
          return tap.pass(input);
        },
      })),
  },
];

/** Defects that hostile traffic brings to light. */
export const hostilityDefects: readonly Defect[] = [
  ...loadDefects,
  ...loopDefects,
  ...disclosureDefects,
  ...damageDefects,
];
