/** Which checksums of a packet are right. */
import { pseudoHeaderSum, sumWords } from './checksum.ts';
import { ICMPV4, ICMPV6, quotesPacket } from './layers/icmp.ts';
import { IPV4 } from './layers/ipv4.ts';
import { IPV6 } from './layers/ipv6.ts';
import { PROTOCOL } from './layers/protocol.ts';
import { TCP } from './layers/tcp.ts';
import { UDP } from './layers/udp.ts';
import { parse } from './parse.ts';
import type { ParsedLayer } from './layer.ts';
import type { Ipv4Option } from './layers/ipv4-options.ts';
import type { Ipv4 } from './layers/ipv4.ts';
import type { Ipv6 } from './layers/ipv6.ts';
import type { FirstLayer } from './parse.ts';

/** One checksum of a packet. */
export interface VerifiedChecksum {
  readonly layer: 'ipv4' | 'tcp' | 'udp' | 'icmpv4' | 'icmpv6';
  /** Index of the layer in the packet. */
  readonly index: number;
  /** Offset of the checksum in the octets. */
  readonly at: number;
  readonly found: number;
  /** What a sender that sums up the whole packet writes. */
  readonly computed: number;
  /** Whether a receiver takes it: 0 and 0xffff are one number in ones' complement. */
  readonly valid: boolean;
}

/** The IP header whose payload is looked at. */
interface Context {
  readonly ip: Ipv4 | Ipv6;
  /** End of its payload, or -1 when transport checksums in it cannot be verified. */
  end: number;
}

/**
 * The checksums of the octets, outermost first.
 *
 * Left out is what cannot be verified: transport checksums of fragments, of cut and of quoted
 * packets, behind a source route or routing header that is not at its end, and UDP over IPv4
 * without a checksum.
 */
export function verifyChecksums(
  octets: Uint8Array,
  first?: FirstLayer,
): readonly VerifiedChecksum[] {
  const { layers, spans } = parse(octets, first);
  const found: VerifiedChecksum[] = [];
  let context: Context | undefined;
  let quoted = false;
  for (const [index, layer] of layers.entries()) {
    const span = spans[index];
    if (span === undefined) continue;
    const { at, length } = span;
    if (layer.kind === 'ipv4') {
      const value = layer.checksum;
      found.push(verify(octets, index, { layer: 'ipv4', at, end: at + length, value, sum: 0 }));
    }
    context = contextOf(layer, at, octets.length, context);
    if (quoted || context === undefined || context.end < 0) continue;
    const region = transportRegion(layer, at, context);
    if (region !== undefined) found.push(verify(octets, index, region));
    if (layer.kind === 'icmpv4' || layer.kind === 'icmpv6') {
      quoted = quotesPacket(layer.kind, layer.type);
    }
  }
  return found;
}

function contextOf(
  layer: ParsedLayer,
  at: number,
  available: number,
  context: Context | undefined,
): Context | undefined {
  if (layer.kind === 'ipv4') {
    const end = at + layer.totalLength;
    // A later fragment has no transport layer, so that mf says enough.
    const whole = layer.mf === 0 && end <= available;
    const sound = layer.totalLength >= layer.ihl * 4 && !layer.options.some(isUnfinishedRoute);
    return { ip: layer, end: whole && sound ? end : -1 };
  }
  if (layer.kind === 'ipv6') {
    const end = at + IPV6.lengthOctets + layer.payloadLength;
    return { ip: layer, end: end <= available ? end : -1 };
  }
  const fragment = layer.kind === 'ipv6Fragment' && layer.mf === 1;
  if (context !== undefined && (fragment || isRouted(layer))) return { ...context, end: -1 };
  return context;
}

/** While a source route has addresses left, the final destination is its last. RFC 1122 4.1.3.4. */
function isUnfinishedRoute(option: Ipv4Option): boolean {
  if (option.kind !== 'looseSourceRoute' && option.kind !== 'strictSourceRoute') return false;
  return option.route.length > 0 && option.pointer <= 3 + 4 * option.route.length;
}

/** Behind a routing header with segments left the final destination is elsewhere. RFC 8200 8.1. */
function isRouted(layer: ParsedLayer): boolean {
  if (layer.kind !== 'ipv6Extension' || layer.protocol !== PROTOCOL.routing) return false;
  return (layer.body[1] ?? 0) > 0;
}

/** What a checksum covers, its value, and the sum of its pseudo-header. */
interface Region {
  readonly layer: VerifiedChecksum['layer'];
  readonly at: number;
  readonly end: number;
  readonly value: number;
  readonly sum: number;
}

function transportRegion(layer: ParsedLayer, at: number, context: Context): Region | undefined {
  const { ip, end } = context;
  switch (layer.kind) {
    case 'tcp': {
      const sum = pseudoHeaderSum(ip, PROTOCOL.tcp, end - at);
      return { layer: 'tcp', at, end, value: layer.checksum, sum };
    }
    case 'udp': {
      const { length, checksum: value } = layer;
      if (length < UDP.lengthOctets || at + length > end) return undefined;
      if (value === 0 && ip.kind === 'ipv4') return undefined;
      const sum = pseudoHeaderSum(ip, PROTOCOL.udp, length);
      return { layer: 'udp', at, end: at + length, value, sum };
    }
    case 'icmpv4':
      return { layer: 'icmpv4', at, end, value: layer.checksum, sum: 0 };
    case 'icmpv6': {
      const sum = pseudoHeaderSum(ip, PROTOCOL.icmpv6, end - at);
      return { layer: 'icmpv6', at, end, value: layer.checksum, sum };
    }
    default:
      return undefined;
  }
}

const CHECKSUM_AT: Readonly<Record<VerifiedChecksum['layer'], number>> = {
  ipv4: IPV4.octetOf.checksum,
  tcp: TCP.octetOf.checksum,
  udp: UDP.octetOf.checksum,
  icmpv4: ICMPV4.octetOf.checksum,
  icmpv6: ICMPV6.octetOf.checksum,
};

function verify(octets: Uint8Array, index: number, region: Region): VerifiedChecksum {
  const { layer, end, value } = region;
  const at = region.at + CHECKSUM_AT[layer];
  const sum = sumWords(octets, at + 2, end, sumWords(octets, region.at, at, region.sum));
  const udp = layer === 'udp';
  const computed = udp && sum === 0xffff ? 0xffff : ~sum & 0xffff;
  const valid = !(udp && value === 0) && (value === computed || (value + sum) % 0xffff === 0);
  return { layer, index, at, found: value, computed, valid };
}
