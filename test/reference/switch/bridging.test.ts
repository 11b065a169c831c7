import test from 'ava';
import fc from 'fast-check';
import type { MacAddress } from 'scapy-ts';
import { arp, build, dot1q, ether, ipv4, mac, raw, udp } from 'scapy-ts';
import { MAC_AGE_NS } from '../../../reference/switch/mac-table.ts';
import { runs } from '../../runs.ts';
import { AT, BACKEND, CLIENT, createBed, HANDOFF, OTHER, segment, VIRTUAL } from '../bed.ts';

const NEWCOMER = mac('02:00:00:00:00:99');
const BROADCAST = mac('ff:ff:ff:ff:ff:ff');

function plain(src: MacAddress, dst: MacAddress, octets: number = 46): Uint8Array {
  return build([ether({ src, dst, etherType: 0x88b5 }), raw(new Uint8Array(octets))]);
}

test('PRISM-FWD-01 a frame to a known station leaves once, there, untouched', (t) => {
  const bed = createBed();
  const frame = plain(CLIENT.mac, OTHER.mac);
  t.deepEqual(bed.send(frame), [{ port: AT.other, octets: frame }]);
});

test('PRISM-FWD-01 a frame to an unknown or group address floods the bridged ports', (t) => {
  for (const dst of [NEWCOMER, BROADCAST, mac('01:00:5e:00:00:01')]) {
    const bed = createBed();
    const frame = plain(CLIENT.mac, dst);
    t.deepEqual(
      bed.send(frame),
      [AT.controller, AT.backend, AT.other].map((port) => ({ port, octets: frame })),
    );
  }
});

test('a frame to a station behind its own port is dropped', (t) => {
  const bed = createBed();
  bed.send(plain(NEWCOMER, CLIENT.mac));
  t.deepEqual(bed.send(plain(CLIENT.mac, NEWCOMER)), []);
  t.is(bed.state.counters.dropped['same-port'], 6);
});

test('a station that moves is found at its new port', (t) => {
  const bed = createBed();
  bed.send(plain(CLIENT.mac, BROADCAST), OTHER);
  t.is(bed.send(plain(BACKEND.mac, CLIENT.mac), BACKEND)[0]?.port, AT.other);
});

test('a group address is never learned as a source', (t) => {
  const bed = createBed();
  const group = mac('03:00:00:00:00:01');
  bed.send(plain(group, BACKEND.mac));
  t.is(bed.send(plain(BACKEND.mac, group), BACKEND).length, 3);
});

test('a full address table keeps what it knows and floods the rest until entries age', (t) => {
  const bed = createBed({ macCapacity: 4 });
  bed.send(plain(NEWCOMER, BROADCAST));
  t.is(bed.send(plain(BACKEND.mac, NEWCOMER), BACKEND).length, 3);
  t.is(bed.send(plain(BACKEND.mac, CLIENT.mac), BACKEND).length, 1);
  bed.wait(Number(MAC_AGE_NS / 1_000_000n));
  t.is(bed.send(plain(BACKEND.mac, CLIENT.mac), BACKEND).length, 1);
  bed.wait(1);
  t.is(bed.send(plain(BACKEND.mac, CLIENT.mac), BACKEND).length, 3);
  bed.send(plain(NEWCOMER, BROADCAST));
  t.is(bed.send(plain(BACKEND.mac, NEWCOMER), BACKEND).length, 1);
});

test('PRISM-FWD-12 rewriting does not move the client or the owner', (t) => {
  const bed = createBed();
  bed.tell({ op: 'add', rule: HANDOFF, epoch: 1 });
  bed.send(build(segment(CLIENT, VIRTUAL)));
  bed.send(build(segment(BACKEND, CLIENT)), BACKEND);
  for (const host of [CLIENT, VIRTUAL, BACKEND]) {
    t.deepEqual(
      bed.send(plain(OTHER.mac, host.mac), OTHER).map(({ port }) => port),
      [host.at],
    );
  }
});

