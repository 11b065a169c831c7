/** The program at the tc hook and IPv6: what it does not translate of a rule it drops. */
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Packet } from 'scapy-ts';
import {
  build,
  ether,
  icmpv6,
  ipv6,
  ipv6Address,
  ipv6Extension,
  mac,
  raw,
  tcp,
  udp,
} from 'scapy-ts';
import type { Endpoint } from '../../reference/rules/rule.ts';
import { HANDOFF } from '../reference/bed.ts';
import { createTwins, isBpfOurs, type Twins } from './bpf-bed.ts';

const MAC = mac('02:00:00:00:00:21');
const CLIENT: Endpoint = { address: ipv6Address('2001:db8::9'), port: 40_000 };
const VIRTUAL: Endpoint = { address: ipv6Address('2001:db8::1'), port: 80 };
const BACKEND: Endpoint = { address: ipv6Address('2001:db8::21'), port: 8080 };
const OTHER: Endpoint = { address: ipv6Address('2001:db8:0:0:1::9'), port: 40_000 };
const RULE = {
  ...HANDOFF,
  key: { client: CLIENT, virtual: VIRTUAL },
  owner: { ...BACKEND, mac: MAC },
};
const PROTOCOL = { hopByHop: 0, tcp: 6, udp: 17, routing: 43, fragment: 44, options: 60 } as const;

function twinsWith(t: ExecutionContext): Twins {
  const twins = createTwins();
  t.true(twins.tell(t, { op: 'add', rule: RULE, epoch: 1 }).ok);
  return twins;
}

function packet(from: Endpoint, to: Endpoint, rest: Packet): Uint8Array {
  const [src, dst] = [from.address, to.address];
  if (typeof src === 'number' || typeof dst === 'number') throw new TypeError('IPv4');
  return build([ether({ src: MAC, dst: MAC }), ipv6({ src, dst }), ...rest]);
}

function header(from: Endpoint, to: Endpoint): Packet {
  return [tcp({ srcPort: from.port, dstPort: to.port, flags: 'A' }), raw('payload')];
}

test('a segment of either direction is translated, one of another host is not', (t) => {
  if (!isBpfOurs(t)) return;
  const twins = twinsWith(t);
  t.deepEqual(
    twins.run(packet(CLIENT, VIRTUAL, header(CLIENT, VIRTUAL))),
    packet(CLIENT, BACKEND, header(CLIENT, BACKEND)),
  );
  t.deepEqual(
    twins.run(packet(BACKEND, CLIENT, header(BACKEND, CLIENT))),
    packet(VIRTUAL, CLIENT, header(VIRTUAL, CLIENT)),
  );
  const foreign = packet(OTHER, VIRTUAL, header(OTHER, VIRTUAL));
  t.deepEqual(twins.run(foreign), foreign);
  twins.path.close();
});

test('TCP behind an extension header is dropped between the hosts of a rule', (t) => {
  if (!isBpfOurs(t)) return;
  const twins = twinsWith(t);
  const behind = (protocol: number, from: Endpoint, rest: Packet): Uint8Array =>
    packet(from, VIRTUAL, [ipv6Extension({ protocol, body: new Uint8Array(6) }), ...rest]);
  for (const protocol of [
    PROTOCOL.hopByHop,
    PROTOCOL.routing,
    PROTOCOL.fragment,
    PROTOCOL.options,
  ]) {
    t.is(twins.run(behind(protocol, CLIENT, header(CLIENT, VIRTUAL))), 'drop', `${protocol}`);
    const foreign = behind(protocol, OTHER, header(OTHER, VIRTUAL));
    t.deepEqual(twins.run(foreign), foreign);
    const datagram = [udp({ srcPort: CLIENT.port, dstPort: VIRTUAL.port }), raw('payload, longer')];
    const twin = behind(protocol, CLIENT, datagram);
    t.deepEqual(twins.run(twin), twin);
  }
  t.is(twins.path.drops().opaque, 4);
  twins.path.close();
});

test('ICMPv6 errors about a ruled flow are dropped, others pass as they are', (t) => {
  if (!isBpfOurs(t)) return;
  const twins = twinsWith(t);
  const error = (type: number, from: Endpoint, to: Endpoint, receiver = from): Uint8Array => {
    const [src, dst] = [from.address, to.address];
    if (typeof src === 'number' || typeof dst === 'number') throw new TypeError('IPv4');
    const quoted = [ipv6({ src, dst, nextHeader: PROTOCOL.tcp }), ...header(from, to)];
    return packet(to, receiver, [icmpv6({ type }), ...quoted]);
  };
  for (const type of [1, 2, 3, 4]) {
    // About what the virtual endpoint seems to have sent, and about what the client sent.
    t.is(twins.run(error(type, VIRTUAL, CLIENT)), 'drop');
    t.is(twins.run(error(type, CLIENT, BACKEND)), 'drop');
  }
  t.is(twins.path.drops().incapable, 8);
  for (const passes of [
    error(128, VIRTUAL, CLIENT),
    error(1, VIRTUAL, OTHER),
    error(1, { ...VIRTUAL, port: 81 }, CLIENT),
    error(1, VIRTUAL, CLIENT, OTHER),
  ]) {
    t.deepEqual(twins.run(passes), passes);
  }
  twins.path.close();
});
