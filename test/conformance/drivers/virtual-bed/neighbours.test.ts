/** Where hosts send what is for the switch. */
import test from 'ava';
import { arp, build, ether, ipv4, layer, mac, parse, raw } from 'scapy-ts';
import { BALANCER_MAC } from '../../../../conformance/drivers/virtual-bed/hosts.ts';
import {
  createNeighbours,
  withNeighbours,
} from '../../../../conformance/drivers/virtual-bed/neighbours.ts';

const SELF = '02:00:00:00:01:01';
const OTHER = mac('02:00:00:00:00:02');
const GROUP = mac('00:00:5e:00:01:01');

function announcement(address: string, from: typeof OTHER): Uint8Array {
  const message = arp({ operation: 1, senderMac: from, senderIp: address, targetIp: address });
  return build([ether({ src: from, dst: 'ff:ff:ff:ff:ff:ff' }), message]);
}

function packet(to: string, by: typeof OTHER): Uint8Array {
  const ip = ipv4({ src: '10.1.0.1', dst: to, ttl: 64, protocol: 253 });
  return build([ether({ src: SELF, dst: by }), ip, raw(Uint8Array.of(1, 2, 3))]);
}

function destinationOf(frame: Uint8Array): number | undefined {
  return layer(parse(frame).layers, 'ether')?.dst;
}

test('who has heard of nobody sends to where the switch is', (t) => {
  const { lead } = createNeighbours();
  const frame = packet('10.1.0.201', BALANCER_MAC);
  t.deepEqual(lead(frame), frame);
});

test('who has last said that he has an address is sent what is for it, and nothing else', (t) => {
  const { hear, lead } = createNeighbours();
  hear(announcement('10.1.0.201', GROUP));
  hear(announcement('10.1.0.201', OTHER));
  const led = lead(packet('10.1.0.201', BALANCER_MAC));
  t.is(destinationOf(led), OTHER);
  t.deepEqual(led.subarray(6), packet('10.1.0.201', BALANCER_MAC).subarray(6));
  t.is(destinationOf(lead(packet('10.1.0.202', BALANCER_MAC))), BALANCER_MAC);
  t.is(destinationOf(lead(packet('10.1.0.201', GROUP))), GROUP);
});

test('what is for other networks goes to who has the address of the gateway', (t) => {
  const { hear, lead } = createNeighbours();
  hear(announcement('10.2.0.254', OTHER));
  t.is(destinationOf(lead(packet('10.1.0.1', BALANCER_MAC))), OTHER);
  hear(announcement('10.1.0.1', GROUP));
  t.is(destinationOf(lead(packet('10.1.0.1', BALANCER_MAC))), GROUP);
});

test('a host sends with its answer already to whom it has just heard of', (t) => {
  const frame = packet('10.1.0.201', BALANCER_MAC);
  const effect = { kind: 'frame', port: 0, octets: frame } as const;
  const process = { nextAtNs: (): number => 7, step: () => [effect] };
  const led = withNeighbours(process, createNeighbours());
  t.is(led.nextAtNs(), 7);
  const octets = announcement('10.1.0.201', OTHER);
  const [sent] = led.step({ kind: 'frame', port: 0, octets }, 0);
  t.is(sent?.kind === 'frame' ? destinationOf(sent.octets) : undefined, OTHER);
});
