/** Two switches beside each other, in one network; either may fall silent. */
import test from 'ava';
import fc from 'fast-check';
import type { Arp } from 'scapy-ts';
import { arp, build, ether, ipv4Address, layer, mac, parse } from 'scapy-ts';
import { encodeAdvert } from '../../../reference/balancer/advert.ts';
import type { BalancerState, Effect } from '../../../reference/balancer/balancer.ts';
import { createBalancer, step } from '../../../reference/balancer/balancer.ts';
import type { Redundancy } from '../../../reference/balancer/election.ts';
import { BROADCAST } from '../../../reference/balancer/link.ts';
import { runs } from '../../runs.ts';
import { CLIENT, GATEWAY, HASH, optionsOf, segment, SERVICE, syn, VIRTUAL } from './bed.ts';

const INTERVAL_MS = 100;

interface Switch {
  readonly state: BalancerState;
  /** Whether nothing comes out of it, nor in. */
  isDead: boolean;
}

interface Pair {
  readonly switches: readonly [Switch, Switch];
  /** What left since the last look, ARP that announces. */
  readonly told: { readonly by: number; readonly atMs: number; readonly message: Arp }[];
  nowMs: number;
}

function redundancy(index: number, priority: number): Redundancy {
  const source = ipv4Address(`10.0.0.${250 + index}`);
  return { group: 1, priority, intervalMs: INTERVAL_MS, source, preempts: true };
}

function createPair(priorities: readonly [number, number]): Pair {
  const create = (index: number, priority: number): Switch => ({
    state: createBalancer(
      {
        ...optionsOf({ ...SERVICE, policy: HASH }),
        mac: mac(`02:00:00:00:00:f${index}`),
        others: 'drop',
        strays: 'hash',
        redundancy: redundancy(index, priority),
      },
      () => 0,
    ),
    isDead: false,
  });
  const switches = [create(0, priorities[0]), create(1, priorities[1])] as const;
  const pair: Pair = { switches, told: [], nowMs: 0 };
  for (const index of [0, 1]) perform(pair, index, { kind: 'role', isActive: true });
  return pair;
}

/** Has one switch do something; what it says at its first port, the other hears. */
function perform(pair: Pair, index: number, event: Parameters<typeof step>[1]): readonly Effect[] {
  const self = pair.switches[index];
  const other = pair.switches[1 - index];
  if (self === undefined || other === undefined || self.isDead) return [];
  const effects = step(self.state, event);
  for (const effect of effects) {
    if (effect.kind !== 'emit' || effect.port !== 0) continue;
    const message = layer(parse(effect.octets).layers, 'arp');
    if (message !== undefined) pair.told.push({ by: index, atMs: pair.nowMs, message });
    else perform(pair, 1 - index, { kind: 'frame', port: 0, octets: effect.octets });
  }
  return effects;
}

function pass(pair: Pair, ms: number): void {
  for (let count = 0; count < ms; count += 1) {
    pair.nowMs += 1;
    const nowNs = BigInt(pair.nowMs) * 1_000_000n;
    for (const index of [0, 1]) perform(pair, index, { kind: 'tick', nowNs });
  }
}

/** Which of the two answer ARP for the virtual address. */
function owners(pair: Pair): readonly number[] {
  const octets = build([
    ether({ src: CLIENT.mac, dst: BROADCAST }),
    arp({ senderMac: CLIENT.mac, senderIp: CLIENT.address, targetIp: VIRTUAL.address }),
  ]);
  return [0, 1].filter(
    (index) => perform(pair, index, { kind: 'frame', port: 0, octets }).length > 0,
  );
}

test('PRISM-HA-3 the better of two is active, and the other takes over in time, with gratuitous ARP', (t) => {
  const pair = createPair([200, 100]);
  pass(pair, 1000);
  t.deepEqual(owners(pair), [0]);
  const [first] = pair.switches;
  pair.told.length = 0;
  first.isDead = true;
  const diedMs = pair.nowMs;
  pass(pair, 1000);
  t.deepEqual(owners(pair), [1]);
  const announced = pair.told.filter(({ message }) => message.operation === 1);
  t.deepEqual(
    announced.map(({ message }) => message.senderIp),
    [VIRTUAL.address, GATEWAY],
  );
  const [{ atMs } = { atMs: Infinity }] = announced;
  const skewMs = ((256 - 100) * INTERVAL_MS) / 256;
  t.true(atMs - diedMs <= 3 * INTERVAL_MS + skewMs + 1);
  t.true(atMs - diedMs >= 2 * INTERVAL_MS);
});

