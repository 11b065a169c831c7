import test from 'ava';
import fc from 'fast-check';
import { build, icmpv4, layer, parse, raw, verifyChecksums } from 'scapy-ts';
import type { Emission } from '../../../reference/balancer/link.ts';
import type { Rule } from '../../../reference/rules/rule.ts';
import { NO_DELTAS } from '../../../reference/rules/rule.ts';
import { runs } from '../../runs.ts';
import type { Sender } from '../arbitrary.ts';
import { frameOf, word32 } from '../arbitrary.ts';
import { expectedFrame } from '../rules/oracle.ts';
import type { Bed, Host } from './bed.ts';
import {
  CLIENT,
  createBed,
  handshake,
  hostOf,
  optionsOf,
  PLAIN_SERVERS,
  segment,
  segmentLayers,
  serverAt,
  SERVICE,
  SWITCH_MAC,
  syn,
  tcpOf,
  VIRTUAL,
} from './bed.ts';

const SERVER = hostOf('a');

/** The rule that says the same as a connection of CLIENT to server a. */
const RULE: Rule = {
  key: {
    client: { address: CLIENT.address, port: CLIENT.port },
    virtual: { address: VIRTUAL.address, port: VIRTUAL.port },
  },
  owner: { address: SERVER.address, port: SERVER.port, mac: SERVER.mac },
  deltas: NO_DELTAS,
  locked: false,
};

/** The same frame, sent to the switch's MAC address, with flags that a living connection has. */
function toSwitch(frame: Uint8Array): Uint8Array {
  const { layers } = parse(frame);
  return build(
    layers.map((each) => {
      if (each.kind === 'ether') return { ...each, dst: SWITCH_MAC };
      if (each.kind === 'ipv4')
        return {
          ...each,
          options: [],
          ihl: undefined,
          totalLength: undefined,
          checksum: undefined,
        };
      return each.kind === 'tcp'
        ? { ...each, flags: (each.flags & 0x1f8) | 0x10, checksum: undefined }
        : each;
    }),
  );
}

/** What a router with a rule makes of a frame: the oracle's, one hop on, under other MAC addresses. */
function routed(frame: Uint8Array, sender: Sender): Uint8Array {
  const { layers } = parse(expectedFrame(frame, RULE, sender));
  const dst = sender === 'client' ? SERVER.mac : CLIENT.mac;
  return build(
    layers.map((each) => {
      if (each.kind === 'ether') return { ...each, src: SWITCH_MAC, dst };
      return each.kind === 'ipv4' ? { ...each, ttl: each.ttl - 1, checksum: undefined } : each;
    }),
  );
}

function established(): Bed {
  const bed = createBed();
  handshake(bed);
  return bed;
}

for (const [sender, from, id] of [
  ['client', CLIENT, 'PRISM-SLB-2'],
  ['owner', SERVER, 'PRISM-SLB-3'],
] as const) {
  const who = sender === 'client' ? 'client' : 'server';
  test(`${id} of what the ${who} sends addresses, ports, TTL and checksums change, and no more`, (t) => {
    const bed = established();
    fc.assert(
      fc.property(frameOf(RULE, sender), (any) => {
        const frame = toSwitch(any);
        const out = bed.through(frame, from);
        t.deepEqual(parse(out.octets), parse(routed(frame, sender)));
        t.true(verifyChecksums(out.octets).every(({ valid }) => valid));
        // A connection that is reset is another story.
        t.is(bed.state.table.queues.established.size, 1);
      }),
      runs(400),
    );
  });
}

test('PRISM-SLB-4 a checksum that was wrong is as wrong after the rewrite', (t) => {
  const bed = established();
  fc.assert(
    fc.property(fc.nat(0xffff), fc.constantFrom(CLIENT, SERVER), (checksum, from) => {
      const to = from === CLIENT ? VIRTUAL : CLIENT;
      const frame = segment(from, to, { seq: 1001, ack: 5001, checksum }, 'payload');
      const [before] = verifyChecksums(frame).filter(({ layer: name }) => name === 'tcp');
      const [after] = verifyChecksums(bed.through(frame, from).octets).filter(
        ({ layer: name }) => name === 'tcp',
      );
      const wrong = (each: typeof before): number =>
        each === undefined ? -1 : (each.found - each.computed + 0xffff) % 0xffff;
      t.is(wrong(after), wrong(before));
    }),
    runs(200),
  );
});

