/** Defects of headers that are longer than usual, and of packets that are long or short. */
import { dropping, overlooking, spoiling } from './change.ts';
import type { Defect } from './defect.ts';
import { hasIpOptions, payloadOctets, TCP, type Segment } from './edit.ts';
import { isForth } from './passage.ts';

function packetOctets({ ip, end }: Segment): number {
  return end - ip;
}

function headerWords({ tcp, payload }: Segment): number {
  return (payload - tcp) / 4;
}

/** Defects of long headers. */
const longHeaderDefects: readonly Defect[] = [
  {
    name: 'tcp-options-not-parsed',
    sentence: 'Segments whose TCP header is longer than 5 words are dropped.',
    breaks: 'PRISM-REW-11',
    apply: dropping((segment) => headerWords(segment) > 5),
  },
  {
    name: 'longest-tcp-header-dropped',
    sentence: 'Segments with a TCP header of 15 words are dropped.',
    breaks: 'PRISM-REW-11',
    apply: dropping((segment) => headerWords(segment) === 15),
  },
  {
    name: 'last-option-word-cleared',
    sentence: 'The fifteenth word of a TCP header leaves as 0.',
    breaks: 'PRISM-REW-11',
    apply: spoiling((octets, segment) => {
      if (headerWords(segment) === 15) octets.setUint32(segment.payload - 4, 0);
    }),
  },
  {
    name: 'ip-options-go-past-rules',
    sentence: 'Packets with IPv4 options are not matched and go where they would without a rule.',
    breaks: 'PRISM-REW-12',
    apply: overlooking((segment) => segment.version === 4 && hasIpOptions(segment)),
  },
  {
    name: 'tcp-header-read-in-ip-options',
    sentence:
      'TCP is read behind 20 octets of IPv4, and what stands there has the ports of no rule.',
    breaks: 'PRISM-REW-12',
    // Where no header seems to stand there, the packet goes its right way.
    apply: overlooking(({ frame, ip, tcp, end, version }) => {
      const words = (frame[ip + 20 + TCP.flags] ?? 0) >> 4;
      return version === 4 && tcp > ip + 20 && words >= 5 && tcp + 4 * words <= end;
    }),
  },
  {
    name: 'owner-ip-options-go-past-rules',
    sentence: 'Packets of an owner with 15 words of IPv4 header reach the client untranslated.',
    breaks: 'PRISM-REW-12',
    apply: overlooking(
      ({ tcp, ip, version }, passage) => version === 4 && tcp - ip === 60 && !isForth(passage),
    ),
  },
  {
    name: 'ip-options-dropped-though-claimed',
    sentence: 'Packets with IPv4 options are dropped by a device that claims to translate them.',
    breaks: 'PRISM-REW-12',
    apply: dropping((segment) => segment.version === 4 && hasIpOptions(segment)),
  },
  {
    name: 'port-written-into-ip-options',
    sentence: "Behind IPv4 options the owner's port is written where it would be without them.",
    breaks: 'PRISM-REW-12',
    apply: spoiling((octets, segment, passage) => {
      const { ip, tcp, version } = segment;
      if (version === 6 || !hasIpOptions(segment) || !isForth(passage)) return;
      octets.setUint16(tcp + TCP.destinationPort, passage.rule.virtual.port);
      octets.setUint16(ip + 20 + TCP.destinationPort, passage.rule.owner.port);
    }),
  },
  {
    name: 'extension-headers-go-past-rules',
    sentence: 'TCP behind an IPv6 extension header is not matched and goes on untranslated.',
    breaks: 'PRISM-REW-18',
    apply: overlooking((segment) => segment.version === 6 && hasIpOptions(segment)),
  },
  {
    name: 'port-written-into-extension-header',
    sentence: "The owner's port is written 40 octets into an IPv6 packet, whatever stands there.",
    breaks: 'PRISM-REW-18',
    apply: spoiling((octets, segment, passage) => {
      const { ip, tcp, version } = segment;
      if (version === 4 || !hasIpOptions(segment) || !isForth(passage)) return;
      octets.setUint16(tcp + TCP.destinationPort, passage.rule.virtual.port);
      octets.setUint16(ip + 40 + TCP.destinationPort, passage.rule.owner.port);
    }),
  },
];

/** Defects of sizes. */
const sizeDefects: readonly Defect[] = [
  {
    name: 'full-packets-dropped',
    sentence: 'Packets of exactly 1500 octets are dropped.',
    breaks: 'PRISM-REW-16',
    apply: dropping((segment) => packetOctets(segment) === 1500),
  },
  {
    name: 'packets-of-1024-dropped',
    sentence: 'Packets of exactly 1024 octets are dropped.',
    breaks: 'PRISM-REW-16',
    apply: dropping((segment) => packetOctets(segment) === 1024),
  },
  {
    name: 'octet-at-word-boundary-lost',
    sentence: 'The last octet of a frame of 32n + 1 octets leaves as 0.',
    breaks: 'PRISM-REW-03',
    apply: spoiling((octets, segment) => {
      const isAlone = segment.end % 32 === 1 && payloadOctets(segment) > 0;
      if (isAlone) octets.setUint8(segment.end - 1, 0);
    }),
  },
  {
    name: 'jumbo-dropped-though-claimed',
    sentence: 'Packets above 8192 octets are dropped by a device that claims 9000.',
    breaks: 'PRISM-REW-16',
    apply: dropping((segment) => packetOctets(segment) > 8192),
  },
];

/** Defects of headers and sizes. */
export const headerDefects: readonly Defect[] = [...longHeaderDefects, ...sizeDefects];
