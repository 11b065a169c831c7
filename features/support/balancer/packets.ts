/** IP packets that a host sends without its stack knowing of them. */
import { build, icmpv4, ipv4, raw, tcp, type GivenTcp, type Ipv4, type Given } from 'scapy-ts';
import { clientAddress, type Caller } from '../../../conformance/balancer/connection.ts';
import { pattern } from '../../../conformance/traffic/segment.ts';

/** What a packet has beside addresses and ports; the rest is ordinary. */
export interface PacketFields {
  readonly tcp?: GivenTcp;
  readonly ipv4?: Given<Ipv4>;
  readonly payloadOctets?: number;
}

/** A segment of a caller to its service. */
export function segmentOf(
  { client, port, service }: Caller,
  { tcp: header, ipv4: fields, payloadOctets = 0 }: PacketFields = {},
): Uint8Array {
  return build([
    ipv4({ src: clientAddress(client), dst: service.address, ttl: 64, df: 1, ...fields }),
    tcp({ srcPort: port, dstPort: service.port, seq: 1000, window: 65_535, ...header }),
    raw(pattern(payloadOctets)),
  ]);
}

/** Octets of a datagram's payload in its first fragment: all of the TCP header, and more. */
const FIRST_OCTETS = 64;

/** A segment with 100 octets, as the two fragments of a datagram. */
export function fragmentsOf(caller: Caller, header: GivenTcp): readonly Uint8Array[] {
  const whole = segmentOf(caller, { tcp: header, payloadOctets: 100 }).subarray(20);
  const common = {
    src: clientAddress(caller.client),
    dst: caller.service.address,
    ttl: 64,
    id: 0x4242,
    protocol: 6,
  };
  return [
    build([ipv4({ ...common, mf: 1 }), raw(whole.subarray(0, FIRST_OCTETS))]),
    build([
      ipv4({ ...common, fragmentOffset: FIRST_OCTETS / 8 }),
      raw(whole.subarray(FIRST_OCTETS)),
    ]),
  ];
}

/** The most that a link on the way carries, as an ICMP error says it. */
const LINK_MTU = 1400;

/** An ICMP error from `source`: a packet from one end to the other was too big. RFC 1191. */
export function tooBig(
  source: string,
  quoted: {
    readonly from: string;
    readonly fromPort: number;
    readonly to: string;
    readonly toPort: number;
  },
): Uint8Array {
  const { from, fromPort, to, toPort } = quoted;
  const packet = build([
    ipv4({ src: from, dst: to, ttl: 60, df: 1, totalLength: 1500, protocol: 6 }),
    tcp({ srcPort: fromPort, dstPort: toPort, seq: 1000, flags: 'A' }),
  ]);
  return build([
    ipv4({ src: source, dst: from, ttl: 64, protocol: 1 }),
    icmpv4({ type: 3, code: 4, rest: LINK_MTU }),
    raw(packet.subarray(0, 28)),
  ]);
}

/** An echo request; what follows type, code and checksum is to come back. */
export function echoRequest(client: number, address: string): Uint8Array {
  return build([
    ipv4({ src: clientAddress(client), dst: address, ttl: 64 }),
    icmpv4({ type: 8, code: 0, rest: 0x12340001 }),
    raw(pattern(56)),
  ]);
}
