import test from 'ava';
import type { Packet } from 'scapy-ts';
import {
  build,
  ether,
  ipv6,
  ipv6Address,
  ipv6Extension,
  ipv6Fragment,
  raw,
  tcp,
  udp,
} from 'scapy-ts';
import type { Rule } from '../../../reference/rules/rule.ts';
import { NO_DELTAS } from '../../../reference/rules/rule.ts';
import { AT, BACKEND, bedWith, CLIENT, createBed, HANDOFF, VIRTUAL, without } from '../bed.ts';

const LINK = ether({ src: CLIENT.mac, dst: VIRTUAL.mac });
const TCP = { srcPort: CLIENT.port, dstPort: VIRTUAL.port, flags: 'PA' };
const HERE = ipv6Address('2001:db8::10');
const THERE = ipv6Address('2001:db8:1::1');
const RULE_V6: Rule = {
  key: { client: { address: HERE, port: 40000 }, virtual: { address: THERE, port: 80 } },
  owner: { address: ipv6Address('fd00::21'), port: 8080, mac: BACKEND.mac },
  deltas: { ...NO_DELTAS, clientSeq: 3 },
  locked: false,
};
const IP_V6 = { src: HERE, dst: THERE };
const EXTENDED: readonly (readonly [string, Packet, 'owner' | 'dropped' | 'bridged'])[] = [
  ['no extension', [], 'owner'],
  ['hop-by-hop options', [ipv6Extension({ protocol: 0 })], 'owner'],
  ['destination options', [ipv6Extension({ protocol: 60, body: new Uint8Array(14) })], 'owner'],
  ['two extensions', [0, 60].map((protocol) => ipv6Extension({ protocol })), 'owner'],
  ['a route', [ipv6Extension({ protocol: 43, body: new Uint8Array(6) })], 'dropped'],
  ['a fragment header', [ipv6Fragment({ mf: 1 })], 'dropped'],
  [
    'destination options in a fragment',
    [ipv6Fragment({ mf: 1 }), ipv6Extension({ protocol: 60 })],
    'dropped',
  ],
  ['an extension past the end', [ipv6Extension({ protocol: 60, length: 9 })], 'dropped'],
  ['an authentication header', [ipv6Extension({ protocol: 51 })], 'bridged'],
];

for (const [name, extensions, expected] of EXTENDED) {
  test(`PRISM-REW-18 IPv6 with ${name}: ${expected}`, (t) => {
    const frame = build([LINK, ipv6(IP_V6), ...extensions, tcp(TCP), raw('odd')]);
    const out = bedWith(RULE_V6).send(frame);
    if (expected === 'dropped') t.deepEqual(out, []);
    if (expected === 'bridged') t.deepEqual(out, [{ port: AT.controller, octets: frame }]);
    if (expected === 'owner') {
      const [ports, ip] = [
        { ...TCP, seq: 3, dstPort: 8080 },
        { ...IP_V6, dst: RULE_V6.owner.address },
      ];
      if (typeof ip.dst === 'number') throw new TypeError('not IPv6');
      const translated = [ipv6({ ...ip, dst: ip.dst }), ...extensions, tcp(ports), raw('odd')];
      const octets = build([{ ...LINK, dst: BACKEND.mac }, ...translated]);
      t.deepEqual(out, [{ port: AT.backend, octets }]);
    }
    t.deepEqual(createBed().send(frame), [{ port: AT.controller, octets: frame }]);
  });
}

test('PRISM-SEC-04 IPv6 with impossible lengths: dropped between a rule’s hosts', (t) => {
  const bed = bedWith(RULE_V6);
  for (const fields of [{ payloadLength: 0 }, { payloadLength: 19 }, { version: 5 }]) {
    t.deepEqual(bed.send(build([LINK, ipv6({ ...IP_V6, ...fields }), tcp(TCP)])), []);
  }
  const cut = build([LINK, ipv6(IP_V6), tcp(TCP)]).subarray(0, 53);
  t.deepEqual(bed.send(cut), [{ port: AT.controller, octets: cut }]);
});

test('PRISM-SEC-08 a cut IPv6 packet that claims to be long is soon done with', (t) => {
  const claim = { payloadLength: 0xffff, nextHeader: 0 };
  const frame = build([LINK, ipv6({ ...IP_V6, ...claim })]);
  const bed = bedWith(RULE_V6);
  t.deepEqual(bed.send(frame), []);
  t.is(bed.state.counters.dropped.opaque, 1);
});

test('PRISM-REW-10 an extension header is not read from the padding', (t) => {
  const ip = ipv6({ ...IP_V6, payloadLength: 7, nextHeader: 60 });
  const bed = bedWith(RULE_V6);
  t.deepEqual(bed.send(build([LINK, ip, raw(Uint8Array.of(6, 0, 0, 0, 0, 0, 0, 0))])), []);
  t.is(bed.state.counters.dropped.opaque, 1);
});

test('PRISM-REW-18 without FRAG and IPOPT whole IPv6 segments are rewritten', (t) => {
  const bed = bedWith(RULE_V6, { capabilities: without('L3', 'FRAG', 'IPOPT') });
  t.is(bed.send(build([LINK, ipv6(IP_V6), tcp(TCP)]))[0]?.port, AT.backend);
});

test('PRISM-FWD-03 UDP over IPv6 passes, in a fragment too', (t) => {
  for (const between of [[], [ipv6Fragment({ mf: 1 })]]) {
    const datagram = udp({ srcPort: 40000, dstPort: 80 });
    const frame = build([LINK, ipv6(IP_V6), ...between, datagram, raw('x')]);
    t.deepEqual(bedWith(RULE_V6).send(frame), [{ port: AT.controller, octets: frame }]);
  }
});

test('PRISM-FWD-09 without V6, IPv6 is bridged untouched', (t) => {
  const frame = build([LINK, ipv6(IP_V6), tcp(TCP)]);
  const bed = bedWith(HANDOFF, { capabilities: without('L3', 'V6') });
  t.deepEqual(bed.send(frame), [{ port: AT.controller, octets: frame }]);
});