test('PRISM-SLB-1 the server is chosen once, and has all segments of the connection', (t) => {
  const bed = createBed();
  const server = handshake(bed);
  for (let index = 0; index < 12; index += 1) {
    const out = bed.through(segment(CLIENT, VIRTUAL, { seq: 1001 + index, ack: 5001 }, 'x'));
    t.is(out.port, server.at);
  }
});

test('PRISM-POL-1 turns give each server one connection of three', (t) => {
  const bed = createBed();
  const names = [0, 1, 2, 3, 4, 5].map((index) =>
    serverAt(bed.through(syn({ ...CLIENT, port: 41000 + index }))),
  );
  t.deepEqual(names, ['a', 'b', 'c', 'a', 'b', 'c']);
});

test('PRISM-SLB-3 PRISM-SLB-14 the client sees the virtual endpoint, the server its own port', (t) => {
  const bed = createBed();
  const request = bed.through(syn());
  t.is(layer(parse(request.octets).layers, 'ipv4')?.dst, SERVER.address);
  t.is(tcpOf(request.octets).dstPort, 8080);
  const answer = bed.through(
    segment(SERVER, CLIENT, { flags: 'SA', seq: 5000, ack: 1001 }),
    SERVER,
  );
  t.is(answer.port, CLIENT.at);
  t.is(layer(parse(answer.octets).layers, 'ipv4')?.src, VIRTUAL.address);
  t.is(tcpOf(answer.octets).srcPort, VIRTUAL.port);
});

test('PRISM-SLB-14 a server without a port of its own has the one that the client chose', (t) => {
  const ports = { first: 8000, last: 8100 };
  const servers = PLAIN_SERVERS.slice(0, 1);
  const bed = createBed(optionsOf({ ...SERVICE, ports, servers }));
  for (const port of [8044, 8045]) {
    const client: Host = { ...CLIENT, port };
    const server = handshake(bed, client, { ...VIRTUAL, port });
    t.is(server.port, port);
    const answer = bed.through(segment(server, client, { seq: 5001, ack: 1001 }), server);
    t.is(tcpOf(answer.octets).srcPort, port);
  }
  t.is(bed.send(syn(CLIENT, 1, { ...VIRTUAL, port: 8101 })).length, 1);
  t.deepEqual(bed.drops(), { 'closed-port': 1 });
});

test('PRISM-SLB-13 the options of a SYN arrive as they were sent', (t) => {
  const options = [
    { kind: 'mss' as const, mss: 1460 },
    { kind: 'sackPermitted' as const },
    { kind: 'timestamps' as const, value: 123456, echo: 0 },
    { kind: 'nop' as const },
    { kind: 'windowScale' as const, shift: 7 },
  ];
  const bed = createBed();
  const out = bed.through(segment(CLIENT, VIRTUAL, { flags: 'S', seq: 1, options }));
  t.deepEqual(tcpOf(out.octets).options, options);
});

test('in and out again, the client gets what it would have sent to itself', (t) => {
  fc.assert(
    fc.property(word32, word32, fc.string({ maxLength: 40 }), (seq, ack, payload) => {
      const bed = established();
      const asked = bed.through(segment(CLIENT, VIRTUAL, { seq, ack, flags: 'PA' }, payload));
      const { layers } = parse(asked.octets);
      const [link, ip, header, body] = layers;
      if (link?.kind !== 'ether' || ip?.kind !== 'ipv4' || header?.kind !== 'tcp')
        throw new Error('TCP');
      const mirrored = build([
        { ...link, src: SERVER.mac, dst: SWITCH_MAC },
        { ...ip, src: ip.dst, dst: ip.src, checksum: undefined },
        { ...header, srcPort: header.dstPort, dstPort: header.srcPort, checksum: undefined },
        ...(body === undefined ? [] : [body]),
      ]);
      const back = bed.through(mirrored, SERVER);
      const expected = parse(
        build([
          { ...link, src: SWITCH_MAC, dst: CLIENT.mac },
          { ...ip, src: VIRTUAL.address, dst: CLIENT.address, ttl: 58, checksum: undefined },
          { ...header, srcPort: 80, dstPort: CLIENT.port, checksum: undefined },
          ...(body === undefined ? [] : [body]),
        ]),
      );
      t.deepEqual(parse(back.octets), expected);
    }),
    runs(100),
  );
});

