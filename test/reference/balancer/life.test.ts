import test from 'ava';
import { readStatistics } from '../../../reference/balancer/statistics.ts';
import type { Stage } from '../../../reference/balancer/phase.ts';
import type { Bed, Host } from './bed.ts';
import {
  CLIENT,
  createBed,
  DIRECT,
  handshake,
  hostOf,
  optionsOf,
  SECOND,
  segment,
  serverAt,
  SERVICE,
  syn,
  tcpOf,
  VIRTUAL,
} from './bed.ts';

const MINUTE_MS = 60_000;
/** RFC 5382 REQ-5. */
const ESTABLISHED_MS = 124 * MINUTE_MS;
const TRANSITORY_MS = 4 * MINUTE_MS;

function stages(bed: Bed): Readonly<Record<Stage, number>> {
  return readStatistics(bed.state).stages;
}

function active(bed: Bed): number {
  return readStatistics(bed.state)
    .services.flatMap(({ servers }) => servers)
    .reduce((sum, server) => sum + server.active, 0);
}

function say(bed: Bed, from: Host, to: Host, flags: string, seq: number, ack: number): void {
  bed.through(segment(from, to, { flags, seq, ack }), from);
}

/** Both sides end the connection of CLIENT, whose server this is. */
function close(bed: Bed, server: Host): void {
  say(bed, CLIENT, VIRTUAL, 'FA', 1001, 5001);
  say(bed, server, CLIENT, 'FA', 5001, 1002);
  say(bed, CLIENT, VIRTUAL, 'A', 1002, 5002);
}

test('PRISM-SLB-8 an established connection is kept for 2 h 4 min without a packet, no longer', (t) => {
  const bed = createBed();
  const server = handshake(bed);
  bed.wait(ESTABLISHED_MS);
  say(bed, server, CLIENT, 'A', 5001, 1001);
  bed.wait(ESTABLISHED_MS);
  t.is(stages(bed).established, 1);
  bed.wait(1);
  t.is(stages(bed).established, 0);
  t.is(active(bed), 0);
  t.is(bed.state.table.flows.size, 0);
});

test('PRISM-SLB-8 half open and ended connections are kept for 4 min', (t) => {
  const bed = createBed();
  close(bed, handshake(bed));
  bed.through(syn(SECOND));
  bed.wait(TRANSITORY_MS);
  t.deepEqual([stages(bed).opening, stages(bed).closing], [1, 1]);
  bed.wait(1);
  t.deepEqual([stages(bed).opening, stages(bed).closing], [0, 0]);
});

test('PRISM-SLB-8 a FIN and the last ACK that are sent again are translated', (t) => {
  const bed = createBed();
  const server = handshake(bed);
  close(bed, server);
  bed.wait(TRANSITORY_MS - 1);
  say(bed, server, CLIENT, 'FA', 5001, 1002);
  bed.wait(TRANSITORY_MS - 1);
  t.is(bed.through(segment(CLIENT, VIRTUAL, { seq: 1002, ack: 5002 })).port, server.at);
});

test('PRISM-SLB-8 a connection that one side has ended goes on as long as any other', (t) => {
  for (const first of ['client', 'server'] as const) {
    const bed = createBed();
    const server = handshake(bed);
    if (first === 'client') say(bed, CLIENT, VIRTUAL, 'FA', 1001, 5001);
    else say(bed, server, CLIENT, 'FA', 5001, 1001);
    bed.wait(ESTABLISHED_MS);
    t.is(stages(bed).established, 1);
    if (first === 'client') say(bed, server, CLIENT, 'FA', 5001, 1002);
    else say(bed, CLIENT, VIRTUAL, 'FA', 1001, 5002);
    t.is(stages(bed).closing, 1);
  }
});

test('PRISM-SLB-9 a SYN after both FINs is a new connection, to the next server', (t) => {
  const bed = createBed();
  const server = handshake(bed);
  close(bed, server);
  const again = bed.through(syn(CLIENT, 90_000));
  t.is(serverAt(again), 'b');
  t.deepEqual(bed.send(segment(server, CLIENT, { seq: 5002, ack: 1002 }), server), []);
  t.deepEqual(bed.drops(), { 'not-here': 1 });
  t.is(active(bed), 1);
});

test('PRISM-SLB-9 a late copy of the old SYN is not a new connection', (t) => {
  const bed = createBed();
  const server = handshake(bed);
  close(bed, server);
  t.is(bed.through(syn(CLIENT, 1000)).port, server.at);
});

test('PRISM-SLB-9 a SYN after a reset is a new connection, of whichever side it was', (t) => {
  for (const from of ['client', 'server'] as const) {
    const bed = createBed();
    const server = handshake(bed);
    if (from === 'client') say(bed, CLIENT, VIRTUAL, 'R', 1001, 0);
    else say(bed, server, CLIENT, 'R', 5001, 0);
    t.is(active(bed), 0);
    t.is(serverAt(bed.through(syn(CLIENT, 70_000))), 'b');
  }
});

test('PRISM-SLB-9 a forged reset and a forged SYN move no living connection', (t) => {
  const bed = createBed();
  const server = handshake(bed);
  say(bed, server, CLIENT, 'A', 5001, 1001);
  say(bed, CLIENT, VIRTUAL, 'R', 0x7000_0000, 0);
  t.is(bed.through(syn(CLIENT, 70_000)).port, server.at);
  t.is(stages(bed).established, 1);
});

