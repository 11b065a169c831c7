/** The layers of a packet, and the packet: a list of layers, the outermost first. */
import type { Arp } from './layers/arp.ts';
import type { Dot1q, Ether } from './layers/ether.ts';
import type { Icmpv4, Icmpv6 } from './layers/icmp.ts';
import type { Ipv4 } from './layers/ipv4.ts';
import type { Ipv6 } from './layers/ipv6.ts';
import type { Ipv6Extension, Ipv6Fragment } from './layers/ipv6-extension.ts';
import type { Padding, Raw } from './layers/raw.ts';
import type { Written } from './layers/table.ts';
import type { Tcp, TcpQuote } from './layers/tcp.ts';
import type { Udp } from './layers/udp.ts';

/** A layer as it was parsed: every field is set. */
export type ParsedLayer =
  | Ether
  | Dot1q
  | Arp
  | Ipv4
  | Ipv6
  | Ipv6Extension
  | Ipv6Fragment
  | Tcp
  | TcpQuote
  | Udp
  | Icmpv4
  | Icmpv6
  | Raw
  | Padding;

/** The names of the layers. */
export type LayerKind = ParsedLayer['kind'];

/** The parsed layer of a kind. */
export type ParsedLayerOf<K extends LayerKind> = Extract<ParsedLayer, { readonly kind: K }>;

/** A layer to build: what is unset is computed, or has its default. A parsed layer is one too. */
export type Layer = { [K in LayerKind]: Written<ParsedLayerOf<K>> }[LayerKind];

/** A packet to build, the outermost layer first. */
export type Packet = readonly Layer[];

/** The first layer of a kind, or undefined. */
export function layer<L extends Layer, K extends LayerKind>(
  packet: readonly L[],
  kind: K,
): Extract<L, { readonly kind: K }> | undefined {
  return packet.find((found): found is Extract<L, { readonly kind: K }> => found.kind === kind);
}
