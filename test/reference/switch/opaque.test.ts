import test from 'ava';
import type { Packet } from 'scapy-ts';
import { build, dot1q, ether, ipv4, layer, parse, tcp } from 'scapy-ts';
import { createSwitch, step } from '../../../reference/switch/switch.ts';
import {
  AT,
  BACKEND,
  bedWith,
  CLIENT,
  createBed,
  emissions,
  HANDOFF,
  segment,
  VIRTUAL,
  without,
} from '../bed.ts';

const LINK = ether({ src: CLIENT.mac, dst: VIRTUAL.mac });
const IP = { src: CLIENT.address, dst: VIRTUAL.address };
const TCP = { srcPort: CLIENT.port, dstPort: VIRTUAL.port, flags: 'PA' };
const SOUND = build(segment(CLIENT, VIRTUAL));

const ILLEGIBLE: readonly (readonly [string, Packet | Uint8Array])[] = [
  ['IP version 5', [LINK, ipv4({ ...IP, version: 5 }), tcp(TCP)]],
  ...[0, 1, 2, 3, 4].map(
    (ihl) => [`header length of ${ihl} words`, [LINK, ipv4({ ...IP, ihl }), tcp(TCP)]] as const,
  ),
  ['header length past the end', [LINK, ipv4({ ...IP, ihl: 15 }), tcp(TCP)]],
  ['total length 0', [LINK, ipv4({ ...IP, totalLength: 0 }), tcp(TCP)]],
  ['total length within the TCP header', [LINK, ipv4({ ...IP, totalLength: 39 }), tcp(TCP)]],
  ...[0, 1, 2, 3, 4].map(
    (dataOffset) =>
      [
        `data offset of ${dataOffset} words`,
        [LINK, ipv4(IP), tcp({ ...TCP, dataOffset })],
      ] as const,
  ),
  ['data offset past the end', [LINK, ipv4(IP), tcp({ ...TCP, dataOffset: 6 })]],
  ['a frame cut in the TCP header', SOUND.subarray(0, 40)],
  ['a frame cut behind the IP header', SOUND.subarray(0, 34)],
];

for (const [name, packet] of ILLEGIBLE) {
  const frame = packet instanceof Uint8Array ? packet : build(packet);
  test(`PRISM-SEC-04 ${name}: dropped between a rule’s hosts, else bridged`, (t) => {
    const bed = bedWith(HANDOFF);
    t.deepEqual(bed.send(frame), []);
    t.is(bed.state.counters.dropped.opaque, 1);
    t.deepEqual(createBed().send(frame), [{ port: AT.controller, octets: frame }]);
    t.is(bed.send(SOUND)[0]?.port, AT.backend);
  });
}

test('PRISM-SEC-04 a header of four words is not read, though ports and offset would fit', (t) => {
  // One word short, the destination address stands for the ports, and `ack` for the data offset.
  const bed = bedWith({
    ...HANDOFF,
    key: {
      client: { address: CLIENT.address, port: VIRTUAL.address >>> 16 },
      virtual: { address: VIRTUAL.address, port: VIRTUAL.address & 0xffff },
    },
  });
  t.deepEqual(
    bed.send(build([LINK, ipv4({ ...IP, ihl: 4 }), tcp({ ...TCP, ack: 0x50000000 })])),
    [],
  );
  t.is(bed.state.counters.dropped.opaque, 1);
});

test('PRISM-SEC-04 a segment that lost its end is translated as far as it goes', (t) => {
  const cut = SOUND.subarray(0, SOUND.length - 1);
  const [whole] = bedWith(HANDOFF).send(SOUND);
  t.deepEqual(bedWith(HANDOFF).send(cut), [
    { port: AT.backend, octets: whole?.octets.subarray(0, cut.length) },
  ]);
});

test('PRISM-SEC-04 a frame cut before the end of its IP header is bridged', (t) => {
  for (let length = 14; length < 34; length += 1) {
    const frame = SOUND.subarray(0, length);
    t.deepEqual(bedWith(HANDOFF).send(frame), [{ port: AT.controller, octets: frame }]);
  }
});