test('what comes in at the punt port is switched, and nothing is learned from it', (t) => {
  const bed = createBed();
  t.is(bed.send(plain(CLIENT.mac, BACKEND.mac), AT.punt)[0]?.port, AT.backend);
  t.is(bed.send(plain(BACKEND.mac, CLIENT.mac), BACKEND)[0]?.port, AT.client);
});

test('a frame at a port that the switch does not have is the caller’s mistake', (t) => {
  t.throws(() => createBed().send(plain(CLIENT.mac, BACKEND.mac), 77), { instanceOf: RangeError });
});

test('PRISM-SEC-04 what is shorter than an Ethernet header is dropped', (t) => {
  const bed = createBed();
  for (let length = 0; length < 14; length += 1) t.deepEqual(bed.send(new Uint8Array(length)), []);
  t.is(bed.state.counters.dropped.runt, 14);
});

for (const [capability, most] of [
  ['without JUMBO', 1500],
  ['with JUMBO', 9000],
] as const) {
  test(`PRISM-REW-16 ${capability} frames carry up to ${most} octets, tags apart`, (t) => {
    const bed = createBed(most === 1500 ? { capabilities: new Set(['VLAN']) } : {});
    for (const tags of [[], [dot1q()], [dot1q(), dot1q()]]) {
      const link = ether({ src: CLIENT.mac, dst: BACKEND.mac });
      const fitting = build([link, ...tags, raw(new Uint8Array(most))]);
      const longer = build([link, ...tags, raw(new Uint8Array(most + 1))]);
      t.is(bed.send(fitting).length, 1);
      t.is(bed.send(longer).length, 0);
    }
    t.is(bed.state.counters.dropped.oversize, 3);
  });
}

test('PRISM-FWD-02 ARP for the virtual address passes untouched', (t) => {
  const bed = createBed();
  bed.tell({ op: 'add', rule: HANDOFF, epoch: 1 });
  const request = build([
    ether({ src: CLIENT.mac, dst: BROADCAST }),
    arp({
      operation: 1,
      senderMac: CLIENT.mac,
      senderIp: CLIENT.address,
      targetIp: VIRTUAL.address,
    }),
  ]);
  const out = bed.send(request);
  t.is(out.length, 3);
  for (const { octets } of out) t.deepEqual(octets, request);
});

test('PRISM-FWD-03 UDP with the addresses and ports of a rule passes untouched', (t) => {
  const bed = createBed();
  bed.tell({ op: 'add', rule: HANDOFF, epoch: 1 });
  const twin = build([
    ether({ src: CLIENT.mac, dst: VIRTUAL.mac }),
    ipv4({ src: CLIENT.address, dst: VIRTUAL.address }),
    udp({ srcPort: CLIENT.port, dstPort: VIRTUAL.port }),
    raw('hello'),
  ]);
  t.deepEqual(bed.send(twin), [{ port: AT.controller, octets: twin }]);
});

test('PRISM-SEC-08 any octets are survived: bridged as they are, or dropped', (t) => {
  const bed = createBed();
  bed.tell({ op: 'add', rule: HANDOFF, epoch: 1 });
  const template = build(segment(CLIENT, VIRTUAL, { options: [{ kind: 'mss', mss: 1 }] }));
  const cut = fc.nat(template.length).map((length) => template.subarray(0, length));
  const noisy = fc
    .array(fc.tuple(fc.integer({ min: 12, max: template.length - 1 }), fc.nat(255)), {
      maxLength: 4,
    })
    .map((noise) => {
      const frame = new Uint8Array(template);
      for (const [at, octet] of noise) frame[at] = octet;
      return frame;
    });
  fc.assert(
    fc.property(fc.oneof(cut, noisy), (frame) => {
      for (const { octets } of bed.send(frame)) t.is(octets.length, frame.length);
    }),
    runs(3000),
  );
  const reply = bed.tell({ op: 'get' });
  t.like(reply.ok ? reply.rules : [], [{ rule: HANDOFF, epoch: 1 }]);
  t.is(bed.send(build(segment(CLIENT, VIRTUAL)))[0]?.port, AT.backend);
});
