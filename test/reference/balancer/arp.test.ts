import test from 'ava';
import type { Arp, Ipv4Address } from 'scapy-ts';
import {
  arp,
  build,
  dot1q,
  ether,
  icmpv4,
  ipv4,
  ipv4Address,
  ipv4FromNumber,
  layer,
  macFromNumber,
  parse,
  raw,
  verifyChecksums,
} from 'scapy-ts';
import { BROADCAST } from '../../../reference/balancer/link.ts';
import { createBalancer, step } from '../../../reference/balancer/balancer.ts';
import type { Host } from './bed.ts';
import {
  CLIENT,
  createBed,
  GATEWAY,
  hostOf,
  optionsOf,
  SERVICE,
  SWITCH_MAC,
  syn,
  VIRTUAL,
} from './bed.ts';

const SERVER = hostOf('a');

function question(from: Host, targetIp: Ipv4Address): Uint8Array {
  return build([
    ether({ src: from.mac, dst: BROADCAST }),
    arp({ senderMac: from.mac, senderIp: from.address, targetIp }),
  ]);
}

function arpOf(frame: Uint8Array): Arp {
  const found = layer(parse(frame).layers, 'arp');
  if (found === undefined) throw new Error('no ARP');
  return found;
}

test('PRISM-DSR-3 the active switch answers ARP for the virtual address and its own', (t) => {
  const bed = createBed();
  for (const [from, target] of [
    [CLIENT, VIRTUAL.address],
    [SERVER, GATEWAY],
  ] as const) {
    const { port, octets } = bed.through(question(from, target), from);
    t.is(port, from.at);
    const { operation, senderMac, senderIp, targetMac, targetIp } = arpOf(octets);
    t.deepEqual(
      [operation, senderMac, senderIp, targetMac, targetIp],
      [2, SWITCH_MAC, target, from.mac, from.address],
    );
    t.is(layer(parse(octets).layers, 'ether')?.dst, from.mac);
  }
});

test('PRISM-DSR-3 a question for the virtual address does not come to a server that has it too', (t) => {
  const bed = createBed();
  t.deepEqual(
    bed.send(question(CLIENT, VIRTUAL.address)).map(({ port }) => port),
    [CLIENT.at],
  );
  const other = bed.send(question(CLIENT, SERVER.address));
  t.deepEqual(
    other.map(({ port }) => port),
    [1, 2, 3],
  );
});

test('PRISM-DSR-3 a question in a VLAN is answered there', (t) => {
  const bed = createBed();
  const [link, message] = parse(question(CLIENT, VIRTUAL.address)).layers;
  if (link?.kind !== 'ether' || message === undefined) throw new Error('no ARP');
  const tagged = build([{ ...link, etherType: undefined }, dot1q({ vid: 7 }), message]);
  const { layers } = parse(bed.through(tagged).octets);
  t.is(layer(layers, 'dot1q')?.vid, 7);
  t.is(layer(layers, 'arp')?.senderIp, VIRTUAL.address);
});

test('PRISM-HA-3 a switch on standby says nothing, and passes nothing on', (t) => {
  const bed = createBed();
  bed.tell({ kind: 'role', isActive: false });
  t.deepEqual(
    bed.send(question(CLIENT, VIRTUAL.address)).map(({ port }) => port),
    [1, 2, 3],
  );
  t.deepEqual(bed.send(syn()), []);
  t.deepEqual(bed.drops(), { standby: 1 });
  t.is(bed.state.table.flows.size, 0);
});

test('PRISM-HA-3 a switch that becomes active tells all stations where its addresses are', (t) => {
  const state = createBalancer(optionsOf(SERVICE), () => 0);
  const effects = step(state, { kind: 'role', isActive: true });
  const told = effects.flatMap((effect) => {
    if (effect.kind !== 'emit') return [];
    const { operation, senderIp, targetIp, senderMac } = arpOf(effect.octets);
    t.deepEqual([operation, targetIp, senderMac], [1, senderIp, SWITCH_MAC]);
    t.is(layer(parse(effect.octets).layers, 'ether')?.dst, BROADCAST);
    return [[effect.port, senderIp] as const];
  });
  const ports = [0, 1, 2, 3];
  t.deepEqual(told, [
    ...ports.map((port) => [port, VIRTUAL.address] as const),
    ...ports.map((port) => [port, GATEWAY] as const),
  ]);
});