test('PRISM-SEC-04 opaque frames of every flow of a rule are dropped', (t) => {
  const bed = bedWith(HANDOFF);
  for (const [from, to] of [
    [BACKEND, CLIENT],
    [VIRTUAL, CLIENT],
  ] as const) {
    const [link, ip] = segment(from, to);
    if (link === undefined || ip === undefined) throw new Error('two layers');
    t.deepEqual(bed.send(build([link, ip, tcp({ dataOffset: 4 })]), from), []);
  }
});

test('PRISM-REW-12 IPv4 options are kept with IPOPT, and dropped without', (t) => {
  const options = [{ kind: 'routerAlert' as const, value: 0 }];
  const frame = build([LINK, ipv4({ ...IP, options }), tcp(TCP)]);
  const [out] = bedWith(HANDOFF).send(frame);
  t.is(out?.port, AT.backend);
  t.deepEqual(out && layer(parse(out.octets).layers, 'ipv4')?.options, options);
  const bed = bedWith(HANDOFF, { capabilities: without('L3', 'IPOPT') });
  t.deepEqual(bed.send(frame), []);
  t.is(bed.state.counters.dropped.incapable, 1);
  t.is(createBed({ capabilities: without('L3', 'IPOPT') }).send(frame)[0]?.port, AT.controller);
});

for (const [name, tags] of [
  ['one tag', [dot1q({ vid: 5, pcp: 3 })]],
  ['two tags', [dot1q({ vid: 5 }), dot1q({ vid: 6, dei: 1 })]],
  ['three tags', [dot1q({ vid: 5 }), dot1q({ vid: 6 }), dot1q({ vid: 7 })]],
] as const) {
  test(`PRISM-FWD-10 PRISM-FWD-09 rules match frames with ${name}, and keep the tags`, (t) => {
    const tagged = build([LINK, ...tags, ipv4(IP), tcp(TCP)]);
    const toOwner = { ...LINK, dst: BACKEND.mac };
    const ends = { src: CLIENT.address, dst: BACKEND.address };
    const ports = { ...TCP, dstPort: BACKEND.port };
    t.deepEqual(bedWith(HANDOFF).send(tagged), [
      { port: AT.backend, octets: build([toOwner, ...tags, ipv4(ends), tcp(ports)]) },
    ]);
    const bed = bedWith(HANDOFF, { capabilities: without('L3', 'VLAN') });
    t.deepEqual(bed.send(tagged), [{ port: AT.controller, octets: tagged }]);
    t.is(bed.send(SOUND)[0]?.port, AT.backend);
  });
}

test('PRISM-FWD-10 the service tag of 802.1ad counts as a tag', (t) => {
  const link = { ...LINK, etherType: 0x88a8 };
  const frame = build([link, dot1q({ vid: 5 }), dot1q({ vid: 6 }), ipv4(IP), tcp(TCP)]);
  t.is(bedWith(HANDOFF).send(frame)[0]?.port, AT.backend);
});

test('PRISM-REW-14 with L3 a hop is taken off, and the last one is never', (t) => {
  const bed = bedWith(HANDOFF, { capabilities: without() });
  for (const [ttl, left] of [
    [255, 254],
    [2, 1],
    [1, undefined],
    [0, undefined],
  ] as const) {
    const [out] = bed.send(build([LINK, ipv4({ ...IP, ttl }), tcp(TCP)]));
    t.is(out && layer(parse(out.octets).layers, 'ipv4')?.ttl, left);
  }
  t.is(bed.state.counters.dropped['hop-limit'], 2);
});

test('PRISM-REW-14 without L3 the TTL stays, 0 and 1 too', (t) => {
  for (const ttl of [255, 1, 0]) {
    const [out] = bedWith(HANDOFF).send(build([LINK, ipv4({ ...IP, ttl }), tcp(TCP)]));
    t.is(out && layer(parse(out.octets).layers, 'ipv4')?.ttl, ttl);
  }
});

test('a Buffer is taken as what it is, octets', (t) => {
  const state = createSwitch({ ports: [0, 1], capabilities: without('L3') });
  step(state, { kind: 'command', command: { op: 'add', rule: HANDOFF, epoch: 1 } });
  const octets = Buffer.from(SOUND);
  const [out] = emissions(step(state, { kind: 'frame', port: 0, octets }));
  t.deepEqual(new Uint8Array(octets), SOUND);
  t.deepEqual(out?.octets.subarray(0, 6), Uint8Array.of(2, 0, 0, 0, 0, AT.backend + 1));
});
