/** Defects of delivery: twins of other protocols, frames that leave twice, and MAC addresses. */
import { overlooking, underRule, type Mutation } from './change.ts';
import type { Defect } from './defect.ts';
import { overwritten } from './edit.ts';
import { BODY, endsOf, protocolOf, sentTo } from './packet.ts';
import { isForth, sameEnd } from './passage.ts';
import { tapped } from './tap.ts';

/** A device that takes packets of other protocols for segments of a rule. */
function translatingTwins(protocols: readonly number[]): Mutation {
  return (device) =>
    tapped(device, () => ({
      past: ({ frame }, { arriving }) => {
        const protocol = protocolOf(frame);
        if (protocol === undefined || !protocols.includes(protocol)) return undefined;
        const passage = arriving(endsOf(frame));
        if (passage === undefined || !isForth(passage)) return undefined;
        return overwritten(sentTo(frame, passage.rule.owner), (octets) => {
          octets.setUint16(BODY + 2, passage.rule.owner.port);
        });
      },
    }));
}

const twinDefects: readonly Defect[] = [
  {
    name: 'udp-twin-translated',
    sentence: "A UDP datagram with a rule's addresses and ports goes to the owner.",
    breaks: 'PRISM-FWD-03',
    apply: translatingTwins([17]),
  },
  {
    name: 'sctp-twin-translated',
    sentence: "An SCTP packet with a rule's addresses and ports goes to the owner.",
    breaks: 'PRISM-FWD-03',
    apply: translatingTwins([132]),
  },
  {
    name: 'protocol-half-compared',
    sentence: 'The highest bit of the IP protocol number is not compared.',
    breaks: 'PRISM-FWD-03',
    apply: translatingTwins([0x86]),
  },
];

const onceDefects: readonly Defect[] = [
  {
    name: 'thousandth-leaves-twice',
    sentence: 'Every thousandth frame that a rule translates leaves twice.',
    breaks: 'PRISM-FWD-11',
    apply: (device) =>
      tapped(device, () => {
        let count = 0;
        return {
          output: (output, { leaving }) => {
            if (underRule(output, leaving) !== undefined) count += 1;
            return count % 1000 === 999 ? [output, output] : [output];
          },
        };
      }),
  },
  {
    name: 'broadcasts-leave-twice',
    sentence: 'A frame to all stations leaves each port twice.',
    breaks: 'PRISM-FWD-11',
    apply: (device) =>
      tapped(device, () => ({
        output: (output) => {
          const isBroadcast = output.frame.subarray(0, 6).every((octet) => octet === 0xff);
          return isBroadcast ? [output, output] : [output];
        },
      })),
  },
];

const addressTableDefects: readonly Defect[] = [
  {
    name: 'client-learned-at-owner',
    sentence:
      "A translated segment teaches the address table that the client is at the owner's port.",
    breaks: 'PRISM-FWD-12',
    apply: (device) =>
      tapped(device, () => ({
        frame: async (input, tap) => {
          const { arriving, ports } = await tap.passages();
          const left = await tap.pass(input);
          const passage = underRule(input, arriving)?.passage;
          const [output] = left;
          if (passage === undefined || output === undefined || !isForth(passage)) return left;
          if (output.port === ports.punt) return left;
          // Sent to itself, so that it goes nowhere.
          const own = input.frame.slice(6, 12);
          const lesson = Uint8Array.of(...own, ...own, 0x88, 0xb6, ...new Uint8Array(46));
          await tap.pass({ port: output.port, frame: lesson });
          return left;
        },
      })),
  },
];

const directDefects: readonly Defect[] = [
  {
    name: 'direct-return-not-addressed',
    sentence: "Under a MAC-only rule the client's segments keep the controller's MAC address.",
    breaks: 'PRISM-FWD-13',
    apply: overlooking(
      (_segment, passage) => isForth(passage) && sameEnd(passage.rule.owner, passage.rule.virtual),
    ),
  },
  {
    name: 'direct-owner-taken-for-impostor',
    sentence:
      'Under a MAC-only rule the owner is dropped as one who poses as the virtual endpoint.',
    breaks: 'PRISM-FWD-13',
    apply: (device) =>
      tapped(device, () => ({
        input: (input, { arriving }) => {
          const passage = underRule(input, arriving)?.passage;
          const isDirect =
            passage !== undefined &&
            !isForth(passage) &&
            sameEnd(passage.rule.owner, passage.rule.virtual);
          return isDirect ? [] : [input];
        },
      })),
  },
];

/** Defects of delivery. */
export const deliveryDefects: readonly Defect[] = [
  ...twinDefects,
  ...onceDefects,
  ...addressTableDefects,
  ...directDefects,
];
