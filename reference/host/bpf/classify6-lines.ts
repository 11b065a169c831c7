/**
 * The first part of the rewriting program: what a frame of IPv6 is to the rules.
 *
 *   tagged ─────────────────────▶ pass
 *   ICMPv6 error ───────────────▶ about a rule's flow? incapable : pass
 *   TCP, perhaps, behind a header ▶ between a rule's hosts? unreadable : pass
 *   TCP ────────────────────────▶ goes on
 *
 * Extension headers are not walked: TCP behind one is dropped, fragments among it.
 */
import type { Line } from './assembler.ts';
import { compute, jump, jumpIf, label, load, store, swap } from './assembler.ts';
import { AT, find, IPV6_OCTETS, LAYOUT_6, loadFrame, SKB, TCP_OCTETS, wordsIn } from './lines.ts';

const { ethernet, ip, source, destination, tcpAt, addressOctets } = LAYOUT_6;
const IP_AT = { payloadLength: ip + 4, nextHeader: ip + 6 } as const;
const QUOTE_AT = {
  nextHeader: AT.quote + 6,
  source: AT.quote + 8,
  destination: AT.quote + 24,
} as const;
const ICMP_OCTETS = 8;
/** Ports and sequence number: what every ICMP error quotes at least. */
const QUOTED_TCP_OCTETS = 8;
const NEXT = { tcp: 6, icmp: 58 } as const;
/** Hop-by-hop options, routing, fragment, destination options. RFC 8200 section 4. */
const EXTENSIONS = [0, 43, 44, 60];
/** Unreachable, packet too big, time exceeded, parameter problem. RFC 4443. */
const ICMP_ERRORS = [1, 2, 3, 4];

/** Goes on where the frame holds TCP right behind its IPv6 header. */
export function classify6(): readonly Line[] {
  return [
    load('r2', 4, 'r6', SKB.hasTag),
    jumpIf('r2', '!=', 0, 'pass'),
    ...loadFrame(0, ethernet, tcpAt + TCP_OCTETS, 'short'),
    load('r8', 1, 'fp', ip),
    compute('r8', '>>=', 4),
    load('r2', 1, 'fp', IP_AT.nextHeader),
    jumpIf('r2', '==', NEXT.icmp, 'icmp'),
    ...EXTENSIONS.map((header) => jumpIf('r2', '==', header, 'extension')),
    jumpIf('r2', '!=', NEXT.tcp, 'pass'),
    jumpIf('r8', '!=', 6, 'opaque'),
  ];
}

/** `r8` becomes the octets of the TCP header, which lies within packet and frame. */
export function measure6(): readonly Line[] {
  return [
    load('r8', 1, 'fp', AT.dataOffset),
    compute('r8', '>>=', 4),
    compute('r8', '<<=', 2),
    jumpIf('r8', '<', TCP_OCTETS, 'opaque'),
    load('r2', 2, 'fp', IP_AT.payloadLength),
    swap('r2', 2),
    jumpIf('r8', '>', 'r2', 'opaque'),
    compute('r3', '=', 'r8'),
    compute('r3', '+=', tcpAt),
    load('r2', 4, 'r6', SKB.length),
    jumpIf('r3', '>', 'r2', 'opaque'),
  ];
}

/** Less than the headers of TCP without options: opaque if it is TCP at all, or may be. */
export function short6(): readonly Line[] {
  return [
    label('short'),
    ...loadFrame(0, ethernet, tcpAt, 'pass'),
    load('r2', 1, 'fp', IP_AT.nextHeader),
    ...[NEXT.tcp, ...EXTENSIONS].map((header) => jumpIf('r2', '==', header, 'opaque')),
    jump('pass'),
    label('extension'),
    load('r2', 1, 'fp', AT.sourcePort),
    ...[NEXT.tcp, ...EXTENSIONS].map((header) => jumpIf('r2', '==', header, 'opaque')),
    jump('pass'),
  ];
}

/** Errors about a ruled flow would have to be translated; an error goes the way of a reply. */
export function icmp6(flows: number): readonly Line[] {
  return [
    label('icmp'),
    jumpIf('r8', '!=', 6, 'pass'),
    load('r8', 2, 'fp', IP_AT.payloadLength),
    swap('r8', 2),
    jumpIf('r8', '<', ICMP_OCTETS + IPV6_OCTETS + QUOTED_TCP_OCTETS, 'pass'),
    ...loadFrame(tcpAt, AT.icmp, ICMP_OCTETS + IPV6_OCTETS, 'pass'),
    load('r2', 1, 'fp', AT.icmp),
    ...ICMP_ERRORS.map((type) => jumpIf('r2', '==', type, 'quote')),
    jump('pass'),
    label('quote'),
    load('r2', 1, 'fp', QUOTE_AT.nextHeader),
    jumpIf('r2', '!=', NEXT.tcp, 'pass'),
    load('r3', 4, 'r6', SKB.length),
    jumpIf('r3', '<', tcpAt + ICMP_OCTETS + IPV6_OCTETS + QUOTED_TCP_OCTETS, 'pass'),
    ...loadFrame(tcpAt + ICMP_OCTETS + IPV6_OCTETS, AT.quotedPorts, 4, 'pass'),
    ...wordsIn(addressOctets).flatMap((word) => [
      load('r2', 4, 'fp', QUOTE_AT.source + word),
      load('r3', 4, 'fp', destination + word),
      jumpIf('r2', '!=', 'r3', 'pass'),
      load('r3', 4, 'fp', QUOTE_AT.destination + word),
      store('fp', source + word, 4, 'r3'),
    ]),
    load('r2', 2, 'fp', AT.quotedPorts + 2),
    store('fp', AT.sourcePort, 2, 'r2'),
    load('r2', 2, 'fp', AT.quotedPorts),
    store('fp', AT.destinationPort, 2, 'r2'),
    ...find(flows, 'flows6', source, 'pass'),
    jump('incapable'),
  ];
}
