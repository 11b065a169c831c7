/**
 * Frames that no rule is for, by the words of scenarios.
 *
 * Each is made for a path, so that it can be sent between hosts without a rule, or with the very
 * addresses and ports of a ruled connection.
 */
import { defineParameterType } from '@cucumber/cucumber';
import {
  build,
  ether,
  icmpv4,
  ipv4,
  ipv6,
  ipv6Fragment,
  raw,
  tcp,
  udp,
  type Ipv4,
  type Layer,
  type Packet,
} from 'scapy-ts';
import { pattern, segment, type Path } from '../../conformance/traffic/segment.ts';

/** Octets of an Ethernet header without tags, and of IP headers without options and extensions. */
const ETHERNET_OCTETS = 14;
const IPV4_OCTETS = 20;
const IPV6_OCTETS = 40;

/** Local experimental EtherType 2. IEEE 802. */
const UNKNOWN_ETHER_TYPE = 0x88b6;
/** IANA "Protocol Numbers". */
const PROTOCOL = { dccp: 33, gre: 47, sctp: 132, udpLite: 136, ipInIp: 4 } as const;

/** A frame on a path. */
export type FrameMaker = (path: Path) => Uint8Array;

function macs({ sourceMac, destinationMac }: Path, etherType?: number): Layer {
  return ether({ src: sourceMac, dst: destinationMac, ...(etherType && { etherType }) });
}

function network({ source, destination }: Path, fields: Partial<Ipv4> = {}): Layer {
  return ipv4({ src: source.address, dst: destination.address, id: 0x2000, ...fields });
}

function onIpv4(path: Path, protocol: number, ...octets: readonly Uint8Array[]): Uint8Array {
  const payload = Uint8Array.from(octets.flatMap((part) => [...part]));
  return build([macs(path), network(path, { protocol }), raw(payload)]);
}

function ports({ source, destination }: Path): Uint8Array {
  const [from, to] = [source.port, destination.port];
  return Uint8Array.of(from >> 8, from & 0xff, to >> 8, to & 0xff);
}

function udpFrame(path: Path, given: { readonly checksum?: number } = {}, octets = 40): Uint8Array {
  const { source, destination } = path;
  const datagram = udp({ srcPort: source.port, dstPort: destination.port, ...given });
  return build([macs(path), network(path), datagram, raw(pattern(octets))]);
}

/** A UDP datagram on a path between IPv6 addresses, behind extension headers if there are any. */
function udpInIpv6({ source, destination, ...ends }: Path, before: readonly Layer[]): Uint8Array {
  return build([
    macs({ source, destination, ...ends }),
    ipv6({ src: source.address, dst: destination.address }),
    ...before,
    udp({ srcPort: source.port, dstPort: destination.port }),
    raw(pattern(40)),
  ]);
}

/** The IP packet of a segment on `path`, for what carries it as payload. */
export function ipPacket(path: Path): Uint8Array {
  return segment(path, { flags: 'PA', payload: pattern(30) }).subarray(ETHERNET_OCTETS);
}

/** The same segment with another protocol number in its IP header. */
export function underProtocol(path: Path, protocol: number): Uint8Array {
  const { source, destination } = path;
  if (!source.address.includes(':')) {
    return onIpv4(path, protocol, ipPacket(path).subarray(IPV4_OCTETS));
  }
  const header = ipv6({ src: source.address, dst: destination.address, nextHeader: protocol });
  return build([macs(path), header, raw(ipPacket(path).slice(IPV6_OCTETS))]);
}

/** A UDP datagram in a frame of `octets` octets. */
export function frameOfSize(path: Path, octets: number): Uint8Array {
  return udpFrame(path, {}, octets - ETHERNET_OCTETS - IPV4_OCTETS - 8);
}

function icmpErrorElsewhere(path: Path): Uint8Array {
  const quoted: Packet = [
    network({ ...path, source: path.destination, destination: path.source }),
    tcp({ srcPort: 1, dstPort: 2, seq: 3, flags: 'A' }),
  ];
  return build([macs(path), network(path), icmpv4({ type: 3, code: 4, mtu: 1400 }), ...quoted]);
}

/** Router alert (RFC 2113): an option that asks nothing of a switch. */
function withIpOptions(path: Path): Uint8Array {
  const options: Ipv4['options'] = [{ kind: 'routerAlert', value: 0 }];
  return build([
    macs(path),
    network(path, { options }),
    udp({ srcPort: 7, dstPort: 7 }),
    raw('ab'),
  ]);
}

function inIpv6(path: Path): Uint8Array {
  const addresses = { src: '2001:db8:1::11', dst: '2001:db8:3::22' };
  return build([macs(path), ipv6(addresses), udp({ srcPort: 7, dstPort: 7 }), raw(pattern(20))]);
}

/** EtherType values below 0x0600 are lengths (IEEE 802.3 clause 3.2.6): LLC follows. */
function llc(path: Path): Uint8Array {
  const octets = Uint8Array.of(0x7e, 0x7e, 0x03, ...pattern(43));
  return build([macs(path, octets.length), raw(octets)]);
}

const MAKERS: Readonly<Record<string, FrameMaker>> = {
  'a TCP segment': (path) => segment(path, { flags: 'PA', payload: pattern(20) }),
  'a UDP datagram': (path) => udpFrame(path),
  'a UDP datagram without a checksum': (path) => udpFrame(path, { checksum: 0 }),
  'an SCTP packet': (path) => onIpv4(path, PROTOCOL.sctp, ports(path), pattern(40, 0x80)),
  'a DCCP packet': (path) => onIpv4(path, PROTOCOL.dccp, ports(path), pattern(40, 0x80)),
  'a UDP-Lite datagram': (path) => onIpv4(path, PROTOCOL.udpLite, ports(path), pattern(40, 8)),
  'a segment in GRE': (path) =>
    onIpv4(path, PROTOCOL.gre, Uint8Array.of(0, 0, 8, 0), ipPacket(path)),
  'a segment in IPv4 in IPv4': (path) => onIpv4(path, PROTOCOL.ipInIp, ipPacket(path)),
  'an echo request': (path) =>
    build([macs(path), network(path), icmpv4({ type: 8, id: 7, sequence: 1 }), raw(pattern(32))]),
  'an ICMP error about another connection': icmpErrorElsewhere,
  'a frame of an unknown EtherType': (path) =>
    build([macs(path, UNKNOWN_ETHER_TYPE), raw(pattern(46))]),
  'a segment under an unknown EtherType': (path) =>
    build([macs(path, UNKNOWN_ETHER_TYPE), raw(ipPacket(path))]),
  'an LLC frame': llc,
  'a datagram with IPv4 options': withIpOptions,
  'a first fragment': (path) =>
    build([macs(path), network(path, { mf: 1, protocol: 17 }), raw(pattern(64))]),
  'a later fragment': (path) =>
    build([macs(path), network(path, { fragmentOffset: 8, protocol: 17 }), raw(pattern(64))]),
  'an IPv6 packet': inIpv6,
  'an IPv6 UDP datagram': (path) => udpInIpv6(path, []),
  'a first fragment of an IPv6 UDP datagram': (path) =>
    udpInIpv6(path, [ipv6Fragment({ id: 7, fragmentOffset: 0, mf: 1 })]),
};

defineParameterType({
  name: 'frame',
  regexp: new RegExp(Object.keys(MAKERS).join('|'), 'u'),
  transformer: (words: string): FrameMaker => {
    const maker = MAKERS[words];
    if (maker === undefined) throw new Error(`no frame is called ${words}`);
    return maker;
  },
});
