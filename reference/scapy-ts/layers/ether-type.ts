/** EtherTypes. IANA "IEEE 802 Numbers". */

/** The EtherTypes that this library knows. */
export const ETHER_TYPE = {
  ipv4: 0x0800,
  arp: 0x0806,
  dot1q: 0x8100,
  ipv6: 0x86dd,
  dot1ad: 0x88a8,
  /** Local experimental EtherType 1: what an unset type says in front of anything else. */
  experimental: 0x88b5,
} as const;

/** Their names for people. */
export const ETHER_TYPE_NAMES: Readonly<Record<number, string>> = {
  [ETHER_TYPE.ipv4]: 'IPv4',
  [ETHER_TYPE.arp]: 'ARP',
  [ETHER_TYPE.dot1q]: '802.1Q',
  [ETHER_TYPE.ipv6]: 'IPv6',
  [ETHER_TYPE.dot1ad]: '802.1ad',
};
