/** Defects of frames that no rule is for, of MAC addresses, and of frames that leave twice. */
import { build, parse, type Layer } from 'scapy-ts';
import type { PortFrame } from '../driver/device.ts';
import { underRule, type Mutation } from './change.ts';
import { tcpChecksum } from './checksums.ts';
import type { Defect } from './defect.ts';
import { IPV4, overwritten, segmentOf, TCP, viewOf } from './edit.ts';
import { BODY, IP, protocolOf, repaired } from './packet.ts';
import type { Passages } from './passage.ts';
import { tapped } from './tap.ts';

const ARP = 0x0806;
const UDP = 17;

function etherType(frame: Uint8Array): number {
  return frame.length < 14 ? 0 : viewOf(frame).getUint16(12);
}

/** The MAC address at octet `at`, as a key. */
function macText(frame: Uint8Array, at: number): string {
  return frame.subarray(at, at + 6).join();
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

/** Defects of bridging. */
export const bridgeDefects: readonly Defect[] = [
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
    name: 'group-address-learned',
    sentence: 'A group address is learned as if it were a host: its frames go there alone.',
    breaks: 'PRISM-FWD-01',
    apply: (device) =>
      tapped(device, () => {
        const learned = new Map<string, number>();
        return {
          input: (input) => {
            const { frame, port } = input;
            if (((frame[6] ?? 0) & 1) === 1) learned.set(macText(frame, 6), port);
            return [input];
          },
          output: (output) => {
            const port = learned.get(macText(output.frame, 0));
            return port === undefined || port === output.port ? [output] : [];
          },
        };
      }),
  },
  {
    name: 'frame-sent-back',
    sentence: 'A frame to a host behind the port that it came from leaves there again.',
    breaks: 'PRISM-FWD-01',
    apply: (device) =>
      tapped(device, () => {
        const heard = new Map<string, number>();
        return {
          frame: async (input, tap) => {
            const { frame, port } = input;
            heard.set(macText(frame, 6), port);
            const left = await tap.pass(input);
            return heard.get(macText(frame, 0)) === port ? [...left, input] : left;
          },
        };
      }),
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
