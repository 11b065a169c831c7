import test from 'ava';
import type { Ipv4Address, MacAddress, Packet } from 'scapy-ts';
import {
  build,
  ether,
  icmpv4,
  ipv4,
  ipv4Address,
  parse,
  raw,
  tcp,
  udp,
  verifyChecksums,
} from 'scapy-ts';
import { countConnections } from '../../../reference/balancer/connection-table.ts';
import type { Bed, Host } from './bed.ts';
import {
  CLIENT,
  createBed,
  datagram,
  DATAGRAMS,
  DIRECT,
  handshake,
  hostOf,
  optionsOf,
  SECOND,
  SERVICE,
  SWITCH_MAC,
  syn,
  TUNNEL,
  VIRTUAL,
} from './bed.ts';

const ROUTER = ipv4Address('203.0.113.9');

interface Quoted {
  readonly from: Host;
  readonly to: Host;
  readonly transport: (from: Host, to: Host) => Packet;
}

interface Way {
  readonly source: Ipv4Address;
  readonly links: { readonly src: MacAddress; readonly dst: MacAddress };
  readonly ttl: number;
}

function whole({ port: srcPort }: Host, { port: dstPort }: Host): Packet {
  return [tcp({ srcPort, dstPort, seq: 1001, ack: 5001, flags: 'PA' }), raw('what was sent')];
}

function eight({ port: srcPort }: Host, { port: dstPort }: Host): Packet {
  return [tcp({ srcPort, dstPort, seq: 1001, checksum: 0, flags: '' })];
}

function question({ port: srcPort }: Host, { port: dstPort }: Host): Packet {
  return [udp({ srcPort, dstPort }), raw('question')];
}

/** An error that says "fragmentation needed" about what `from` sent to `to`. */
function errorAbout(
  { from, to, transport }: Quoted,
  { source, links, ttl }: Way,
  cut?: number,
): Uint8Array {
  const quoted = build([
    ipv4({ src: from.address, dst: to.address, ttl: 61, id: 77 }),
    ...transport(from, to),
  ]);
  return build([
    ether(links),
    ipv4({ src: source, dst: from.address, ttl }),
    icmpv4({ type: 3, code: 4, mtu: 1400 }),
    raw(quoted.subarray(0, cut)),
  ]);
}

/** A bed on which a client has what `options` serve, and the server that has it. */
function connected(service: typeof SERVICE): { readonly bed: Bed; readonly server: Host } {
  const bed = createBed(optionsOf(service));
  if (service.mode !== 'nat') {
    bed.through(syn());
    return { bed, server: hostOf('a') };
  }
  if (service.protocol === 'tcp') return { bed, server: handshake(bed) };
  bed.through(datagram(CLIENT, VIRTUAL));
  bed.through(datagram(hostOf('a'), CLIENT), hostOf('a'));
  return { bed, server: hostOf('a') };
}

const PROTOCOLS = [
  ['TCP', SERVICE, whole, undefined],
  ['TCP, eight octets of it', SERVICE, eight, 28],
  ['UDP', DATAGRAMS, question, undefined],
  ['UDP, eight octets of it', DATAGRAMS, question, 28],
] as const;

for (const [name, service, transport, cut] of PROTOCOLS) {
  test(`PRISM-SLB-11 an error of a client or its router about ${name} reaches the server as its own`, (t) => {
    const { bed, server } = connected(service);
    for (const source of [CLIENT.address, ROUTER]) {
      const sent = errorAbout(
        { from: VIRTUAL, to: CLIENT, transport },
        { source, links: { src: CLIENT.mac, dst: SWITCH_MAC }, ttl: 60 },
        cut,
      );
      const expected = errorAbout(
        { from: server, to: CLIENT, transport },
        { source, links: { src: SWITCH_MAC, dst: server.mac }, ttl: 59 },
        cut,
      );
      const out = bed.through(sent);
      t.is(out.port, server.at);
      t.deepEqual(parse(out.octets), parse(expected));
      t.true(verifyChecksums(out.octets).every(({ valid }) => valid));
    }
  });

  test(`PRISM-SLB-11 an error of a server or its router about ${name} reaches the client as the endpoint’s`, (t) => {
    const { bed, server } = connected(service);
    for (const [source, seen] of [
      [server.address, VIRTUAL.address],
      [ROUTER, ROUTER],
    ] as const) {
      const sent = errorAbout(
        { from: CLIENT, to: server, transport },
        { source, links: { src: server.mac, dst: SWITCH_MAC }, ttl: 60 },
        cut,
      );
      const expected = errorAbout(
        { from: CLIENT, to: VIRTUAL, transport },
        { source: seen, links: { src: SWITCH_MAC, dst: CLIENT.mac }, ttl: 59 },
        cut,
      );
      const out = bed.through(sent, server);
      t.is(out.port, CLIENT.at);
      t.deepEqual(parse(out.octets), parse(expected));
      t.true(verifyChecksums(out.octets).every(({ valid }) => valid));
    }
  });
}

