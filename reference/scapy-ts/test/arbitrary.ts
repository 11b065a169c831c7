/** Packets for the property tests: valid ones, and octets that were valid before something happened. */
import fc from 'fast-check';

import { arp, build, dot1q, ether, icmpv4, icmpv6, ipv4, ipv6, ipv6Extension } from '../index.ts';
import { ipv6Fragment, padding, PROTOCOL, raw, tcp, tcpQuote, udp } from '../index.ts';
import type { FirstLayer, Layer, Packet } from '../index.ts';
import { field, ipv4Address, ipv4Options, ipv6Address, macAddress } from './arbitrary-fields.ts';
import { octets, tcpOptions } from './arbitrary-fields.ts';

const payload: fc.Arbitrary<Packet> = fc.oneof(
  { arbitrary: octets(120, 1).map((o) => [raw(o)]), weight: 3 },
  { arbitrary: fc.constant([]), weight: 1 },
  { arbitrary: octets(1460, 1400).map((o) => [raw(o)]), weight: 1 },
);

const tcpLayer = fc
  .record({
    srcPort: field(16),
    dstPort: field(16),
    seq: field(32),
    ack: field(32),
    reserved: fc.constantFrom(0, 0, 0, 5),
    flags: field(9),
    window: field(16),
    urgent: field(16),
    options: tcpOptions,
  })
  .map(tcp);

const segment: fc.Arbitrary<Packet> = fc
  .tuple(tcpLayer, payload)
  .map(([header, body]) => [header, ...body]);

/** Ports of which no program guesses a protocol that rewrites the layers. */
const datagram: fc.Arbitrary<Packet> = fc
  .tuple(fc.record({ srcPort: field(16), dstPort: field(16) }).map(udp), payload)
  .map(([header, body]) => [header, ...body]);

const echo: fc.Arbitrary<Packet> = fc
  .tuple(fc.constantFrom(0, 8), field(32), payload)
  .map(([type, rest, body]) => [icmpv4({ type, rest }), ...body]);

const echoV6: fc.Arbitrary<Packet> = fc
  .tuple(fc.constantFrom(128, 129), field(32), payload)
  .map(([type, rest, body]) => [icmpv6({ type, rest }), ...body]);

const ipv4Fields = {
  dscp: field(6),
  ecn: field(2),
  id: field(16),
  df: field(1),
  ttl: field(8),
  src: ipv4Address,
  dst: ipv4Address,
};

const ipv6Fields = {
  dscp: field(6),
  ecn: field(2),
  flowLabel: field(20),
  hopLimit: field(8),
  src: ipv6Address,
  dst: ipv6Address,
};

const quotedPorts = fc.record({ srcPort: field(16), dstPort: field(16), seq: field(32) });

/** An error with the quoted packet: the first eight octets of its TCP header, or a whole segment. */
const errorV4: fc.Arbitrary<Packet> = fc
  .tuple(
    fc.constantFrom([3, 4], [3, 1], [11, 0], [12, 0]),
    field(16),
    fc.record(ipv4Fields),
    fc.oneof(
      quotedPorts.map((ports): Packet => [tcpQuote(ports)]),
      segment,
    ),
  )
  .map(([[type = 3, code = 4], mtu, ip, quote]) => [
    icmpv4({ type, code, mtu }),
    ipv4(ip),
    ...quote,
  ]);

const errorV6: fc.Arbitrary<Packet> = fc
  .tuple(
    fc.constantFrom(1, 2, 3, 4),
    field(32),
    fc.record(ipv6Fields),
    fc.oneof(
      quotedPorts.map((ports): Packet => [tcpQuote(ports)]),
      segment,
    ),
  )
  .map(([type, mtu, ip, quote]) => [icmpv6({ type, mtu }), ipv6(ip), ...quote]);

/** A later fragment: its payload is not a header, whatever it looks like. */
const laterFragment: fc.Arbitrary<Packet> = fc
  .tuple(fc.record(ipv4Fields), fc.integer({ min: 1, max: 8000 }), field(1), octets(64, 1))
  .map(([ip, fragmentOffset, mf, o]) => [
    ipv4({ ...ip, fragmentOffset, mf, protocol: PROTOCOL.tcp }),
    raw(o),
  ]);

