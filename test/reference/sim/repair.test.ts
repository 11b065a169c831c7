/** Connections that move between hosts in the middle of a transfer. */
import test from 'ava';
import fc from 'fast-check';
import { TCP_FLAG } from 'scapy-ts';
import type { Process, ProcessEffect } from '../../../reference/sim/network/process.ts';
import { createRandom, drawBelow } from '../../../reference/sim/network/random.ts';
import { at, createWorld, lay, run, start } from '../../../reference/sim/network/world.ts';
import type { HostEvent, Operation } from '../../../reference/sim/tcp/host.ts';
import { exportConnection, step } from '../../../reference/sim/tcp/host.ts';
import { readFrame } from '../../../reference/sim/tcp/segment.ts';
import { seqAdd, seqDistance, seqNum } from '../../../reference/tcp/seq-num.ts';
import type { SeqNum } from '../../../reference/tcp/seq-num.ts';
import type { TcpSnapshot } from '../../../reference/tcp/snapshot.ts';
import { runs } from '../../runs.ts';
import type { Station } from './bed.ts';
import {
  arbitraryOdds,
  arbitrarySettings,
  CLIENT_MAC,
  does,
  ENDS,
  ENDS_V6,
  hostWith,
  must,
  octetsOf,
  SERVER_MAC,
  stationOf,
  told,
  turned,
} from './bed.ts';
import { createTap, established, REACH, text } from './tap.ts';

function snapshotOf({ process, id }: Pick<Station, 'process' | 'id'>): TcpSnapshot | undefined {
  const result = exportConnection(process.host, id);
  return result.ok ? result.value : undefined;
}

/** Port 0 is the client's, 1 and 2 the owners'; only the owner's frames pass, and only unlocked. */
function createRelay() {
  const relay = { owner: 1, locked: false };
  const process: Process = {
    step: (event): readonly ProcessEffect[] => {
      if (event.kind !== 'frame' || relay.locked) return [];
      if (event.port === 0) return [{ kind: 'frame', port: relay.owner, octets: event.octets }];
      return event.port === relay.owner ? [{ kind: 'frame', port: 0, octets: event.octets }] : [];
    },
    nextAtNs: () => undefined,
  };
  return { relay, process };
}

/** What a client saw: whether any acknowledgment, window edge or TSval ever went back. */
function createWitness() {
  const seen: { ack?: SeqNum; stamp?: number; edge?: SeqNum } = {};
  const faults: string[] = [];
  let shift = 0;
  const watch = (octets: Uint8Array): void => {
    const frame = readFrame(octets);
    if (frame.kind !== 'segment' || (frame.segment.flags & TCP_FLAG.RST) !== 0) return;
    const { ack, flags, window, options } = frame.segment;
    const isSyn = (flags & TCP_FLAG.SYN) !== 0;
    if (isSyn) shift = options.windowScale ?? 0;
    const edge = seqAdd(ack, isSyn ? window : window * 2 ** shift);
    if (seen.ack !== undefined && seqDistance(seen.ack, ack) < 0) faults.push('ack');
    if (seen.edge !== undefined && seqDistance(seen.edge, edge) < 0) faults.push('window');
    const stamp = options.timestamps?.value;
    if (seen.stamp !== undefined && stamp !== undefined && ((stamp - seen.stamp) | 0) < 0) {
      faults.push('timestamp');
    }
    Object.assign(seen, { ack, edge, ...(stamp === undefined ? {} : { stamp }) });
  };
  return { watch, faults };
}

/** How long a frame takes between the relay and an owner, and when all such frames have arrived. */
const OWNER_NS = 20_000;
const DRAINED_NS = 2 * OWNER_NS;

const arbitraryCase = fc.record({
  seed: fc.nat(),
  odds: arbitraryOdds,
  client: arbitrarySettings,
  owner: arbitrarySettings,
  isV6: fc.boolean(),
  /** Its half-close ends the migrations: only ESTABLISHED can be exported. */
  finishesEarly: fc.boolean(),
  up: fc.integer({ min: 1, max: 40_000 }),
  down: fc.integer({ min: 1, max: 80_000 }),
  /** When each migration begins, in microseconds after the last. */
  migrations: fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 12 }),
});

