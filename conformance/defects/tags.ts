/** Defects of tags, and of headers that a device does not know. */
import { dropping, overlooking, underRule, type Mutation } from './change.ts';
import type { Defect } from './defect.ts';
import { edited, overwritten, segmentOf, TCP, viewOf, writeAddress, type Segment } from './edit.ts';
import { isForth, type Passage } from './passage.ts';
import { tapped } from './tap.ts';

/** How many tags stand before the IP header. */
function tags({ ip }: Segment): number {
  return (ip - 14) / 4;
}

function isTagged(segment: Segment): boolean {
  return segment.frame[12] === 0x81 || segment.frame[12] === 0x88;
}

/** `frame` without the four octets at `at`. */
function without(frame: Uint8Array, at: number): Uint8Array {
  return Uint8Array.of(...frame.subarray(0, at), ...frame.subarray(at + 4));
}

/** A device that changes the tags of what it translates. */
function retagging(change: (segment: Segment, passage: Passage) => Uint8Array): Mutation {
  return (device) =>
    tapped(device, () => ({
      output: (output, { leaving }) => {
        const found = underRule(output, leaving);
        if (found === undefined || !isTagged(found.segment)) return [output];
        return [{ ...output, frame: change(found.segment, found.passage) }];
      },
    }));
}

/** Where an untagged IPv4 header has its destination. */
const UNTAGGED_DESTINATION = 30;

/** A device that writes the owner's address where it would stand in a plain frame. */
function blind(isBlindFor: (frame: Uint8Array) => boolean): Mutation {
  return (device) =>
    tapped(device, () => ({
      past: ({ frame, port }, { rules, ports }) => {
        const [first] = rules;
        if (first === undefined || port !== ports.client0 || !isBlindFor(frame)) return undefined;
        return overwritten(frame, (octets) => {
          writeAddress(octets, UNTAGGED_DESTINATION, first.rule.owner.address);
        });
      },
    }));
}

/** An IPv4 address in an IPv6 one. RFC 4291 section 2.5.5.2. */
function unmapped(address: string): string {
  return address.replace(/^::ffff:/u, '');
}

/** Defects of tags and unknown headers. */
export const tagDefects: readonly Defect[] = [
  {
    name: 'tagged-frame-written-blindly',
    sentence: 'A device without VLAN writes into a tagged frame where an address would be without.',
    breaks: 'PRISM-FWD-09',
    base: { claims: ['SPLICE', 'TS', 'WS', 'HOLD', 'PUNT', 'ICMP', 'FRAG', 'IPOPT', 'V6'] },
    apply: blind((frame) => frame[12] === 0x81 && frame[13] === 0),
  },
  {
    name: 'snap-frame-written-blindly',
    sentence: 'In a frame with LLC and SNAP the address is written where Ethernet II has it.',
    breaks: 'PRISM-FWD-09',
    apply: blind((frame) => frame[14] === 0xaa && frame[15] === 0xaa && (frame[12] ?? 0) < 6),
  },
  {
    name: 'second-tag-lost',
    sentence: 'Of two tags the inner one is lost when a rule translates the frame.',
    breaks: 'PRISM-FWD-09',
    apply: retagging((segment) =>
      tags(segment) === 2 ? without(segment.frame, 16) : segment.frame,
    ),
  },
  {
    name: 'ipv4-mapped-twin-translated',
    sentence: 'An IPv6 packet with IPv4-mapped addresses is taken for the IPv4 one.',
    breaks: 'PRISM-FWD-09',
    apply: (device) =>
      tapped(device, () => ({
        past: ({ frame }, { arriving }) => {
          const segment = segmentOf(frame);
          if (segment?.version !== 6) return undefined;
          const [from, to] = [segment.from, segment.to].map(({ address, port }) => ({
            address: unmapped(address),
            port,
          }));
          if (from === undefined || to === undefined) return undefined;
          const passage = from.address.includes(':') ? undefined : arriving({ from, to });
          if (passage === undefined || !isForth(passage)) return undefined;
          return edited(segment, (octets, { ip, tcp }) => {
            writeAddress(octets, ip + 36, passage.rule.owner.address);
            octets.setUint16(tcp + TCP.destinationPort, passage.rule.owner.port);
          });
        },
      })),
  },
  {
    name: 'tagged-frames-go-past-rules',
    sentence: 'Tagged frames are bridged by a device that claims to translate them.',
    breaks: 'PRISM-FWD-10',
    apply: overlooking(isTagged),
  },
  {
    name: 'two-tags-go-past-rules',
    sentence: 'Frames with two tags are bridged by a device that claims to translate them.',
    breaks: 'PRISM-FWD-10',
    apply: overlooking((segment) => isTagged(segment) && tags(segment) === 2),
  },
  {
    name: 'tag-lost',
    sentence: 'A frame that a rule translates loses its tag.',
    breaks: 'PRISM-FWD-10',
    apply: retagging((segment) =>
      tags(segment) === 1 ? without(segment.frame, 12) : segment.frame,
    ),
  },
  {
    name: 'priority-cleared',
    sentence: 'The priority in the tag of a translated frame is cleared.',
    breaks: 'PRISM-FWD-10',
    apply: retagging(({ frame }) =>
      overwritten(frame, (octets) => {
        octets.setUint16(14, viewOf(frame).getUint16(14) & 0x1fff);
      }),
    ),
  },
  {
    name: 'long-tagged-frames-dropped',
    sentence: 'A packet of 1500 octets behind a tag is too long for the device.',
    breaks: 'PRISM-FWD-10',
    apply: dropping((segment) => isTagged(segment) && segment.frame.length > 1514),
  },
];
