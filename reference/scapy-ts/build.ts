/**
 * Layers to octets, from the inside out: a layer's lengths and checksums cover what is inside it.
 *
 * What is set is written as it is, right or wrong; what is unset is computed or has its default.
 */
import { allocate } from './allocate.ts';
import { ARP, writeArp } from './layers/arp.ts';
import { DOT1Q, ETHER, writeDot1q, writeEther } from './layers/ether.ts';
import { ICMPV4, ICMPV6, writeIcmpv4, writeIcmpv6 } from './layers/icmp.ts';
import { sizeOfIpv4, writeIpv4 } from './layers/ipv4.ts';
import { IPV6_FRAGMENT, sizeOfIpv6Extension } from './layers/ipv6-extension.ts';
import { writeIpv6Extension, writeIpv6Fragment } from './layers/ipv6-extension.ts';
import { IPV6, writeIpv6 } from './layers/ipv6.ts';
import { sizeOfTcp, TCP_QUOTE, writeTcp, writeTcpQuote } from './layers/tcp.ts';
import { UDP, writeUdp } from './layers/udp.ts';
import type { Layer, Packet } from './layer.ts';
import type { Site } from './layers/stack.ts';

/**
 * The octets of a packet; throws RangeError when a value does not fit its field.
 *
 * They may be a view of a larger buffer: whoever uses `.buffer` must mind `.byteOffset`.
 */
export function build(packet: Packet): Uint8Array {
  const sizes = packet.map(sizeOf);
  let total = 0;
  let end = 0;
  for (let index = 0; index < packet.length; index += 1) {
    total += sizes[index] ?? 0;
    if (packet[index]?.kind !== 'padding') end = total;
  }
  const octets = allocate(total);
  const site: Site = { octets, packet, index: packet.length, at: total, payload: total, end };
  for (let index = packet.length - 1; index >= 0; index -= 1) {
    const layer = packet[index];
    if (layer === undefined) continue;
    site.index = index;
    site.payload = Math.min(site.at, end);
    site.at -= sizes[index] ?? 0;
    write(layer, site);
  }
  return octets;
}

/** Octets of a layer when built. */
function sizeOf(layer: Layer): number {
  // A switch and no table of functions: each call has one target, and can be inlined.
  switch (layer.kind) {
    case 'ether':
      return ETHER.lengthOctets;
    case 'dot1q':
      return DOT1Q.lengthOctets;
    case 'arp':
      return ARP.lengthOctets;
    case 'ipv4':
      return sizeOfIpv4(layer);
    case 'ipv6':
      return IPV6.lengthOctets;
    case 'ipv6Extension':
      return sizeOfIpv6Extension(layer);
    case 'ipv6Fragment':
      return IPV6_FRAGMENT.lengthOctets;
    case 'tcp':
      return sizeOfTcp(layer);
    case 'tcpQuote':
      return TCP_QUOTE.lengthOctets;
    case 'udp':
      return UDP.lengthOctets;
    case 'icmpv4':
      return ICMPV4.lengthOctets;
    case 'icmpv6':
      return ICMPV6.lengthOctets;
    case 'raw':
    case 'padding':
      return layer.octets?.length ?? 0;
    default:
      layer satisfies never;
      throw new TypeError('there is no such layer');
  }
}

function write(layer: Layer, site: Site): void {
  switch (layer.kind) {
    case 'ether':
      return writeEther(layer, site);
    case 'dot1q':
      return writeDot1q(layer, site);
    case 'arp':
      return writeArp(layer, site);
    case 'ipv4':
      return writeIpv4(layer, site);
    case 'ipv6':
      return writeIpv6(layer, site);
    case 'ipv6Extension':
      return writeIpv6Extension(layer, site);
    case 'ipv6Fragment':
      return writeIpv6Fragment(layer, site);
    case 'tcp':
      return writeTcp(layer, site);
    case 'tcpQuote':
      return writeTcpQuote(layer, site);
    case 'udp':
      return writeUdp(layer, site);
    case 'icmpv4':
      return writeIcmpv4(layer, site);
    case 'icmpv6':
      return writeIcmpv6(layer, site);
    case 'raw':
    case 'padding':
      if (layer.octets !== undefined) site.octets.set(layer.octets, site.at);
  }
}