export const ipv4Packet: fc.Arbitrary<Packet> = fc.oneof(
  {
    arbitrary: fc
      .tuple(
        fc.record({ ...ipv4Fields, options: ipv4Options }).map(ipv4),
        fc.oneof(
          { arbitrary: segment, weight: 6 },
          { arbitrary: datagram, weight: 2 },
          { arbitrary: echo, weight: 1 },
          { arbitrary: errorV4, weight: 2 },
          { arbitrary: octets(64, 1).map((o): Packet => [raw(o)]), weight: 1 },
        ),
      )
      .map(([ip, inner]): Packet => [ip, ...inner]),
    weight: 8,
  },
  { arbitrary: laterFragment, weight: 1 },
);

const options8 = fc.integer({ min: 0, max: 2 }).map((units) => {
  // One PadN option (RFC 8200 section 4.2) that fills the header.
  const body = new Uint8Array(6 + 8 * units);
  body[0] = 1;
  body[1] = body.length - 2;
  return body;
});

const extension: fc.Arbitrary<Packet> = fc.oneof(
  fc.constant([]),
  options8.map((body) => [ipv6Extension({ protocol: PROTOCOL.hopByHop, body })]),
  options8.map((body) => [ipv6Extension({ protocol: PROTOCOL.destination, body })]),
  field(32).map((id) => [ipv6Fragment({ id })]),
  fc
    .tuple(options8, field(32))
    .map(([body, id]) => [
      ipv6Extension({ protocol: PROTOCOL.hopByHop, body }),
      ipv6Fragment({ id }),
    ]),
);

export const ipv6Packet: fc.Arbitrary<Packet> = fc
  .tuple(
    fc.record(ipv6Fields).map(ipv6),
    extension,
    fc.oneof(
      { arbitrary: segment, weight: 4 },
      { arbitrary: datagram, weight: 2 },
      { arbitrary: echoV6, weight: 1 },
      { arbitrary: errorV6, weight: 2 },
    ),
  )
  .map(([ip, before, inner]) => [ip, ...before, ...inner]);

const arpPacket: fc.Arbitrary<Packet> = fc
  .record({
    operation: fc.constantFrom(1, 2, 9),
    senderMac: macAddress,
    senderIp: ipv4Address,
    targetMac: macAddress,
    targetIp: ipv4Address,
  })
  .map((given) => [arp(given)]);

const tag: fc.Arbitrary<Layer> = fc
  .record({ pcp: field(3), dei: field(1), vid: field(12) })
  .map(dot1q);

const trailer: fc.Arbitrary<Packet> = fc.oneof(
  { arbitrary: fc.constant([]), weight: 3 },
  { arbitrary: octets(18, 1).map((o): Packet => [padding(o)]), weight: 1 },
);

/** A frame of which nothing is forced: what is unset is computed. */
export const frame: fc.Arbitrary<Packet> = fc
  .tuple(
    fc.record({ dst: macAddress, src: macAddress }).map(ether),
    fc.oneof(
      { arbitrary: fc.constant([]), weight: 4 },
      { arbitrary: fc.array(tag, { minLength: 1, maxLength: 2 }), weight: 1 },
    ),
    fc.oneof(
      { arbitrary: ipv4Packet, weight: 6 },
      { arbitrary: ipv6Packet, weight: 3 },
      { arbitrary: arpPacket, weight: 1 },
    ),
    trailer,
  )
  .map(([link, tags, inner, end]) => [link, ...tags, ...inner, ...end]);

/** Changes a few octets, most of them in the headers, then perhaps cuts or lengthens the rest. */
export const damaged: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    frame,
    fc.array(fc.tuple(fc.nat(120), field(8)), { maxLength: 4 }),
    fc.option(fc.nat(160)),
    octets(9),
  )
  .map(([packet, changes, cut, extra]) => {
    const whole = build(packet);
    const copy = new Uint8Array(whole.length + extra.length);
    copy.set(whole);
    copy.set(extra, whole.length);
    for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
    return cut === null ? copy : copy.subarray(0, cut);
  });

/** Any octets: valid, damaged, and noise. */
export const anyOctets: fc.Arbitrary<Uint8Array> = fc.oneof(
  { arbitrary: damaged, weight: 6 },
  { arbitrary: frame.map(build), weight: 2 },
  { arbitrary: octets(200), weight: 1 },
);

export const firstLayer: fc.Arbitrary<FirstLayer> = fc.constantFrom(
  'ether',
  'ether',
  'ipv4',
  'ipv6',
);
