import test from 'ava';
import { build, ipv4FromNumber } from 'scapy-ts';
import type { BalancerOptions } from '../../../reference/balancer/config.ts';
import { countConnections } from '../../../reference/balancer/connection-table.ts';
import type { Host } from './bed.ts';
import {
  CLIENT,
  createBed,
  DIRECT,
  HASH,
  hostOf,
  limited,
  optionsOf,
  OTHER,
  segment,
  segmentLayers,
  serverAt,
  SERVICE,
  stranger,
  syn,
  tcpOf,
  VIRTUAL,
} from './bed.ts';

const RST = 0x04;

test('PRISM-SLB-7 a segment of no connection is reset where that is declared', (t) => {
  const bed = createBed();
  for (let index = 0; index < 3; index += 1) {
    const out = bed.through(segment(CLIENT, VIRTUAL, { seq: 44, ack: 77, flags: 'PA' }, 'x'));
    const { flags, seq } = tcpOf(out.octets);
    t.deepEqual([flags, seq, out.port], [RST, 77, CLIENT.at]);
  }
  t.deepEqual(bed.send(segment(CLIENT, VIRTUAL, { flags: 'R', seq: 44 })), []);
  t.deepEqual(bed.drops(), { stray: 4 });
  t.is(countConnections(bed.state.table), 0);
});

test('PRISM-SLB-7 a reset answers no segment whose checksum is wrong', (t) => {
  const bed = createBed();
  t.deepEqual(bed.send(segment(CLIENT, VIRTUAL, { seq: 44, ack: 77, checksum: 0x1234 })), []);
  t.deepEqual(bed.drops(), { stray: 1 });
});

test('PRISM-SLB-7 a reset answers no fragment, for it cannot say how long the segment is', (t) => {
  const bed = createBed();
  const [link, ip, ...rest] = segmentLayers(CLIENT, VIRTUAL, { flags: 'S', seq: 1 }, 'part');
  if (link === undefined || ip?.kind !== 'ipv4') throw new Error('no IPv4');
  const closed = { ...ip, df: 0, mf: 1, protocol: 6 };
  for (const server of ['a', 'b', 'c']) {
    bed.tell({ kind: 'health', service: 'web', server, isUp: false });
  }
  t.deepEqual(bed.send(build([link, closed, ...rest])), []);
  t.deepEqual(bed.drops(), { 'no-server': 1 });
});

test('PRISM-SLB-7 a segment of no connection goes nowhere where that is declared', (t) => {
  const bed = createBed({ ...optionsOf(SERVICE), strays: 'drop' });
  t.deepEqual(bed.send(segment(CLIENT, VIRTUAL, { seq: 44, ack: 77 })), []);
  t.deepEqual(bed.drops(), { stray: 1 });
});

test('PRISM-SLB-7 PRISM-HA-2 hashed, it goes to the server that another switch chose', (t) => {
  for (const service of [SERVICE, DIRECT]) {
    const options: BalancerOptions = {
      ...optionsOf({ ...service, policy: HASH }),
      strays: 'hash',
    };
    const [first, second] = [createBed(options), createBed(options)];
    for (let index = 0; index < 200; index += 1) {
      const client = stranger(index);
      const { port } = first.through(syn(client, 1000), client);
      const frame = segment(client, VIRTUAL, { seq: 1001, ack: 5001 }, 'on');
      t.is(second.through(frame, client).port, port);
      t.is(second.through(frame, client).port, port);
    }
    t.is(second.state.table.queues.opening.size, 200);
  }
});

test('PRISM-SLB-7 what was hashed is half open until its server has answered', (t) => {
  const options: BalancerOptions = {
    ...limited({ connections: 50, halfOpen: 20 }, { strays: 'hash' }),
    services: [{ ...SERVICE, policy: HASH }],
  };
  const bed = createBed(options);
  for (let index = 0; index < 1000; index += 1) {
    bed.send(segment(stranger(index), VIRTUAL, { seq: index, ack: 1 }));
  }
  t.is(countConnections(bed.state.table), 20);
  const out = bed.through(segment(CLIENT, VIRTUAL, { seq: 44, ack: 77 }));
  const server = hostOf(serverAt(out));
  bed.through(segment(server, CLIENT, { seq: 77, ack: 45 }), server);
  t.is(bed.state.table.queues.established.size, 1);
});

test('PRISM-SLB-7 hashed or not, a reset of no connection goes nowhere', (t) => {
  const bed = createBed({ ...optionsOf({ ...SERVICE, policy: HASH }), strays: 'hash' });
  t.deepEqual(bed.send(segment(CLIENT, VIRTUAL, { flags: 'R', seq: 44 })), []);
  t.deepEqual(bed.drops(), { stray: 1 });
});

test('a hash of connections is of either port and either address', (t) => {
  const ports = { first: 1, last: 65_535 };
  const far = { ...DIRECT, policy: HASH, ports };
  const services = Array.from({ length: 40 }, (_, index) => ({
    ...far,
    name: `s${index}`,
    address: ipv4FromNumber(VIRTUAL.address + index),
  }));
  const bed = createBed(optionsOf(...services));
  const vary: readonly ((index: number) => readonly [Host, Host])[] = [
    (index) => [{ ...CLIENT, port: 40_000 + index }, VIRTUAL],
    (index) => [{ ...CLIENT, address: ipv4FromNumber(CLIENT.address + index) }, VIRTUAL],
    (index) => [OTHER, { ...VIRTUAL, port: 100 + index }],
    (index) => [OTHER, { ...VIRTUAL, address: ipv4FromNumber(VIRTUAL.address + index) }],
  ];
  for (const pairOf of vary) {
    const servers = Array.from({ length: 40 }, (_, index) => {
      const [client, virtual] = pairOf(index);
      return serverAt(bed.through(syn(client, 1, virtual), client));
    });
    t.is(new Set(servers).size, 3);
  }
});

test('the switch says so much by itself, and no more', (t) => {
  const bed = createBed(limited({ answersPerSecond: 10 }));
  const stray = segment(CLIENT, VIRTUAL, { seq: 44, ack: 77 });
  const count = (): number =>
    Array.from({ length: 100 }, () => bed.send(stray).length).reduce((a, b) => a + b);
  t.is(count(), 10);
  t.is(bed.state.counters.unanswered, 90);
  bed.wait(500);
  t.is(count(), 5);
  bed.wait(60_000);
  t.is(count(), 10);
});