test('PRISM-HA-3 who comes back takes over again, and there are never two owners afterwards', (t) => {
  const pair = createPair([200, 100]);
  pass(pair, 1000);
  const [first] = pair.switches;
  first.isDead = true;
  pass(pair, 1000);
  first.isDead = false;
  // It has slept, and thinks that it is the active one still.
  pass(pair, 2);
  t.deepEqual(owners(pair), [0]);
  for (let count = 0; count < 500; count += 1) {
    pass(pair, 1);
    t.deepEqual(owners(pair), [0]);
  }
});

test('PRISM-HA-3 any two find out who is active, whatever dies and comes back', (t) => {
  const priority = fc.integer({ min: 1, max: 254 });
  const moment = fc.record({ index: fc.nat(1), isDead: fc.boolean(), ms: fc.nat(600) });
  fc.assert(
    fc.property(priority, priority, fc.array(moment, { maxLength: 6 }), (a, b, moments) => {
      const pair = createPair([a, b]);
      for (const { index, isDead, ms } of moments) {
        const chosen = pair.switches[index];
        if (chosen !== undefined) chosen.isDead = isDead;
        pass(pair, ms);
      }
      for (const each of pair.switches) each.isDead = false;
      pass(pair, 4 * INTERVAL_MS + 1);
      // Of two that are equal, whoever is active stays so.
      const found = owners(pair);
      t.is(found.length, 1);
      if (a !== b) t.deepEqual(found, [a > b ? 0 : 1]);
    }),
    runs(30),
  );
});

test('PRISM-HA-3 a switch that withdraws says so, and the other waits no longer than its skew', (t) => {
  const pair = createPair([200, 100]);
  pass(pair, 1000);
  perform(pair, 0, { kind: 'role', isActive: false });
  t.deepEqual(owners(pair), []);
  pass(pair, INTERVAL_MS);
  t.deepEqual(owners(pair), [1]);
});

test('PRISM-HA-2 connections survive a takeover: the second switch sends them where the first did', (t) => {
  const pair = createPair([200, 100]);
  pass(pair, 1000);
  const [first] = pair.switches;
  const clients = Array.from({ length: 50 }, (_, index) => ({ ...CLIENT, port: 50_000 + index }));
  const emitted = (index: number, frame: Uint8Array): string => {
    const octets = Uint8Array.from(frame);
    octets.set([2, 0, 0, 0, 0, 0xf0 + index]);
    const [effect] = perform(pair, index, { kind: 'frame', port: 0, octets });
    if (effect?.kind !== 'emit') throw new Error('nothing came');
    return String(layer(parse(effect.octets).layers, 'ipv4')?.dst);
  };
  const before = clients.map((client) => emitted(0, syn(client)));
  first.isDead = true;
  pass(pair, 1000);
  const after = clients.map((client) =>
    emitted(1, segment(client, VIRTUAL, { seq: 1001, ack: 5001 }, 'on')),
  );
  t.deepEqual(after, before);
  t.true(new Set(after).size > 1);
});

test('PRISM-HA-3 adverts of other groups, and its own that come back, are not heard', (t) => {
  const pair = createPair([200, 100]);
  pass(pair, 1000);
  const [{ state }] = pair.switches;
  const own = redundancy(0, 255);
  const theirs = { ...redundancy(1, 255), group: 2 };
  for (const [advert, isActive] of [
    [own, true],
    [theirs, true],
    [redundancy(1, 255), false],
  ] as const) {
    const octets = encodeAdvert(advert, [GATEWAY], mac('02:00:00:00:00:77'));
    step(state, { kind: 'frame', port: 0, octets });
    t.is(state.isActive, isActive);
  }
});

test('a switch without redundancy is what it is told to be', (t) => {
  const state = createBalancer(optionsOf(SERVICE), () => 0);
  step(state, { kind: 'tick', nowNs: 10_000_000_000n });
  t.false(state.isActive);
  step(state, { kind: 'role', isActive: true });
  t.true(state.isActive);
});

test('PRISM-HA-3 an election that is configured later begins with who is active now', (t) => {
  const state = createBalancer(optionsOf(SERVICE), () => 0);
  step(state, { kind: 'role', isActive: true });
  const options = { ...optionsOf(SERVICE), redundancy: redundancy(0, 100) };
  step(state, { kind: 'configure', options });
  const said = step(state, { kind: 'tick', nowNs: 1_000_000n });
  t.is(said.length, 4);
  t.true(state.isActive);
  step(state, { kind: 'configure', options: optionsOf(SERVICE) });
  t.deepEqual(step(state, { kind: 'tick', nowNs: 9_000_000_000n }), []);
  t.true(state.isActive);
});
