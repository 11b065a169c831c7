/**
 * The first part of the rewriting program: what a frame of IPv4 is to the rules.
 *
 *   tagged ───────────────────▶ pass
 *   ICMP error ───────────────▶ about a rule's flow? incapable : pass
 *   TCP, fragment or illegible ▶ between a rule's hosts? unreadable : pass
 *   TCP, whole ───────────────▶ goes on
 */
import type { Line } from './assembler.ts';
import { compute, jump, jumpIf, label, load, store, swap } from './assembler.ts';
import {
  AT,
  ETHERNET_OCTETS,
  find,
  IPV4_OCTETS,
  LAYOUT_4,
  loadFrame,
  network16,
  SKB,
  TCP_OCTETS,
} from './lines.ts';

const HEADER_OCTETS = ETHERNET_OCTETS + IPV4_OCTETS + TCP_OCTETS;
const { ethernet, ip, source, destination } = LAYOUT_4;
const IP_AT = { totalLength: ip + 2, fragment: ip + 6, protocol: ip + 9 } as const;
const ICMP_OCTETS = 8;
/** Ports and sequence number: what every ICMP error quotes at least. RFC 792. */
const QUOTED_TCP_OCTETS = 8;
const PROTOCOL = { icmp: 1, tcp: 6 } as const;
/** Unreachable, time exceeded, parameter problem. RFC 792. */
const ICMP_ERRORS = [3, 11, 12];

/** `r9` becomes the octets of the IPv4 header. */
export function classify(): readonly Line[] {
  return [
    load('r2', 4, 'r6', SKB.hasTag),
    jumpIf('r2', '!=', 0, 'pass'),
    ...loadFrame(0, ethernet, HEADER_OCTETS, 'short'),
    label('ip'),
    load('r9', 1, 'fp', ip),
    compute('r8', '=', 'r9'),
    compute('r8', '>>=', 4),
    compute('r9', '&=', 0x0f),
    compute('r9', '<<=', 2),
    load('r2', 1, 'fp', IP_AT.protocol),
    jumpIf('r2', '==', PROTOCOL.icmp, 'icmp'),
    jumpIf('r2', '!=', PROTOCOL.tcp, 'pass'),
    jumpIf('r8', '!=', 4, 'opaque'),
    jumpIf('r9', '<', IPV4_OCTETS, 'opaque'),
    load('r2', 2, 'fp', IP_AT.fragment),
    // Later and first fragments alike, so that a datagram passes whole or not at all.
    jumpIf('r2', '&', network16(0x3fff), 'opaque'),
    jumpIf('r9', '==', IPV4_OCTETS, 'tcp'),
    // Behind IP options: to know the flow, that is enough.
    ...loadFrame(['r9', ETHERNET_OCTETS], AT.sourcePort, TCP_OCTETS, 'opaque'),
  ];
}

/** `r8` becomes the octets of the TCP header, which lies within packet and frame. */
export function measure(): readonly Line[] {
  return [
    label('tcp'),
    load('r8', 1, 'fp', AT.dataOffset),
    compute('r8', '>>=', 4),
    compute('r8', '<<=', 2),
    jumpIf('r8', '<', TCP_OCTETS, 'opaque'),
    load('r2', 2, 'fp', IP_AT.totalLength),
    swap('r2', 2),
    compute('r3', '=', 'r8'),
    compute('r3', '+=', 'r9'),
    jumpIf('r3', '>', 'r2', 'opaque'),
    compute('r3', '+=', ETHERNET_OCTETS),
    load('r2', 4, 'r6', SKB.length),
    jumpIf('r3', '>', 'r2', 'opaque'),
  ];
}

/** Less than the headers of TCP without options: opaque if it is TCP at all. */
export function short(): readonly Line[] {
  const octets = ETHERNET_OCTETS + IPV4_OCTETS;
  return [
    label('short'),
    ...loadFrame(0, ethernet, octets, 'pass'),
    load('r2', 1, 'fp', IP_AT.protocol),
    jumpIf('r2', '==', PROTOCOL.tcp, 'opaque'),
    jump('pass'),
  ];
}

/** Errors about a ruled flow would have to be translated; an error goes the way of a reply. */
export function icmp(flows: number): readonly Line[] {
  return [
    label('icmp'),
    jumpIf('r8', '!=', 4, 'pass'),
    jumpIf('r9', '<', IPV4_OCTETS, 'pass'),
    load('r2', 2, 'fp', IP_AT.fragment),
    jumpIf('r2', '&', network16(0x3fff), 'pass'),
    // `r9` becomes where the ICMP header stands, `r8` where the packet ends.
    compute('r9', '+=', ETHERNET_OCTETS),
    load('r8', 2, 'fp', IP_AT.totalLength),
    swap('r8', 2),
    compute('r8', '+=', ETHERNET_OCTETS),
    ...loadFrame('r9', AT.icmp, ICMP_OCTETS + IPV4_OCTETS, 'pass'),
    load('r2', 1, 'fp', AT.icmp),
    ...ICMP_ERRORS.map((type) => jumpIf('r2', '==', type, 'quote')),
    jump('pass'),
    label('quote'),
    load('r2', 1, 'fp', AT.quote + 9),
    jumpIf('r2', '!=', PROTOCOL.tcp, 'pass'),
    load('r2', 2, 'fp', AT.quote + 6),
    jumpIf('r2', '&', network16(0x1fff), 'pass'),
    load('r2', 1, 'fp', AT.quote),
    compute('r2', '&=', 0x0f),
    compute('r2', '<<=', 2),
    jumpIf('r2', '<', IPV4_OCTETS, 'pass'),
    compute('r9', '+=', 'r2'),
    compute('r9', '+=', ICMP_OCTETS),
    compute('r2', '=', 'r9'),
    compute('r2', '+=', QUOTED_TCP_OCTETS),
    jumpIf('r2', '>', 'r8', 'pass'),
    load('r3', 4, 'r6', SKB.length),
    jumpIf('r2', '>', 'r3', 'pass'),
    ...loadFrame('r9', AT.quotedPorts, 4, 'pass'),
    load('r2', 4, 'fp', AT.quote + 12),
    load('r3', 4, 'fp', destination),
    jumpIf('r2', '!=', 'r3', 'pass'),
    load('r3', 4, 'fp', AT.quote + 16),
    store('fp', source, 4, 'r3'),
    load('r2', 2, 'fp', AT.quotedPorts + 2),
    store('fp', AT.sourcePort, 2, 'r2'),
    load('r2', 2, 'fp', AT.quotedPorts),
    store('fp', AT.destinationPort, 2, 'r2'),
    ...find(flows, 'flows', source, 'pass'),
    jump('incapable'),
  ];
}
