import test from 'ava';
import { build, ether, layer, parse } from 'scapy-ts';
import type { Host } from './bed.ts';
import {
  CLIENT,
  createBed,
  handshake,
  optionsOf,
  OTHER,
  SECOND,
  segment,
  segmentLayers,
  serverAt,
  SERVICE,
  syn,
  tcpOf,
  VIRTUAL,
} from './bed.ts';

test('PRISM-SLB-5 connections differ in client, in either port, and are not mixed up', (t) => {
  const second: Host = { ...VIRTUAL, port: 443 };
  const bed = createBed(
    optionsOf(SERVICE, { ...SERVICE, name: 'tls', ports: { first: 443, last: 443 } }),
  );
  const pairs = [
    [CLIENT, VIRTUAL],
    [SECOND, VIRTUAL],
    [OTHER, VIRTUAL],
    [OTHER, second],
  ] as const;
  const servers = pairs.map(([client, virtual]) => handshake(bed, client, virtual));
  t.is(bed.state.table.queues.established.size, 4);
  for (const [index, [client, virtual]] of pairs.entries()) {
    const server = servers[index];
    if (server === undefined) throw new Error('four servers');
    const forth = bed.through(segment(client, virtual, { seq: 1001, ack: 5001 }), client);
    t.is(forth.port, server.at);
    const back = bed.through(segment(server, client, { seq: 5001, ack: 1001 }), server);
    const { srcPort, dstPort } = tcpOf(back.octets);
    t.deepEqual([srcPort, dstPort], [virtual.port, client.port]);
    t.is(layer(parse(back.octets).layers, 'ipv4')?.dst, client.address);
  }
});

test('PRISM-SLB-5 two endpoints that lead one client port to one server lead it to two', (t) => {
  const second: Host = { ...VIRTUAL, port: 443 };
  // The next in the pool has no weight, and is passed over.
  const servers = SERVICE.servers.map((each) =>
    each.name === 'b' ? { ...each, weight: 0 } : each,
  );
  const tls = { ...SERVICE, name: 'tls', ports: { first: 443, last: 443 }, servers };
  const bed = createBed(optionsOf(SERVICE, tls));
  const first = handshake(bed, CLIENT, VIRTUAL);
  const other = handshake(bed, CLIENT, second);
  t.is(first.at, 1);
  t.is(other.at, 3);
  const back = bed.through(segment(first, CLIENT, { seq: 5001, ack: 1001 }), first);
  t.is(tcpOf(back.octets).srcPort, 80);
});

test('PRISM-SLB-5 a connection that has ended makes way for one to the same server', (t) => {
  const one = SERVICE.servers.slice(0, 1);
  const tls = { ...SERVICE, name: 'tls', ports: { first: 443, last: 443 }, servers: one };
  const bed = createBed(optionsOf({ ...SERVICE, servers: one }, tls));
  const server = handshake(bed);
  bed.through(segment(CLIENT, VIRTUAL, { flags: 'FA', seq: 1001, ack: 5001 }));
  bed.through(segment(server, CLIENT, { flags: 'FA', seq: 5001, ack: 1002 }), server);
  handshake(bed, CLIENT, { ...VIRTUAL, port: 443 });
  t.is(bed.state.table.flows.size, 2);
  bed.wait(240_001);
  const back = bed.through(segment(server, CLIENT, { seq: 5001, ack: 1001 }), server);
  t.is(tcpOf(back.octets).srcPort, 443);
});

test('PRISM-SLB-5 a client port that all servers have already is refused, not confused', (t) => {
  const one = SERVICE.servers.slice(0, 1);
  const tls = { ...SERVICE, name: 'tls', ports: { first: 443, last: 443 }, servers: one };
  const bed = createBed(optionsOf({ ...SERVICE, servers: one }, tls));
  handshake(bed, CLIENT, VIRTUAL);
  const refused = bed.through(syn(CLIENT, 1, { ...VIRTUAL, port: 443 }));
  t.is(tcpOf(refused.octets).flags, 0x14);
  t.deepEqual(bed.drops(), { 'no-server': 1 });
});

test('PRISM-SLB-6 a SYN that is sent again goes to the same server', (t) => {
  const bed = createBed();
  const first = bed.through(syn());
  const others = [SECOND, OTHER].map((client) => serverAt(bed.through(syn(client))));
  t.deepEqual(others, ['b', 'c']);
  for (const seq of [1000, 1000, 77]) t.is(bed.through(syn(CLIENT, seq)).port, first.port);
  t.is(bed.state.table.queues.opening.size, 3);
});

test('PRISM-SLB-3 a server that answers past its gateway is translated where the switch sees it', (t) => {
  const bed = createBed();
  const server = handshake(bed);
  const [, ...rest] = segmentLayers(server, CLIENT, { seq: 5001, ack: 1001 });
  const straight = build([ether({ src: server.mac, dst: CLIENT.mac }), ...rest]);
  const out = bed.through(straight, server);
  t.is(out.port, CLIENT.at);
  t.is(layer(parse(out.octets).layers, 'ipv4')?.src, VIRTUAL.address);
  bed.tell({ kind: 'role', isActive: false });
  t.deepEqual(bed.through(straight, server).octets, straight);
});
