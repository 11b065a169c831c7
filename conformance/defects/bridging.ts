/** Defects of frames that no rule is for, of MAC addresses, and of frames that leave twice. */
import { build, parse, type Layer } from 'scapy-ts';
import type { PortFrame } from '../driver/device.ts';
import { overlooking, underRule, type Mutation } from './change.ts';
import { tcpChecksum } from './checksums.ts';
import type { Defect } from './defect.ts';
import { IPV4, overwritten, segmentOf, TCP, viewOf } from './edit.ts';
import { endsOf, IP, protocolOf, repaired, sentTo, BODY } from './packet.ts';
import { isForth, sameEnd, type Passages } from './passage.ts';
import { tapped } from './tap.ts';

const ARP = 0x0806;
const UDP = 17;

function etherType(frame: Uint8Array): number {
  return frame.length < 14 ? 0 : viewOf(frame).getUint16(12);
}

/** What becomes of a frame that has passed no rule; undefined if it does not leave. */
type Bridged = (output: PortFrame, passages: Passages) => Uint8Array | undefined;

/** A device that changes or drops what it bridges. */
function bridging(change: Bridged): Mutation {
  return (device) =>
    tapped(device, () => ({
      output: (output, passages) => {
        if (underRule(output, passages.leaving) !== undefined) return [output];
        const frame = change(output, passages);
        return frame === undefined ? [] : [{ ...output, frame }];
      },
    }));
}

function withUdpChecksum(layer: Layer): Layer {
  if (layer.kind !== 'udp') return layer;
  const { checksum: _zero, ...rest } = layer;
  return rest;
}

const bridgeDefects: readonly Defect[] = [
  {
    name: 'bridge-takes-from-ttl',
    sentence: 'A device that is no router takes one from the TTL of other connections.',
    breaks: 'PRISM-FWD-01',
    apply: bridging(({ frame }) =>
      protocolOf(frame) === 6
        ? repaired(frame, (octets) => {
            octets.setUint8(IP + IPV4.ttl, octets.getUint8(IP + IPV4.ttl) - 1);
          })
        : frame,
    ),
  },
  {
    name: 'bridge-sets-source-mac',
    sentence: "What is bridged between hosts comes from the device's own MAC address.",
    breaks: 'PRISM-FWD-01',
    apply: bridging(({ frame }) =>
      protocolOf(frame) === undefined
        ? frame
        : overwritten(frame, (octets) => {
            octets.setUint32(8, 0xd0d0d0d0);
          }),
    ),
  },
  {
    name: 'bridge-fills-udp-checksum',
    sentence: 'A UDP datagram without a checksum leaves with one.',
    breaks: 'PRISM-FWD-01',
    apply: bridging(({ frame }) =>
      protocolOf(frame) === UDP && viewOf(frame).getUint16(BODY + 6) === 0
        ? build(parse(frame).layers.map(withUdpChecksum))
        : frame,
    ),
  },
  {
    name: 'bridge-repairs-checksum',
    sentence: 'The TCP checksum of other connections is computed anew, also where it was wrong.',
    breaks: 'PRISM-FWD-01',
    apply: bridging(({ frame }) => {
      const segment = segmentOf(frame);
      return segment === undefined
        ? frame
        : overwritten(frame, (octets) => {
            octets.setUint16(segment.tcp + TCP.checksum, tcpChecksum(segment, segment.end));
          });
    }),
  },
  {
    name: 'bridge-drops-llc',
    sentence: 'Frames with a length in place of an EtherType are dropped.',
    breaks: 'PRISM-FWD-01',
    apply: bridging(({ frame }) => (etherType(frame) < 0x600 ? undefined : frame)),
  },
  {
    name: 'bridge-drops-longest',
    sentence: 'Frames of 1514 octets are not bridged.',
    breaks: 'PRISM-FWD-01',
    apply: bridging(({ frame }) => (frame.length === 1514 ? undefined : frame)),
  },
  {
    name: 'multicast-misses-backends',
    sentence: 'An IPv4 multicast does not leave at the ports of backends.',
    breaks: 'PRISM-FWD-01',
    apply: bridging(({ port, frame }, { ports }) =>
      frame[0] === 0x01 && (port === ports.backend0 || port === ports.backend1) ? undefined : frame,
    ),
  },
  {
    name: 'arp-broadcast-misses-controller',
    sentence: 'An ARP request does not leave at the port of the controller.',
    breaks: 'PRISM-FWD-02',
    apply: bridging(({ port, frame }, { ports }) =>
      etherType(frame) === ARP && frame[0] === 0xff && port === ports.controller
        ? undefined
        : frame,
    ),
  },
  {
    name: 'arp-answer-names-owner',
    sentence: "An ARP answer for a virtual address tells the owner's MAC address.",
    breaks: 'PRISM-FWD-02',
    apply: bridging(({ frame }, { rules }) => {
      if (etherType(frame) !== ARP || frame[21] !== 2) return frame;
      const sender = frame.slice(28, 32).join('.');
      const owner = rules.find(({ rule }) => rule.virtual.address === sender)?.rule.owner;
      if (owner === undefined) return frame;
      return Uint8Array.of(
        ...frame.slice(0, 22),
        ...owner.mac.split(':').map((octet) => Number.parseInt(octet, 16)),
        ...frame.slice(28),
      );
    }),
  },
];

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
    apply: translatingTwins([UDP]),
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

/** Defects of what no rule is for. */
export const bridgingDefects: readonly Defect[] = [
  ...bridgeDefects,
  ...twinDefects,
  ...onceDefects,
  ...addressTableDefects,
  ...directDefects,
];