test('TTL ends at the switch as at any router, and its sender is told', (t) => {
  const bed = established();
  for (const [from, to] of [
    [CLIENT, VIRTUAL],
    [SERVER, CLIENT],
  ] as const) {
    const [link, ip, ...rest] = segmentLayers(from, to, { seq: 1001, ack: 5001 }, 'last');
    if (link === undefined || ip?.kind !== 'ipv4') throw new Error('no IPv4');
    const frame = build([link, { ...ip, ttl: 1 }, ...rest]);
    const { port, octets } = bed.through(frame, from);
    t.is(port, from.at);
    const { layers } = parse(octets);
    t.is(layer(layers, 'icmpv4')?.type, 11);
    t.is(layer(layers, 'ipv4')?.dst, from.address);
    t.true(verifyChecksums(octets).every(({ valid }) => valid));
  }
  t.deepEqual(bed.drops(), { 'hop-limit': 2 });
});

test('a SYN whose TTL ends makes no connection', (t) => {
  const bed = createBed();
  const [link, ip, ...rest] = segmentLayers(CLIENT, VIRTUAL, { flags: 'S' });
  if (link === undefined || ip?.kind !== 'ipv4') throw new Error('no IPv4');
  const { octets } = bed.through(build([link, { ...ip, ttl: 1 }, ...rest]));
  t.is(layer(parse(octets).layers, 'icmpv4')?.type, 11);
  t.is(bed.state.table.flows.size, 0);
});

test('of an ICMP error and of a later fragment whose TTL ends nobody is told', (t) => {
  const bed = established();
  const [link, ip, ...rest] = segmentLayers(
    CLIENT,
    VIRTUAL,
    { seq: 1001, ack: 5001 },
    'x'.repeat(40),
  );
  if (link?.kind !== 'ether' || ip?.kind !== 'ipv4') throw new Error('no IPv4');
  const quoted = segmentLayers(VIRTUAL, CLIENT, { seq: 5001, ack: 1001 }).slice(1);
  const error = build([
    link,
    { ...ip, ttl: 1 },
    icmpv4({ type: 3, code: 4, mtu: 1400 }),
    ...quoted,
  ]);
  t.deepEqual(bed.send(error), []);
  const [first, later] = [
    { mf: 1, protocol: 6 },
    { fragmentOffset: 4, protocol: 6, ttl: 1 },
  ].map((fields, index) => {
    const body = build([link, ip, ...rest]).subarray(34 + index * 32, index === 0 ? 66 : undefined);
    return build([link, { ...ip, df: 0, ...fields }, raw(body)]);
  });
  bed.through(first ?? error);
  t.deepEqual(bed.send(later ?? first ?? error), []);
  t.deepEqual(bed.drops(), { 'hop-limit': 2 });
});

test('a switch that declares to be no hop leaves TTL as it is', (t) => {
  const bed = createBed({ ...optionsOf(SERVICE), hops: 0 });
  const [link, ip, ...rest] = segmentLayers(CLIENT, VIRTUAL, { flags: 'S' });
  if (link === undefined || ip?.kind !== 'ipv4') throw new Error('no IPv4');
  const { octets } = bed.through(build([link, { ...ip, ttl: 1 }, ...rest]));
  t.is(layer(parse(octets).layers, 'ipv4')?.ttl, 1);
});

test('the way back is the way that the client’s last segment came', (t) => {
  const bed = established();
  const moved: Host = { ...CLIENT, mac: hostOf('c').mac, at: hostOf('c').at };
  bed.through(segment(moved, VIRTUAL, { seq: 1001, ack: 5001 }), moved);
  const back: Emission = bed.through(segment(SERVER, CLIENT, { seq: 5001, ack: 1001 }), SERVER);
  t.is(back.port, moved.at);
});

test('PRISM-QOS-1 DSCP and ECN are what they were, in both directions', (t) => {
  const bed = established();
  for (const [from, to] of [
    [CLIENT, VIRTUAL],
    [SERVER, CLIENT],
  ] as const) {
    for (let field = 0; field < 256; field += 1) {
      const [link, ip, ...rest] = segmentLayers(from, to, { seq: 1001, ack: 5001 });
      if (link === undefined || ip?.kind !== 'ipv4') throw new Error('no IPv4');
      const marked = build([link, { ...ip, dscp: field >> 2, ecn: field & 3 }, ...rest]);
      t.is(bed.through(marked, from).octets[15], field);
    }
  }
});
