import test from 'ava';
import { ipv4Address, ipv4FromNumber } from 'scapy-ts';
import type { Service } from '../../../reference/balancer/config.ts';
import { findPool, indexServices } from '../../../reference/balancer/service-index.ts';
import type { Host } from './bed.ts';
import {
  CLIENT,
  configure,
  createBed,
  handshake,
  nextServers,
  OTHER,
  optionsOf,
  SECOND,
  segment,
  serverAt,
  SERVERS,
  SERVICE,
  syn,
  tcpOf,
  VIRTUAL,
} from './bed.ts';

const RST = 0x04;
const TLS: Host = { ...VIRTUAL, port: 443 };
const TLS_SERVICE: Service = { ...SERVICE, name: 'tls', ports: { first: 443, last: 443 } };

test('PRISM-VIP-1 services have pools and policies of their own', (t) => {
  const bed = createBed(optionsOf(SERVICE, { ...TLS_SERVICE, servers: SERVERS.slice(2) }));
  t.deepEqual(nextServers(bed, 2), ['a', 'b']);
  t.is(serverAt(bed.through(syn(CLIENT, 1, TLS))), 'c');
  t.is(serverAt(bed.through(syn(SECOND, 1, TLS))), 'c');
  t.deepEqual(nextServers(bed, 2, 2), ['c', 'a']);
});

test('PRISM-VIP-2 a service that comes or goes disturbs no other', (t) => {
  const bed = createBed(optionsOf(SERVICE));
  handshake(bed);
  t.deepEqual(nextServers(bed, 1), ['b']);
  configure(bed, SERVICE, TLS_SERVICE);
  handshake(bed, OTHER, TLS);
  t.deepEqual(nextServers(bed, 1, 1), ['c']);
  configure(bed, SERVICE);
  t.deepEqual(nextServers(bed, 1, 2), ['a']);
  t.is(bed.through(segment(CLIENT, VIRTUAL, { seq: 1001, ack: 5001 })).port, 1);
});

test('PRISM-VIP-2 a service that is gone refuses SYNs; what it had goes on, or is reset', (t) => {
  for (const departed of ['keep', 'reset'] as const) {
    const bed = createBed(optionsOf(SERVICE, { ...TLS_SERVICE, departed }));
    const server = handshake(bed, CLIENT, TLS);
    configure(bed, SERVICE);
    t.is(tcpOf(bed.through(syn(SECOND, 1, TLS)).octets).flags, RST | 0x10);
    const out = bed.through(segment(CLIENT, TLS, { seq: 1001, ack: 5001 }));
    t.is(out.port, departed === 'keep' ? server.at : CLIENT.at);
  }
});

test('PRISM-VIP-2 a refused configuration has no effect', (t) => {
  const bed = createBed();
  const options = optionsOf(SERVICE, { ...SERVICE, name: 'again' });
  t.deepEqual(bed.tell({ kind: 'configure', options }), [
    'the switch needs services whose ports do not overlap',
  ]);
  t.deepEqual(nextServers(bed, 1), ['a']);
});

test('PRISM-VIP-2 a new virtual address is announced, a known one is not again', (t) => {
  const bed = createBed();
  const far = { ...SERVICE, name: 'far', address: ipv4Address('198.51.100.9') };
  const options = optionsOf(SERVICE, far);
  t.deepEqual(bed.tell({ kind: 'configure', options }), [
    'configured',
    'emit',
    'emit',
    'emit',
    'emit',
  ]);
  t.deepEqual(bed.tell({ kind: 'configure', options }), ['configured']);
});

test('PRISM-VIP-2 a switch on standby announces no new virtual address', (t) => {
  const bed = createBed();
  bed.tell({ kind: 'role', isActive: false });
  const far = { ...SERVICE, name: 'far', address: ipv4Address('198.51.100.9') };
  t.deepEqual(bed.tell({ kind: 'configure', options: optionsOf(SERVICE, far) }), ['configured']);
  t.deepEqual(bed.state.unannounced, []);
});

test('100,000 services are found as one is', (t) => {
  const services = Array.from({ length: 100_000 }, (_, index): Service => {
    const first = 1 + 3 * (index % 20_000);
    return {
      ...SERVICE,
      name: `service ${index}`,
      address: ipv4FromNumber(VIRTUAL.address + Math.floor(index / 20_000)),
      ports: { first, last: first + 1 },
      servers: [],
    };
  });
  const bed = createBed(optionsOf(...services));
  const index = indexServices(services, () => 0);
  for (const service of [services[0], services[19_999], services[20_000], services[99_999]]) {
    if (service === undefined) throw new Error('no service');
    const { address, ports } = service;
    const found = (port: number): string | undefined =>
      findPool(index, { address, protocol: 'tcp' }, port)?.service.name;
    t.deepEqual([found(ports.first), found(ports.last)], [service.name, service.name]);
    t.is(found(ports.last + 1), undefined);
    t.is(findPool(index, { address, protocol: 'udp' }, ports.first), undefined);
  }
  bed.send(syn(CLIENT, 1, { ...VIRTUAL, port: 2 }));
  bed.send(syn(CLIENT, 1, { ...VIRTUAL, port: 3 }));
  t.deepEqual(bed.drops(), { 'no-server': 1, 'closed-port': 1 });
});