test('MIG-01, MIG-02: a stream stays exact however often and whenever its owner changes', (t) => {
  let moved = 0;
  fc.assert(
    fc.property(arbitraryCase, (given) => {
      const ends = given.isV6 ? ENDS_V6 : ENDS;
      const witness = createWitness();
      const world = createWorld({
        seed: given.seed,
        limits: { events: 300_000, virtualNs: 1e15 },
        observe: ({ what, from, to, octets }) => {
          // What leaves the relay, before the network puts it out of order.
          if (what === 'sent' && from === 'relay' && to === 'client') witness.watch(octets);
        },
      });
      const { relay, process } = createRelay();
      const address = { addresses: [ends.remote.address], gateway: CLIENT_MAC, mac: SERVER_MAC };
      const settings = { ...given.owner, receiveOctets: 65535, windowScale: 0 };
      const client = stationOf(
        'client',
        hostWith({
          mac: CLIENT_MAC,
          addresses: [ends.local.address],
          gateway: SERVER_MAC,
          settings: { ...given.client, receiveOctets: 65535, windowScale: 0 },
        }),
        ends,
      );
      const owners = [1, 2].map((port) => {
        return stationOf(`owner ${port}`, hostWith({ ...address, settings }, port), turned(ends));
      });
      const consumed: Uint8Array[] = [];
      const request = octetsOf(given.up, 5);
      const response = octetsOf(given.down);
      let missing = response.length;
      client.react = (notice): readonly HostEvent[] => {
        const { id } = client;
        if (notice.kind === 'received') missing -= notice.octets.length;
        const isEnd = given.finishesEarly ? notice.kind === 'opened' : missing === 0;
        const last = isEnd ? [{ kind: 'finish', id } as const] : [];
        if (notice.kind === 'opened') return [{ kind: 'write', id, octets: request }, ...last];
        return notice.kind === 'received' ? last : [];
      };
      for (const owner of owners) start(world, owner.name, owner.process);
      for (const owner of owners) {
        owner.react = (notice): readonly HostEvent[] => {
          if (notice.kind === 'received') consumed.push(notice.octets);
          if (notice.kind === 'opened') {
            return [{ kind: 'write', id: owner.id, octets: response }];
          }
          return notice.kind === 'peer-finished' ? [{ kind: 'finish', id: owner.id }] : [];
        };
      }
      start(world, 'client', client.process);
      start(world, 'relay', process);
      const plug = { name: 'relay', port: 0 };
      lay(world, { name: 'client', port: 0 }, plug, { odds: given.odds, delayNs: 1_000_000 });
      for (const [index, { name }] of owners.entries()) {
        lay(world, { name, port: 0 }, { name: 'relay', port: index + 1 }, { delayNs: OWNER_NS });
      }
      const migrate = (): void => {
        const [from, to] = relay.owner === 1 ? owners : owners.toReversed();
        if (from === undefined || to === undefined) return;
        relay.locked = true;
        // What had passed before the lock has arrived: after its export the old owner would answer
        // with a reset, which passes once it is the owner again.
        at(world, world.nowNs + DRAINED_NS, () => {
          const snapshot = snapshotOf(from);
          if (snapshot !== undefined) {
            moved += 1;
            does(world, from, { kind: 'drop', id: from.id });
            does(world, to, { kind: 'import', snapshot, ...turned(ends) });
            relay.owner = 3 - relay.owner;
          }
          relay.locked = false;
          if (snapshot !== undefined) does(world, to, { kind: 'thaw', id: to.id });
        });
      };
      let timeNs = 0;
      for (const us of given.migrations) {
        timeNs += us * 1000;
        at(world, timeNs, migrate);
        timeNs += 2 * DRAINED_NS;
      }
      const [first] = owners;
      if (first === undefined) return;
      does(world, first, { kind: 'listen', local: ends.remote });
      does(world, client, { kind: 'connect', ...ends });
      must(run(world));
      t.deepEqual(Uint8Array.from(Buffer.concat(consumed)), request);
      t.deepEqual(Uint8Array.from(Buffer.concat(client.chunks)), response);
      t.deepEqual(witness.faults, []);
      const notices = told(client);
      t.deepEqual([notices[0], notices.at(-1)], ['opened', 'closed']);
      t.deepEqual(notices.slice(1, -1).toSorted(), ['peer-finished', 'sent-all']);
    }),
    runs(100),
  );
  t.true(moved > 100, `${moved} migrations`);
});

test('a snapshot says exactly what is where', (t) => {
  const tap = established(
    { timestamps: true, windowScale: 2, receiveOctets: 8000 },
    [
      { kind: 'mss', mss: 500 },
      { kind: 'windowScale', shift: 1 },
      { kind: 'timestamps', value: 77, echo: 0 },
    ],
    5,
  );
  tap.does({ kind: 'write', octets: text('abcdefghijklmno') });
  tap.does({ kind: 'pause' });
  tap.give('A', { seq: 1001, ack: 5003, window: 5 }, 'xyz');
  tap.wait();
  const result = exportConnection(tap.host, tap.id);
  if (!result.ok) throw new Error('no snapshot');
  const { timestampNow, ...rest } = result.value;
  t.is(typeof timestampNow, 'number');
  t.deepEqual(rest, {
    sendUnacknowledged: seqNum(5003),
    sent: text('cdefghij'),
    // Two more octets have room, but that is silly.
    unsent: text('klmno'),
    receiveNext: seqNum(1004),
    unread: text('xyz'),
    negotiated: {
      peerMss: 500,
      windowScale: { peer: 1, own: 2 },
      sackPermitted: false,
      timestamps: true,
    },
    // 7996 would take back an octet of the 8000 that were promised at 1001.
    windows: {
      send: 10,
      sendMax: 10,
      sendUpdate: seqNum(1001),
      receive: 8000,
      receiveUpdate: seqNum(1004),
    },
    timestampRecent: 77,
  });
});

