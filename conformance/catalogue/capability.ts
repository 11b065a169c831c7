/**
 * What a device declares that it can do.
 *
 * A requirement that needs an undeclared capability is not-applicable. A capability never excuses a
 * broken base: packets of an undeclared class may be dropped, but never corrupted.
 */

/** What a switch of a Prism, or a whole Prism, may declare. */
export const PRISM_CAPABILITIES = [
  'SPLICE',
  'DELTAS',
  'TS',
  'WS',
  'HOLD',
  'PUNT',
  'ICMP',
  'FRAG',
  'IPOPT',
  'V6',
  'VLAN',
  'L3',
  'AGE',
  'JUMBO',
  'TLS',
  'RULES',
  'LOCK',
  'LOCKBOTH',
  'EPOCH',
  'CAPACITY',
  'BRIDGE',
  'MATCH',
  'REVERSE',
  'INBAND',
] as const;

/** What a server switch may declare. */
export const BALANCER_CAPABILITIES = [
  'NAT',
  'DSR',
  'IPIP',
  'ACL',
  'HTTP',
  'WEIGHTS',
  'LEAST',
  'RANDOM',
  'SRCHASH',
  'URLHASH',
  'MAGLEV',
  'CHECK',
  'STICKY',
  'PAIR',
  'COOKIE',
  'COOKIEHASH',
  'LARD',
  'HANDOFF',
  'CACHE',
] as const;

/** The name of a capability of a switch of a Prism, or of a whole Prism. */
export type PrismCapability = (typeof PRISM_CAPABILITIES)[number];

/** The name of a capability of a server switch. */
export type BalancerCapability = (typeof BALANCER_CAPABILITIES)[number];

/** The name of a capability. */
export type Capability = PrismCapability | BalancerCapability;

/** All of them. */
export const CAPABILITIES: readonly Capability[] = [
  ...PRISM_CAPABILITIES,
  ...BALANCER_CAPABILITIES,
];

/** What a device says of itself when it declares a capability. */
export const capabilityTexts: Readonly<Record<Capability, string>> = {
  SPLICE: 'Rules shift sequence numbers, acknowledgment numbers and SACK blocks by deltas.',
  DELTAS: 'The deltas of a rule are free and independent; else one declared number shifts both.',
  TS: 'Rules shift timestamps by deltas.',
  WS: 'Rules convert the window between two window scales.',
  HOLD: 'A locked rule holds packets, up to a declared number, and sends them in order at unlock.',
  PUNT: 'Packets the device cannot treat go to the controller as exceptions, recognisable as such.',
  ICMP: 'ICMP errors about translated packets are translated back.',
  FRAG: 'Fragmented datagrams of a ruled connection are translated.',
  IPOPT: 'Packets with IPv4 options are translated.',
  V6: 'Rules match and rewrite IPv6.',
  VLAN: 'Rules match and rewrite tagged frames, and the tag is kept.',
  L3: 'The device routes: it decrements the TTL and sets MAC addresses.',
  AGE: 'Rules without traffic expire.',
  JUMBO: 'The MTU is 9000 octets or more.',
  TLS: 'The system migrates connections that carry TLS.',
  RULES: 'Rules are added, changed, listed and deleted by commands while traffic flows.',
  LOCK: 'Rules can be locked and unlocked; a lock blocks packets from the client.',
  LOCKBOTH: 'A lock blocks packets from the owner too.',
  EPOCH: 'Commands carry epochs, and the device ignores one that is older than its newest.',
  CAPACITY: 'The device declares how many rules fit, and refuses an add when its table is full.',
  BRIDGE: 'Frames that no rule matches are forwarded by layer 2 with learned MAC addresses.',
  MATCH: 'The device sees more than the ruled connection, and tells its segments from the rest.',
  REVERSE: 'Packets from the owner to the client are translated.',
  INBAND: "Commands travel as frames on the device's ports.",
  NAT: 'A server switch translates addresses and ports, both ways.',
  DSR: 'A server switch changes only MAC addresses, and servers answer directly.',
  IPIP: 'A server switch sends packets to servers in other packets, and servers answer directly.',
  ACL: 'A server switch permits or denies connections by rules, of which the first that fits counts.',
  HTTP: 'A server switch reads requests, and chooses by what they say.',
  WEIGHTS:
    'Servers are chosen by turns in proportion to their weights; weight 0 takes nothing new.',
  LEAST: 'The server with the fewest active connections for its weight is chosen.',
  RANDOM: 'Servers are chosen at random.',
  SRCHASH: "Servers are chosen by a hash of the client's address.",
  URLHASH: 'Servers are chosen by a hash of the URL.',
  MAGLEV: 'Servers are chosen by a Maglev table.',
  CHECK: 'Servers are probed, and those that do not answer as they should are not chosen.',
  STICKY: 'A client comes to the same server as long as its address is remembered.',
  PAIR: 'Two server switches stand for one: where the active one is lost, the other takes over.',
  COOKIE: 'A cookie of the server switch names the server.',
  COOKIEHASH: 'Servers are chosen by a hash of a cookie.',
  LARD: 'Servers are chosen by who has served a target, as long as loads permit (LARD).',
  HANDOFF: 'A connection goes to its server with its request, and what its client sends with it.',
  CACHE: 'Answers are stored, as far as they may be, and given again without a server.',
};
