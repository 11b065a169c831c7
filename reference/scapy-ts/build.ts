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
import type { Layer, LayerKind, Packet } from './layer.ts';
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
    writerOf(layer).write(layer, site);
  }
  return octets;
}

/** How a layer is measured and written. (Methods, so that the writers of all kinds fit one type.) */
interface LayerWriter<L extends Layer> {
  size(layer: L): number;
  write(layer: L, site: Site): void;
}

type LayerOf<K extends LayerKind> = Extract<Layer, { readonly kind: K }>;

const octetsWriter: LayerWriter<LayerOf<'raw' | 'padding'>> = {
  size: ({ octets }) => octets?.length ?? 0,
  write({ octets }, site): void {
    if (octets !== undefined) site.octets.set(octets, site.at);
  },
};

const WRITERS: { readonly [K in LayerKind]: LayerWriter<LayerOf<K>> } = {
  ether: { size: () => ETHER.lengthOctets, write: writeEther },
  dot1q: { size: () => DOT1Q.lengthOctets, write: writeDot1q },
  arp: { size: () => ARP.lengthOctets, write: writeArp },
  ipv4: { size: sizeOfIpv4, write: writeIpv4 },
  ipv6: { size: () => IPV6.lengthOctets, write: writeIpv6 },
  ipv6Extension: { size: sizeOfIpv6Extension, write: writeIpv6Extension },
  ipv6Fragment: { size: () => IPV6_FRAGMENT.lengthOctets, write: writeIpv6Fragment },
  tcp: { size: sizeOfTcp, write: writeTcp },
  tcpQuote: { size: () => TCP_QUOTE.lengthOctets, write: writeTcpQuote },
  udp: { size: () => UDP.lengthOctets, write: writeUdp },
  icmpv4: { size: () => ICMPV4.lengthOctets, write: writeIcmpv4 },
  icmpv6: { size: () => ICMPV6.lengthOctets, write: writeIcmpv6 },
  raw: octetsWriter,
  padding: octetsWriter,
};

function sizeOf(layer: Layer): number {
  return writerOf(layer).size(layer);
}

function writerOf(layer: Layer): LayerWriter<Layer> {
  return WRITERS[layer.kind];
}
