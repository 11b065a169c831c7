/** What the captures of hosts have of the frames on the cables of the bridge. */
import test from 'ava';
import { arp, build, ether, ipv4, raw } from 'scapy-ts';
import type { CapturedFrame } from '../../../../conformance/driver/balancer.ts';
import type { Place } from '../../../../conformance/drivers/balancer-lab/bed.ts';
import { capturedOf, isIp } from '../../../../conformance/drivers/balancer-lab/frames.ts';
import { clientHost, SERVER_HOSTS } from '../../../../conformance/drivers/virtual-bed/hosts.ts';

const HOSTS = [...SERVER_HOSTS, clientHost(3), clientHost(5)];
const SWITCH = '02:00:00:00:00:01';

function seen(
  place: Place,
  direction: 'in' | 'out',
  [src, dst]: readonly [string, string],
): string[] {
  const octets = build([ether({ src, dst }), ipv4({}), raw(new Uint8Array(20))]);
  const frame = { place, direction, atMs: 7, octets };
  return capturedOf(frame, HOSTS).map((each: CapturedFrame) => `${each.host} ${each.direction}`);
}

test('into the bridge is sent by who has the source address', (t) => {
  t.deepEqual(seen('clients', 'in', ['02:00:00:00:01:05', SWITCH]), ['client 5 sent']);
  t.deepEqual(seen('s2', 'in', ['02:00:00:00:02:02', SWITCH]), ['s2 sent']);
});

test('out of the bridge is received by whom it is for', (t) => {
  t.deepEqual(seen('clients', 'out', [SWITCH, '02:00:00:00:01:03']), ['client 3 received']);
  t.deepEqual(seen('s4', 'out', [SWITCH, '02:00:00:00:02:04']), ['s4 received']);
});

test('what is for many is received by all at the end of the cable', (t) => {
  const everybody = [SWITCH, 'ff:ff:ff:ff:ff:ff'] as const;
  t.deepEqual(seen('clients', 'out', everybody), ['client 3 received', 'client 5 received']);
  t.deepEqual(seen('s1', 'out', everybody), ['s1 received']);
});

test('what the bridge floods past whom it is for, and what others have sent, is nobody’s', (t) => {
  t.deepEqual(seen('s1', 'out', [SWITCH, '02:00:00:00:02:02']), []);
  t.deepEqual(seen('clients', 'out', [SWITCH, '02:00:00:00:02:02']), []);
  t.deepEqual(seen('clients', 'out', [SWITCH, '02:00:00:00:01:04']), []);
  t.deepEqual(seen('s1', 'in', ['02:00:00:00:02:02', SWITCH]), []);
});

test('to ask who has an address is not of IP', (t) => {
  const asks = build([ether({ src: SWITCH, dst: 'ff:ff:ff:ff:ff:ff' }), arp({ operation: 1 })]);
  t.false(isIp({ octets: asks }));
  t.true(isIp({ octets: build([ether({ src: SWITCH, dst: SWITCH }), ipv4({})]) }));
});
