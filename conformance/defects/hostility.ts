/** Defects that hostile traffic brings to light: wrong lengths, floods, loops, and what shows. */
import type { PortFrame } from '../driver/device.ts';
import { NO_DELTAS } from '../driver/deltas.ts';
import { overlooking, underRule, type Mutation } from './change.ts';
import type { Defect } from './defect.ts';
import { hasFlag, IPV4, overwritten, segmentOf, TCP, viewOf, type Segment } from './edit.ts';
import { endsOf, BODY, IP, protocolOf, sentTo } from './packet.ts';
import { isForth, sameEnd, type Passages } from './passage.ts';
import { tapped } from './tap.ts';

/** Lengths that a plain IPv4 packet claims, in octets. */
interface Claims {
  /** Of the IP packet. */
  readonly total: number;
  /** Of the TCP header. */
  readonly header: number;
  /** What the frame has for the IP packet. */
  readonly room: number;
}

function claimsOf(frame: Uint8Array): Claims | undefined {
  if (protocolOf(frame) !== 6 || frame.length < BODY + 20) return undefined;
  return {
    total: viewOf(frame).getUint16(IP + IPV4.totalLength),
    header: ((frame[BODY + TCP.flags] ?? 0) >> 4) * 4,
    room: frame.length - IP,
  };
}

function withTotal(frame: Uint8Array, total: number, checksum: number): Uint8Array {
  return overwritten(frame, (octets) => {
    octets.setUint16(IP + IPV4.totalLength, total);
    octets.setUint16(IP + IPV4.checksum, checksum);
  });
}

/** A device that takes the whole frame for the packet where its length says otherwise. */
function believing(isBelieved: (claims: Claims) => boolean): Mutation {
  return (device) =>
    tapped(device, () => ({
      frame: async (input, tap) => {
        const claims = claimsOf(input.frame);
        if (claims === undefined || !isBelieved(claims)) return tap.pass(input);
        const { total, room } = claims;
        const checksum = viewOf(input.frame).getUint16(IP + IPV4.checksum);
        const left = await tap.pass({ ...input, frame: withTotal(input.frame, room, checksum) });
        return left.map((output) =>
          claimsOf(output.frame) === undefined
            ? output
            : {
                ...output,
                frame: withTotal(
                  output.frame,
                  total,
                  viewOf(output.frame).getUint16(IP + IPV4.checksum),
                ),
              },
        );
      },
    }));
}

/** A segment behind an IPv4 header that is said to have 3 or 4 words, as its owner gets it. */
function afterShortHeader(frame: Uint8Array, { arriving }: Passages): Uint8Array | undefined {
  const words = (frame[IP] ?? 0) & 0x0f;
  const isShort = frame.length >= BODY && frame[12] === 8 && (words === 3 || words === 4);
  if (!isShort || frame[IP + 9] !== 6) return undefined;
  const ports = IP + 4 * words;
  const { from, to } = endsOf(frame);
  const view = viewOf(frame);
  const passage = arriving({
    from: { ...from, port: view.getUint16(ports) },
    to: { ...to, port: view.getUint16(ports + 2) },
  });
  if (passage === undefined || !isForth(passage)) return undefined;
  return overwritten(sentTo(frame, passage.rule.owner), (octets) => {
    octets.setUint16(ports + 2, passage.rule.owner.port);
  });
}

const lengthDefects: readonly Defect[] = [
  {
    name: 'data-offset-believed-past-end',
    sentence: 'Options are shifted as far as the data offset says, also behind the packet.',
    breaks: 'PRISM-SEC-04',
    apply: believing(({ total, header, room }) => 20 + header > total && 20 + header <= room),
  },
  {
    name: 'short-total-length-ignored',
    sentence: 'A TCP header is translated although the packet ends inside it.',
    breaks: 'PRISM-SEC-04',
    apply: believing(({ total }) => total < 40),
  },
  {
    name: 'short-ip-header-believed',
    sentence: 'Behind an IPv4 header of less than 5 words, ports are read out of addresses.',
    breaks: 'PRISM-SEC-04',
    apply: (device) =>
      tapped(device, () => ({
        past: ({ frame }, passages) => afterShortHeader(frame, passages),
      })),
  },
  {
    name: 'cut-header-hangs',
    sentence: 'After a frame that ends inside a TCP header, no segment of a rule leaves.',
    breaks: 'PRISM-SEC-04',
    apply: (device) =>
      tapped(device, () => {
        let isHanging = false;
        return {
          input: (input, { arriving }) => {
            const isCut = protocolOf(input.frame) === 6 && input.frame.length < BODY + 20;
            if (isCut && arriving(endsOf(input.frame)) !== undefined) isHanging = true;
            return isHanging && underRule(input, arriving) !== undefined ? [] : [input];
          },
        };
      }),
  },
];

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
  ...lengthDefects,
  ...loadDefects,
  ...loopDefects,
  ...disclosureDefects,
  ...damageDefects,
];