test('PRISM-SLB-8 what goes on after a reset is not ended by it', (t) => {
  const bed = createBed();
  const server = handshake(bed);
  say(bed, server, CLIENT, 'R', 5001, 0);
  t.is(stages(bed).closing, 1);
  say(bed, CLIENT, VIRTUAL, 'A', 1001, 5001);
  t.is(stages(bed).established, 1);
  t.is(active(bed), 1);
});

test('a connection that the server refuses is no load, and the client may ask again', (t) => {
  const bed = createBed();
  bed.through(syn());
  say(bed, hostOf('a'), CLIENT, 'RA', 0, 1001);
  t.is(active(bed), 0);
  t.is(serverAt(bed.through(syn(CLIENT, 2000))), 'b');
});

test('a connection is established only by a client that has heard the server', (t) => {
  for (const ack of [5000, 4000, 5001 + 0x1_0000, 0x9000_0000]) {
    const bed = createBed();
    bed.through(syn());
    say(bed, CLIENT, VIRTUAL, 'A', 1001, 5001);
    t.is(stages(bed).opening, 1, 'before the server has answered');
    say(bed, hostOf('a'), CLIENT, 'SA', 5000, 1001);
    say(bed, CLIENT, VIRTUAL, 'A', 1001, ack);
    t.is(stages(bed).opening, 1, `by ${ack}`);
    say(bed, CLIENT, VIRTUAL, 'A', 1001, 5001);
    t.is(stages(bed).established, 1);
  }
});

test('PRISM-HC-5 a SYN that is sent again goes to another server when the first is down', (t) => {
  const bed = createBed();
  t.is(serverAt(bed.through(syn())), 'a');
  bed.tell({ kind: 'health', service: 'web', server: 'a', isUp: false });
  t.is(serverAt(bed.through(syn())), 'b');
  t.is(active(bed), 1);
});

test('PRISM-DSR-5 the server’s end is not seen: a connection goes by timer, or with the client’s FIN', (t) => {
  const bed = createBed(optionsOf(DIRECT));
  bed.through(syn());
  say(bed, CLIENT, VIRTUAL, 'A', 1001, 5001);
  t.is(stages(bed).established, 1);
  bed.wait(ESTABLISHED_MS + 1);
  t.is(stages(bed).established, 0);
  bed.through(syn());
  say(bed, CLIENT, VIRTUAL, 'A', 1001, 5001);
  say(bed, CLIENT, VIRTUAL, 'FA', 1001, 5001);
  t.is(stages(bed).closing, 1);
  say(bed, CLIENT, VIRTUAL, 'A', 1002, 9001);
  bed.wait(TRANSITORY_MS);
  t.is(stages(bed).closing, 1);
  bed.wait(1);
  t.is(bed.state.table.flows.size, 0);
});

test('a client that asks again with other numbers is established by those', (t) => {
  const bed = createBed(optionsOf(DIRECT));
  bed.through(syn(CLIENT, 1000));
  bed.through(syn(CLIENT, 0x4000_0000));
  say(bed, CLIENT, VIRTUAL, 'A', 1001, 5001);
  t.is(stages(bed).established, 0);
  say(bed, CLIENT, VIRTUAL, 'A', 0x4000_0001, 5001);
  t.is(stages(bed).established, 1);
});

test('PRISM-SLB-15 what is counted is what was seen', (t) => {
  const bed = createBed();
  const server = handshake(bed);
  bed.through(syn(SECOND));
  bed.through(syn(SECOND));
  close(bed, server);
  bed.tell({ kind: 'health', service: 'web', server: 'c', isUp: false });
  bed.wait(1000);
  t.deepEqual(readStatistics(bed.state), {
    connections: 2,
    stages: { opening: 1, established: 0, closing: 1, talking: 0 },
    connectionsPerSecond: 2,
    services: [
      {
        name: 'web',
        protocol: 'tcp',
        syns: 3,
        opened: 2,
        refused: 0,
        servers: [
          { name: 'a', isUp: true, active: 0, opened: 1 },
          { name: 'b', isUp: true, active: 1, opened: 1 },
          { name: 'c', isUp: false, active: 0, opened: 0 },
        ],
      },
    ],
  });
  bed.wait(1000);
  t.is(readStatistics(bed.state).connectionsPerSecond, 0);
});

test('PRISM-SLB-15 connections per second are those of the last second alone', (t) => {
  const bed = createBed();
  const rate = (): number => readStatistics(bed.state).connectionsPerSecond;
  bed.through(syn());
  t.is(rate(), 0);
  bed.wait(1000);
  t.is(rate(), 1);
  bed.through(syn(SECOND));
  bed.wait(5000);
  t.is(rate(), 0);
});

test('PRISM-SLB-8 declared timers are the ones that hold', (t) => {
  const timers = { opening: 10, established: 20, closing: 30, talking: 40 };
  const bed = createBed({ ...optionsOf(SERVICE), timers });
  bed.through(syn());
  bed.wait(11);
  t.is(stages(bed).opening, 0);
  const server = handshake(bed);
  bed.wait(20);
  close(bed, server);
  bed.wait(30);
  t.is(stages(bed).closing, 1);
  bed.wait(1);
  t.is(stages(bed).closing, 0);
});

test('flags that no TCP sends go nowhere', (t) => {
  const bed = createBed();
  for (const flags of ['none', 'SF', 'SR', 'SRA', 'PU']) {
    const letters = flags === 'none' ? '' : flags;
    t.deepEqual(bed.send(segment(CLIENT, VIRTUAL, { flags: letters, seq: 1 })), []);
  }
  t.deepEqual(bed.drops(), { malformed: 5 });
  t.is(tcpOf(bed.through(syn()).octets).flags, 2);
});
