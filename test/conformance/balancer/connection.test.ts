/** What the judge of server switches makes of captures: whose a segment is, and where it went. */
import test from 'ava';
import { build, ether, ETHER_TYPE, ipv4, raw, tcp } from 'scapy-ts';
import {
  destinationFault,
  serverFault,
  sourceFault,
  type Caller,
} from '../../../conformance/balancer/connection.ts';
import type {
  BalancerObservation,
  CapturedFrame,
  HostName,
  VirtualService,
} from '../../../conformance/driver/balancer.ts';

const SERVICE: VirtualService = {
  name: 'web',
  address: '10.1.0.201',
  port: 80,
  mode: 'nat',
  servers: ['s1', 's2'],
  choosing: 'round-robin',
  serverPort: 8080,
};
const CALLER: Caller = { client: 1, port: 5000, service: SERVICE };

type End = readonly [address: string, port: number];

const CLIENT: End = ['10.1.0.1', 5000];
const SERVER: End = ['10.2.0.1', 8080];

function frame(host: HostName, from: End, to: End, flags: string): CapturedFrame {
  const packet = build([
    ipv4({ src: from[0], dst: to[0] }),
    tcp({ srcPort: from[1], dstPort: to[1], flags }),
  ]);
  const [src, dst] = ['02:00:00:00:00:01', '02:00:00:00:02:01'];
  const octets = build([ether({ src, dst, etherType: ETHER_TYPE.ipv4 }), raw(packet)]);
  return { host, direction: 'received', atMs: 1, octets };
}

function seen(...frames: readonly CapturedFrame[]): BalancerObservation {
  return { visitors: [], frames, served: [], setups: [], endMs: 2 };
}

const SYN = frame('s1', CLIENT, SERVER, 'S');
const ACK = frame('s1', CLIENT, SERVER, 'A');

test('a connection has one server, which gets its SYN first', (t) => {
  t.is(serverFault(seen(SYN, ACK), CALLER), undefined);
  const strayed = frame('s2', CLIENT, ['10.2.0.2', 8080], 'A');
  t.is(serverFault(seen(SYN, ACK, strayed), CALLER)?.observed, 's1 and s2');
  t.is(serverFault(seen(), CALLER)?.observed, 'none');
  t.is(serverFault(seen(ACK, SYN), CALLER)?.expected, 'the SYN of client 1:5000 first');
});

test('segments of another port, or of another client, are not of a connection', (t) => {
  const others = [
    frame('s2', ['10.1.0.1', 5001], ['10.2.0.2', 8080], 'A'),
    frame('s2', ['10.1.0.2', 5000], ['10.2.0.2', 8080], 'A'),
  ];
  t.is(serverFault(seen(SYN, ...others), CALLER), undefined);
});

test('a segment at a server is for that server, at its port', (t) => {
  t.is(destinationFault(seen(SYN), CALLER, SERVICE), undefined);
  for (const to of [
    ['10.2.0.2', 8080],
    ['10.2.0.1', 80],
  ] as const) {
    const fault = destinationFault(seen(frame('s1', CLIENT, to, 'S')), CALLER, SERVICE);
    t.is(fault?.observed, to.join(':'));
  }
});

test('what a client receives comes from the virtual endpoint', (t) => {
  const right = frame('client 1', ['10.1.0.201', 80], CLIENT, 'SA');
  t.is(sourceFault(seen(right), CALLER), undefined);
  for (const from of [SERVER, ['10.1.0.201', 8080], ['10.2.0.1', 80]] as const) {
    const wrong = frame('client 1', from, CLIENT, 'A');
    t.is(sourceFault(seen(right, wrong), CALLER)?.observed, `one from ${from.join(':')}`);
  }
});
