import test from 'ava';
import type { Server, Service } from '../../../reference/balancer/config.ts';
import { readStatistics } from '../../../reference/balancer/statistics.ts';
import type { PolicyDeclaration } from '../../../reference/policy/declaration.ts';
import { build, ipv4Address, layer, mac, parse } from 'scapy-ts';
import type { Bed, Host } from './bed.ts';
import {
  CLIENT,
  configure,
  createBed,
  fresh,
  DIRECT,
  handshake,
  HASH,
  hostOf,
  nextServers,
  OTHER,
  optionsOf,
  segment,
  segmentLayers,
  serverAt,
  SERVERS,
  SERVICE,
  syn,
  tcpOf,
  VIRTUAL,
} from './bed.ts';

const SYN = 0x02;
const RST = 0x04;

function change(name: string, fields: Partial<Server>): readonly Server[] {
  return SERVERS.map((each) => (each.name === name ? { ...each, ...fields } : each));
}

test('PRISM-HA-1 PRISM-VIP-2 servers come and others go: what is established stays where it is', (t) => {
  for (const policy of [SERVICE.policy, HASH]) {
    const service = { ...SERVICE, policy };
    const bed = createBed(optionsOf(service));
    const clients = Array.from({ length: 60 }, (_, index) => fresh(index));
    const servers = clients.map((client) => handshake(bed, client));
    const extra: Server = {
      ...(SERVERS[0] ?? bad()),
      name: 'd',
      address: ipv4Address('10.0.0.24'),
      mac: mac('02:00:00:00:00:24'),
    };
    for (const pool of [[...SERVERS, extra], SERVERS.slice(1), [extra], SERVERS.toReversed()]) {
      configure(bed, { ...service, servers: pool });
      for (const [index, client] of clients.entries()) {
        const forth = bed.through(segment(client, VIRTUAL, { seq: 1001, ack: 5001 }), client);
        const server = servers[index] ?? bad();
        t.is(forth.port, server.at);
        const back = bed.through(segment(server, client, { seq: 5001, ack: 1001 }), server);
        t.is(tcpOf(back.octets).srcPort, VIRTUAL.port);
      }
    }
  }
});

function bad(): never {
  throw new Error('no server');
}

test('PRISM-HC-7 connections of a server that is down or taken away are kept, or reset to both sides', (t) => {
  const events: readonly ((bed: Bed, service: Service) => void)[] = [
    (bed): void => {
      bed.tell({ kind: 'health', service: 'web', server: 'a', isUp: false });
    },
    (bed, service): void => configure(bed, { ...service, servers: SERVERS.slice(1) }),
    (bed, service): void =>
      configure(bed, { ...service, servers: change('a', { address: ipv4Address('10.0.0.99') }) }),
  ];
  for (const event of events) {
    const kept = createBed();
    const server = handshake(kept);
    event(kept, SERVICE);
    t.is(kept.through(segment(CLIENT, VIRTUAL, { seq: 1001, ack: 5001 })).port, server.at);

    const service: Service = { ...SERVICE, departed: 'reset' };
    const bed = createBed(optionsOf(service));
    handshake(bed);
    event(bed, service);
    const toClient = bed.through(
      segment(CLIENT, VIRTUAL, { seq: 1001, ack: 5001, flags: 'PA' }, 'x'),
    );
    const toServer = bed.through(segment(server, CLIENT, { seq: 5001, ack: 1001 }), server);
    t.deepEqual([toClient.port, tcpOf(toClient.octets).flags], [CLIENT.at, RST]);
    t.is(tcpOf(toClient.octets).seq, 5001);
    t.deepEqual([toServer.port, tcpOf(toServer.octets).flags], [server.at, RST]);
    t.is(tcpOf(toServer.octets).seq, 1001);
    t.deepEqual(bed.drops(), { departed: 2 });
    const again = bed.through(syn(CLIENT, 99_000));
    t.is(tcpOf(again.octets).flags, SYN);
    t.not(layer(parse(again.octets).layers, 'ipv4')?.dst, server.address);
  }
});

test('PRISM-POL-4 a drained server, or one of weight 0, has nothing new and keeps what it has', (t) => {
  for (const fields of [{ isDrained: true }, { weight: 0 }]) {
    const bed = createBed(optionsOf({ ...SERVICE, departed: 'reset' }));
    const server = handshake(bed);
    configure(bed, { ...SERVICE, departed: 'reset', servers: change('a', fields) });
    t.false(nextServers(bed, 9).includes('a'));
    t.is(bed.through(segment(CLIENT, VIRTUAL, { seq: 1001, ack: 5001 })).port, server.at);
    configure(bed, { ...SERVICE, departed: 'reset' });
    t.true(nextServers(bed, 3, 9).includes('a'));
  }
});

