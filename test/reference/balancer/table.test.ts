import test from 'ava';
import fc from 'fast-check';
import { countConnections } from '../../../reference/balancer/connection-table.ts';
import { runs } from '../../runs.ts';
import type { Bed } from './bed.ts';
import {
  CLIENT,
  createBed,
  GREETINGS,
  handshake,
  HASH,
  hostOf,
  limited,
  optionsOf,
  OTHER,
  SECOND,
  segment,
  serverAt,
  SERVICE,
  stranger,
  syn,
  tcpOf,
  VIRTUAL,
} from './bed.ts';

const RST_ACK = 0x14;

function flood(bed: Bed, count: number): void {
  for (let index = 0; index < count; index += 1) bed.send(syn(stranger(index), index));
}

test('PRISM-SLB-10 a flood of forged SYNs has a bounded part of the table, and harms nobody', (t) => {
  const bed = createBed(limited({ connections: 100, halfOpen: 40 }));
  const clients = [CLIENT, SECOND, OTHER];
  for (const client of clients) handshake(bed, client);
  flood(bed, 5000);
  t.is(bed.state.table.queues.opening.size, 40);
  t.is(countConnections(bed.state.table), 43);
  t.is(bed.state.table.flows.size, 86);
  for (const [index, client] of clients.entries()) {
    const out = bed.through(segment(client, VIRTUAL, { seq: 1001, ack: 5001 }, 'on'), client);
    t.is(serverAt(out), ['a', 'b', 'c'][index] ?? '');
  }
  const another = { ...CLIENT, port: 50_000 };
  handshake(bed, another);
  t.is(bed.state.table.queues.established.size, 4);
});

test('PRISM-SLB-10 forged resets after forged SYNs get no more of the table', (t) => {
  const bed = createBed(limited({ connections: 100, halfOpen: 40 }));
  for (let index = 0; index < 500; index += 1) {
    const client = stranger(index);
    const server = hostOf(serverAt(bed.through(syn(client, 1))));
    bed.through(segment(server, client, { flags: 'SA', seq: 9, ack: 2 }), server);
    bed.through(segment(client, VIRTUAL, { flags: 'R', seq: 2 }));
  }
  t.is(countConnections(bed.state.table), 40);
});

test('PRISM-SLB-10 a table full of living connections refuses new SYNs by a reset', (t) => {
  const bed = createBed(limited({ connections: 3, halfOpen: 2 }));
  for (const client of [CLIENT, SECOND, OTHER]) handshake(bed, client);
  const refused = bed.through(syn(stranger(1), 9));
  const { flags, ack, srcPort } = tcpOf(refused.octets);
  t.deepEqual([flags, ack, srcPort], [RST_ACK, 10, VIRTUAL.port]);
  t.is(refused.port, CLIENT.at);
  t.deepEqual(bed.drops(), { 'table-full': 1 });
  t.is(bed.state.table.queues.established.size, 3);
});

test('PRISM-SLB-10 or drops them, as declared', (t) => {
  const bed = createBed(limited({ connections: 1, halfOpen: 1 }, { refusal: 'drop' }));
  handshake(bed);
  t.deepEqual(bed.send(syn(SECOND)), []);
  t.deepEqual(bed.drops(), { 'table-full': 1 });
});

test('PRISM-SLB-10 the last places go from half open to half open', (t) => {
  const bed = createBed(limited({ connections: 3, halfOpen: 2 }));
  for (const client of [CLIENT, SECOND]) handshake(bed, client);
  flood(bed, 10);
  t.is(countConnections(bed.state.table), 3);
  handshake(bed, OTHER);
  t.is(bed.state.table.queues.established.size, 3);
});

test('PRISM-POL-8 without a server that can take it a SYN is answered by a reset', (t) => {
  const bed = createBed();
  for (const server of ['a', 'b', 'c']) {
    bed.tell({ kind: 'health', service: 'web', server, isUp: false });
  }
  t.is(tcpOf(bed.through(syn()).octets).flags, RST_ACK);
  t.deepEqual(bed.drops(), { 'no-server': 1 });
  t.is(countConnections(bed.state.table), 0);
  bed.tell({ kind: 'health', service: 'web', server: 'b', isUp: true });
  t.is(serverAt(bed.through(syn())), 'b');
});

test('a tick forgets so many at a time, and what is due is never found', (t) => {
  const bed = createBed();
  flood(bed, 9000);
  bed.wait(240_001);
  const perFrame = 4;
  const left = 9000 - 4096 - perFrame * GREETINGS;
  t.is(bed.state.table.queues.opening.size, left);
  t.is(serverAt(bed.through(syn(stranger(8999), 1))), 'a');
  t.is(bed.state.table.queues.opening.size, left - perFrame);
  bed.wait(1);
  bed.wait(1);
  t.is(countConnections(bed.state.table), 1);
});

test('PRISM-HA-2 equal configurations choose equally, in whatever order connections come', (t) => {
  const options = optionsOf({ ...SERVICE, policy: HASH });
  fc.assert(
    fc.property(
      fc
        .uniqueArray(fc.nat(9999), { minLength: 1, maxLength: 40 })
        .chain((clients) =>
          fc.tuple(
            fc.constant(clients),
            fc.shuffledSubarray(clients, { minLength: clients.length }),
          ),
        ),
      ([order, another]) => {
        const chosen = [order, another].map((clients) => {
          const bed = createBed(options);
          return new Map(
            clients.map((index) => [index, serverAt(bed.through(syn(stranger(index))))] as const),
          );
        });
        for (const [index, server] of chosen[0] ?? []) t.is(chosen[1]?.get(index), server);
      },
    ),
    runs(40),
  );
});
