/** Protocol numbers of IPv4's `protocol` and IPv6's `nextHeader`. IANA "Protocol Numbers". */

/** The protocols that this library knows. */
export const PROTOCOL = {
  hopByHop: 0,
  icmpv4: 1,
  ipv4: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  routing: 43,
  fragment: 44,
  authentication: 51,
  icmpv6: 58,
  none: 59,
  destination: 60,
  mobility: 135,
  /** RFC 3692 experimentation: what an unset protocol says in front of raw octets. */
  experimental: 253,
} as const;

/** Their names for people. */
export const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  [PROTOCOL.hopByHop]: 'hop-by-hop options',
  [PROTOCOL.icmpv4]: 'ICMP',
  [PROTOCOL.ipv4]: 'IPv4',
  [PROTOCOL.tcp]: 'TCP',
  [PROTOCOL.udp]: 'UDP',
  [PROTOCOL.ipv6]: 'IPv6',
  [PROTOCOL.routing]: 'routing',
  [PROTOCOL.fragment]: 'fragment',
  [PROTOCOL.authentication]: 'authentication',
  [PROTOCOL.icmpv6]: 'ICMPv6',
  [PROTOCOL.none]: 'no next header',
  [PROTOCOL.destination]: 'destination options',
  [PROTOCOL.mobility]: 'mobility',
};