test('PRISM-POL-9 another policy, or other weights, concern new connections alone', (t) => {
  const bed = createBed();
  const clients = [0, 1, 2, 3, 4, 5].map(fresh);
  const servers = clients.map((client) => handshake(bed, client));
  const policies: readonly PolicyDeclaration[] = [
    { policy: 'weighted-round-robin', order: 'ipvs' },
    { policy: 'least-connections', tie: 'first' },
    HASH,
  ];
  for (const policy of policies) {
    configure(bed, { ...SERVICE, policy, servers: change('b', { weight: 200 }) });
    for (const [index, client] of clients.entries()) {
      const out = bed.through(segment(client, VIRTUAL, { seq: 1001, ack: 5001 }), client);
      t.is(out.port, servers[index]?.at ?? -1);
    }
  }
});

test('PRISM-POL-5 least connections follow what connections there are, to 0 and back', (t) => {
  const policy: PolicyDeclaration = { policy: 'least-connections', tie: 'first' };
  const bed = createBed(optionsOf({ ...SERVICE, policy }));
  const clients = [0, 1, 2, 3, 4].map(fresh);
  const servers = clients.map((client) => handshake(bed, client));
  t.deepEqual(
    servers.map(({ at }) => at),
    [1, 2, 3, 1, 2],
  );
  bed.through(segment(clients[1] ?? CLIENT, VIRTUAL, { flags: 'R', seq: 1001 }));
  t.is(serverAt(bed.through(syn())), 'b');
  bed.wait(7_440_001);
  const [service] = readStatistics(bed.state).services;
  t.deepEqual(
    service?.servers.map(({ active }) => active),
    [0, 0, 0],
  );
});

test('PRISM-POL-7 a report of load reaches the policy that looks at it', (t) => {
  const policy: PolicyDeclaration = { policy: 'lightest-load', maxAgeMs: 1000 };
  const bed = createBed(optionsOf({ ...SERVICE, policy }));
  for (const [server, load] of [
    ['a', 9],
    ['b', 5],
    ['c', 7],
  ] as const) {
    bed.tell({ kind: 'load', service: 'web', server, load });
  }
  t.deepEqual(nextServers(bed, 2), ['b', 'b']);
});

test('PRISM-SES-1 a source stays with its server when connections, and the pool, change', (t) => {
  const policy: PolicyDeclaration = {
    policy: 'source-affinity',
    otherwise: { policy: 'round-robin' },
    dead: 'choose',
    weightless: 'keep',
    entriesMax: 100,
    expireMs: 60_000,
  };
  const bed = createBed(optionsOf({ ...SERVICE, policy }));
  t.is(serverAt(bed.through(syn(OTHER), OTHER)), 'a');
  t.deepEqual(nextServers(bed, 3), ['b', 'b', 'b']);
  configure(bed, { ...SERVICE, policy, servers: change('c', { weight: 9 }) });
  t.deepEqual(nextServers(bed, 3, 3), ['b', 'b', 'b']);
  bed.wait(60_000);
  t.not(serverAt(bed.through(syn(fresh(7)))), 'b');
});

test('turns go on where neither pool nor policy has changed, checks too', (t) => {
  const bed = createBed();
  t.deepEqual(nextServers(bed, 1), ['a']);
  bed.tell({ kind: 'health', service: 'web', server: 'b', isUp: false });
  configure(bed, { ...SERVICE, servers: SERVERS.map((each) => ({ ...each })) });
  t.deepEqual(nextServers(bed, 2, 1), ['c', 'a']);
});

test('a change of hops concerns new connections alone, and no TTL leaves as 0', (t) => {
  const bed = createBed();
  handshake(bed);
  bed.tell({ kind: 'configure', options: { ...optionsOf(SERVICE), hops: 0 } });
  const ttlOf = (client: Host, ttl: number): readonly (number | undefined)[] => {
    const fields = client === CLIENT ? { seq: 1001, ack: 5001 } : { flags: 'S', seq: 1 };
    const [link, ip, ...rest] = segmentLayers(client, VIRTUAL, fields);
    if (link === undefined || ip?.kind !== 'ipv4') throw new Error('no IPv4');
    const out = bed.send(build([link, { ...ip, ttl }, ...rest]));
    return out
      .filter(({ port }) => port !== CLIENT.at)
      .map(({ octets }) => layer(parse(octets).layers, 'ipv4')?.ttl);
  };
  t.deepEqual(ttlOf(CLIENT, 1), []);
  t.deepEqual(ttlOf(CLIENT, 9), [8]);
  t.deepEqual(ttlOf(fresh(1), 1), [1]);
  // To the server that has the first one too.
  bed.through(syn(fresh(2)));
  t.deepEqual(ttlOf(fresh(3), 9), [9]);
});

test('what names nobody changes nothing', (t) => {
  const bed = createBed();
  t.deepEqual(bed.tell({ kind: 'health', service: 'web', server: 'z', isUp: false }), []);
  t.deepEqual(bed.tell({ kind: 'load', service: 'none', server: 'a', load: 1 }), []);
  t.deepEqual(nextServers(bed, 3), ['a', 'b', 'c']);
});

test('a port that is taken away is forgotten with its stations', (t) => {
  const bed = createBed(optionsOf(DIRECT));
  bed.tell({ kind: 'configure', options: { ...optionsOf(DIRECT), ports: [0, 2, 3] } });
  t.deepEqual(
    bed.send(syn()).map(({ port }) => port),
    [0, 2, 3],
  );
  t.is(hostOf('a').at, 1);
});
