/** What the writers of the layers share: where they write, and what stands around them. */
import { ipv4FromNumber, ipv6FromBigInt } from '../address.ts';
import { pseudoHeaderSum, sumWords } from '../checksum.ts';
import { ETHER_TYPE } from './ether-type.ts';
import { PROTOCOL } from './protocol.ts';
import type { Layer, Packet } from '../layer.ts';

/** The place of one layer in the packet that is being built; what is inside is written already. */
export interface Site {
  readonly octets: Uint8Array;
  readonly packet: Packet;
  /** Index of the layer in the packet. */
  index: number;
  /** First octet of the layer. */
  at: number;
  /** First octet of its payload. */
  payload: number;
  /** End of its payload; padding is not counted. */
  end: number;
}

/** The EtherType of what follows the layer. */
export function nextEtherType({ packet, index }: Site): number {
  switch (packet[index + 1]?.kind) {
    case 'ipv4':
      return ETHER_TYPE.ipv4;
    case 'ipv6':
      return ETHER_TYPE.ipv6;
    case 'arp':
      return ETHER_TYPE.arp;
    case 'dot1q':
      return packet[index + 2]?.kind === 'dot1q' ? ETHER_TYPE.dot1ad : ETHER_TYPE.dot1q;
    default:
      return ETHER_TYPE.experimental;
  }
}

/** The protocol number of what follows the layer; `nothing` when nothing does. */
export function nextProtocol({ packet, index }: Site, nothing: number): number {
  const next = packet[index + 1];
  switch (next?.kind) {
    case undefined:
    case 'padding':
      return nothing;
    case 'tcp':
    case 'tcpQuote':
      return PROTOCOL.tcp;
    case 'udp':
      return PROTOCOL.udp;
    case 'icmpv4':
      return PROTOCOL.icmpv4;
    case 'icmpv6':
      return PROTOCOL.icmpv6;
    case 'ipv4':
      return PROTOCOL.ipv4;
    case 'ipv6':
      return PROTOCOL.ipv6;
    case 'ipv6Extension':
      return next.protocol ?? PROTOCOL.destination;
    case 'ipv6Fragment':
      return PROTOCOL.fragment;
    default:
      return PROTOCOL.experimental;
  }
}

/**
 * The checksum over pseudo-header, header and payload, or 0 where no IP header stands outside.
 *
 * The header's own checksum field must hold 0.
 */
export function transportChecksum(
  { octets, packet, index, at, end }: Site,
  protocol: number,
): number {
  const ip = enclosingIp(packet, index);
  if (ip === undefined) return 0;
  const length = end - at;
  const sum =
    ip.kind === 'ipv4'
      ? pseudoHeaderSum(
          { kind: 'ipv4', src: ip.src ?? NO_IPV4, dst: ip.dst ?? NO_IPV4 },
          protocol,
          length,
        )
      : pseudoHeaderSum(
          { kind: 'ipv6', src: ip.src ?? NO_IPV6, dst: ip.dst ?? NO_IPV6 },
          protocol,
          length,
        );
  return ~sumWords(octets, at, end, sum) & 0xffff;
}

/** Writes 16 bits, the high octet first. */
export function write16(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 8;
  octets[at + 1] = value;
}

const NO_IPV4 = ipv4FromNumber(0);
const NO_IPV6 = ipv6FromBigInt(0n);

type IpLayer = Extract<Layer, { readonly kind: 'ipv4' | 'ipv6' }>;

function enclosingIp(packet: Packet, index: number): IpLayer | undefined {
  for (let outer = index - 1; outer >= 0; outer -= 1) {
    const layer = packet[outer];
    if (layer?.kind === 'ipv4' || layer?.kind === 'ipv6') return layer;
  }
  return undefined;
}