const ABOUT_VIRTUAL: Quoted = { from: VIRTUAL, to: CLIENT, transport: whole };
const OF_CLIENT: Way = {
  source: CLIENT.address,
  links: { src: CLIENT.mac, dst: SWITCH_MAC },
  ttl: 60,
};

for (const service of [DIRECT, TUNNEL]) {
  test(`PRISM-SLB-11 under ${service.mode} an error reaches the server untouched`, (t) => {
    const { bed, server } = connected(service);
    const sent = errorAbout(ABOUT_VIRTUAL, OF_CLIENT);
    const { port, octets } = bed.through(sent);
    t.is(port, server.at);
    t.deepEqual(octets.subarray(service.mode === 'ipip' ? 34 : 14), sent.subarray(14));
  });
}

test('PRISM-SLB-11 an error about no connection goes nowhere', (t) => {
  const { bed } = connected(SERVICE);
  const about = { ...ABOUT_VIRTUAL, to: SECOND };
  t.deepEqual(bed.send(errorAbout(about, OF_CLIENT)), []);
  t.deepEqual(bed.drops(), { 'stray-error': 1 });
});

test('PRISM-SLB-11 an error that is not for the sender of what it quotes is none', (t) => {
  for (const [service, transport] of [
    [SERVICE, whole],
    [DATAGRAMS, question],
  ] as const) {
    const { bed } = connected(service);
    const { layers } = parse(errorAbout({ ...ABOUT_VIRTUAL, transport }, OF_CLIENT));
    const [link, ip, ...rest] = layers;
    if (link === undefined || ip?.kind !== 'ipv4') throw new Error('no IPv4');
    const elsewhere = { ...ip, dst: ROUTER, checksum: undefined };
    t.deepEqual(bed.send(build([link, elsewhere, ...rest])), []);
    t.deepEqual(bed.drops(), { 'not-here': 1 });
  }
});

test('PRISM-SLB-11 an error that was damaged goes nowhere', (t) => {
  const { bed } = connected(SERVICE);
  const frame = Uint8Array.from(errorAbout(ABOUT_VIRTUAL, OF_CLIENT));
  frame[frame.length - 1] = 0;
  t.deepEqual(bed.send(frame), []);
  t.deepEqual(bed.drops(), { damaged: 1 });
});

test('PRISM-SLB-11 an error neither ends a connection nor keeps it', (t) => {
  const { bed } = connected(SERVICE);
  bed.wait(7_440_000);
  t.is(bed.send(errorAbout(ABOUT_VIRTUAL, OF_CLIENT)).length, 1);
  t.is(countConnections(bed.state.table), 1);
  bed.wait(1);
  t.is(countConnections(bed.state.table), 0);
});

test('PRISM-SLB-11 without a quoted checksum none is made up', (t) => {
  const { bed, server } = connected(DATAGRAMS);
  const bare = ({ port: srcPort }: Host, { port: dstPort }: Host): Packet => [
    udp({ srcPort, dstPort, checksum: 0 }),
    raw('question'),
  ];
  const out = bed.through(errorAbout({ from: VIRTUAL, to: CLIENT, transport: bare }, OF_CLIENT));
  const way: Way = { ...OF_CLIENT, links: { src: SWITCH_MAC, dst: server.mac }, ttl: 59 };
  t.deepEqual(out.octets, errorAbout({ from: server, to: CLIENT, transport: bare }, way));
});
