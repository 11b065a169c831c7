/** The tables of all layers, for what works on any of them. */
import { ARP } from './arp.ts';
import { DOT1Q, ETHER } from './ether.ts';
import { ICMPV4, ICMPV6 } from './icmp.ts';
import { IPV4 } from './ipv4.ts';
import { IPV6_EXTENSION, IPV6_FRAGMENT } from './ipv6-extension.ts';
import { IPV6 } from './ipv6.ts';
import { PADDING, RAW } from './raw.ts';
import { TCP, TCP_QUOTE } from './tcp.ts';
import { UDP } from './udp.ts';
import type { LayerKind, ParsedLayer } from '../layer.ts';
import type { Header } from './table.ts';

type HeaderOf<K extends LayerKind> = Header<Extract<ParsedLayer, { readonly kind: K }>>;

/** The table of each kind of layer. */
export const HEADERS: { readonly [K in LayerKind]: HeaderOf<K> } = {
  ether: ETHER,
  dot1q: DOT1Q,
  arp: ARP,
  ipv4: IPV4,
  ipv6: IPV6,
  ipv6Extension: IPV6_EXTENSION,
  ipv6Fragment: IPV6_FRAGMENT,
  tcp: TCP,
  tcpQuote: TCP_QUOTE,
  udp: UDP,
  icmpv4: ICMPV4,
  icmpv6: ICMPV6,
  raw: RAW,
  padding: PADDING,
};