test('an imported connection stays silent until it is thawed, then probes, resends and sends', (t) => {
  const tap = established({}, [], 4);
  tap.does({ kind: 'write', octets: text('abcdef') });
  const result = exportConnection(tap.host, tap.id);
  if (!result.ok) throw new Error('no snapshot');
  tap.does({ kind: 'drop' });
  const there = established();
  there.does({ kind: 'drop' });
  const imported = there.event({ kind: 'import', snapshot: result.value, ...turned(ENDS) });
  t.deepEqual(imported, []);
  t.is(there.wait(), undefined);
  t.deepEqual(there.does({ kind: 'thaw' }), ['A 5000>1001']);
  t.deepEqual(
    there.wait(),
    { ms: 1000, out: ['A 5001>1001 +4'] },
    'a second, for want of a sample',
  );
  t.deepEqual(there.give('A', { seq: 1001, ack: 5005, window: 4 }), ['PA 5005>1001 +2']);
  t.throws(() => there.event({ kind: 'import', snapshot: result.value, ...turned(ENDS) }));
  t.deepEqual(there.give('A', { seq: 1001, ack: 5001 }), [], 'old, but not older than a window');
});

test('what is unread and what window was promised go along, whatever the new host has', (t) => {
  const tap = established();
  tap.does({ kind: 'pause' });
  tap.give('A', { seq: 1001, ack: 5001 }, 'xyz');
  const result = exportConnection(tap.host, tap.id);
  if (!result.ok) throw new Error('no snapshot');
  const there = createTap({ receiveOctets: 100 });
  there.event({ kind: 'import', snapshot: result.value, ...turned(ENDS) });
  t.deepEqual(there.does({ kind: 'thaw' }), ['A 5000>1004', 'received xyz', 'A 5001>1004']);
  t.is(there.last().window, 9997, 'up to 11,001, as before');
});

test('only ESTABLISHED can be exported', (t) => {
  for (const [state, reach] of Object.entries(REACH)) {
    const tap = reach();
    const result = exportConnection(tap.host, tap.id);
    t.is(result.ok, state === 'ESTABLISHED', state);
    if (!result.ok) t.like(result.error, { kind: 'state', id: tap.id, state });
    t.is(tap.state(), state);
  }
  const tap = established();
  const missing = exportConnection(tap.host, 'nobody');
  t.deepEqual(missing, { ok: false, error: { kind: 'unknown-connection', id: 'nobody' } });
});

test('MIG-03: without a lock, what comes after the snapshot is acknowledged and lost', (t) => {
  const tap = established();
  const result = exportConnection(tap.host, tap.id);
  tap.give('A', { seq: 1001, ack: 5001 }, 'a');
  t.deepEqual(tap.give('A', { seq: 1002, ack: 5001 }, 'b'), ['A 5001>1003'], 'the trap');
  t.is(result.ok ? result.value.receiveNext : undefined, seqNum(1001));
  tap.does({ kind: 'drop' });
  t.deepEqual(tap.give('A', { seq: 1003, ack: 5001 }, 'c'), ['R 5001'], 'the other trap');

  const deaf = established({ repairAcknowledges: false });
  exportConnection(deaf.host, deaf.id);
  t.deepEqual(deaf.give('A', { seq: 1001, ack: 5001 }, 'ab'), []);
  t.is(deaf.host.dropped.frozen, 1);
});

test('in repair mode nothing is sent, sent again or probed', (t) => {
  const tap = established();
  tap.does({ kind: 'write', octets: text('abc') });
  exportConnection(tap.host, tap.id);
  t.is(tap.wait(), undefined);
  const operations: Operation[] = [{ kind: 'write', octets: text('d') }, { kind: 'pause' }];
  for (const operation of operations) t.deepEqual(tap.does(operation), []);
  for (let copy = 0; copy < 5; copy += 1) {
    t.deepEqual(tap.give('A', { seq: 1001, ack: 5001 }), []);
  }
  t.deepEqual(tap.does({ kind: 'thaw', probe: false }), ['PA 5004>1001 +1']);
});

test('TSval goes on at the other host where it was, whatever its own clock says', (t) => {
  const random = createRandom(1, 'clocks');
  for (let round = 0; round < 20; round += 1) {
    const options = [{ kind: 'timestamps', value: 1, echo: 0 }] as const;
    const tap = established({ timestamps: true }, options);
    const there = established();
    there.does({ kind: 'drop' });
    step(tap.host, { kind: 'tick', nowNs: drawBelow(random, 1e9) });
    step(there.host, { kind: 'tick', nowNs: drawBelow(random, 2 ** 32) * 1000 });
    tap.does({ kind: 'write', octets: text('a') });
    const before = tap.last().options.find(({ kind }) => kind === 'timestamps');
    const result = exportConnection(tap.host, tap.id);
    if (!result.ok) throw new Error('no snapshot');
    there.event({ kind: 'import', snapshot: result.value, ...turned(ENDS) });
    there.does({ kind: 'thaw' });
    const after = there.last().options.find(({ kind }) => kind === 'timestamps');
    t.deepEqual(after, before);
  }
});