test('PRISM-HA-3 many addresses are announced in turn, each once, and not on standby', (t) => {
  const services = Array.from({ length: 300 }, (_, index) => ({
    ...SERVICE,
    name: `s${index}`,
    address: ipv4FromNumber(VIRTUAL.address + index),
  }));
  const state = createBalancer(optionsOf(...services), () => 0);
  const first = step(state, { kind: 'role', isActive: true });
  t.is(first.length, 64 * 4);
  let rest = 0;
  for (let ms = 1n; ms < 10n; ms += 1n) {
    rest += step(state, { kind: 'tick', nowNs: ms * 1_000_000n }).length;
  }
  t.is(first.length + rest, 301 * 4);
  step(state, { kind: 'role', isActive: true });
  step(state, { kind: 'role', isActive: false });
  t.deepEqual(step(state, { kind: 'tick', nowNs: 99_000_000n }), []);
});

test('PRISM-HA-3 another station that claims an address of the switch is counted', (t) => {
  const bed = createBed();
  const claim = build([
    ether({ src: SERVER.mac, dst: BROADCAST }),
    arp({ senderMac: SERVER.mac, senderIp: VIRTUAL.address, targetIp: VIRTUAL.address }),
  ]);
  const passed = bed.send(claim, SERVER);
  t.is(bed.state.counters.conflicts, 1);
  // It asks nothing, and is not answered.
  t.deepEqual(
    passed.map(({ port }) => port),
    [0, 2, 3],
  );
});

function ping(to: Ipv4Address, from: Host = CLIENT): Uint8Array {
  return build([
    ether({ src: from.mac, dst: SWITCH_MAC }),
    ipv4({ src: from.address, dst: to, ttl: 3 }),
    icmpv4({ type: 8, id: 77, sequence: 5 }),
    raw('are you there?'),
  ]);
}

test('PRISM-VIP-3 the switch answers an echo request for its addresses itself', (t) => {
  const bed = createBed();
  for (const target of [VIRTUAL.address, GATEWAY]) {
    const { port, octets } = bed.through(ping(target));
    t.is(port, CLIENT.at);
    const expected = build([
      ether({ src: SWITCH_MAC, dst: CLIENT.mac }),
      ipv4({ src: target, dst: CLIENT.address, ttl: 64 }),
      icmpv4({ type: 0, id: 77, sequence: 5 }),
      raw('are you there?'),
    ]);
    t.deepEqual(octets, expected);
    t.true(verifyChecksums(octets).every(({ valid }) => valid));
  }
  t.is(bed.state.counters.toServer.packets, 0);
});

test('PRISM-VIP-3 not for others’ addresses, not for forged ones, not when damaged', (t) => {
  const bed = createBed();
  t.deepEqual(bed.send(ping(ipv4Address('198.51.100.99'))), []);
  t.deepEqual(bed.send(ping(VIRTUAL.address, { ...CLIENT, address: VIRTUAL.address })), []);
  t.deepEqual(
    bed.send(ping(VIRTUAL.address, { ...CLIENT, address: ipv4FromNumber(0xe000_0001) })),
    [],
  );
  const damaged = Uint8Array.from(ping(VIRTUAL.address));
  damaged[damaged.length - 1] = 0;
  t.deepEqual(bed.send(damaged), []);
  t.deepEqual(bed.drops(), { 'not-here': 1, martian: 2, damaged: 1 });
});

test('a frame in the switch’s own name teaches it nothing', (t) => {
  const bed = createBed();
  const frame = build([ether({ src: SWITCH_MAC, dst: macFromNumber(0x0200_0000_0099) })]);
  bed.send(frame, SERVER);
  t.false(bed.state.macs.has(SWITCH_MAC));
});

test('what is not sent to the switch is bridged, or dropped where that is declared', (t) => {
  const frame = build([ether({ src: CLIENT.mac, dst: SERVER.mac }), raw('anything')]);
  t.deepEqual(createBed().send(frame), [{ kind: 'emit', port: SERVER.at, octets: frame }]);
  const bed = createBed({ ...optionsOf(SERVICE), others: 'drop' });
  t.deepEqual(bed.send(frame), []);
  t.is(bed.drops().other, 5);
});
