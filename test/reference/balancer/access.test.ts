import test from 'ava';
import fc from 'fast-check';
import { build, ether, icmpv4, ipv4, ipv4Address, ipv4FromNumber } from 'scapy-ts';
import type { Access, AccessRule } from '../../../reference/balancer/access.ts';
import { isPermitted } from '../../../reference/balancer/access.ts';
import { countConnections } from '../../../reference/balancer/connection-table.ts';
import { runs } from '../../runs.ts';
import {
  CLIENT,
  createBed,
  handshake,
  OTHER,
  optionsOf,
  SECOND,
  segment,
  SERVICE,
  SWITCH_MAC,
  syn,
  VIRTUAL,
} from './bed.ts';

const OPEN: Access = { rules: [], otherwise: 'permit', established: 'keep' };
const CLIENT_ONLY = { address: CLIENT.address, length: 32 };

function bedWith(rules: readonly AccessRule[], otherwise: Access['otherwise'] = 'permit') {
  return createBed({ ...optionsOf(SERVICE), access: { ...OPEN, rules, otherwise } });
}

test('PRISM-ACL-1 PRISM-ACL-2 a denied source reaches no server, and makes no entry', (t) => {
  const bed = bedWith([{ action: 'deny', source: CLIENT_ONLY }]);
  t.deepEqual(bed.send(syn()), []);
  t.deepEqual(bed.drops(), { denied: 1 });
  t.is(countConnections(bed.state.table), 0);
  t.is(bed.send(syn(OTHER), OTHER).length, 1);
});

test('PRISM-ACL-1 ports and protocols are denied as sources are', (t) => {
  const denied: readonly AccessRule[] = [
    { action: 'deny', sourcePorts: { first: 40000, last: 40000 } },
    { action: 'deny', destinationPorts: { first: 80, last: 80 } },
    { action: 'deny', destination: { address: VIRTUAL.address, length: 32 } },
    { action: 'deny', protocol: 'tcp' },
  ];
  for (const rule of denied) t.deepEqual(bedWith([rule]).send(syn()), []);
  const passing: readonly AccessRule[] = [
    { action: 'deny', sourcePorts: { first: 40001, last: 40009 } },
    { action: 'deny', destinationPorts: { first: 81, last: 82 } },
    { action: 'deny', destination: { address: CLIENT.address, length: 32 } },
    { action: 'deny', protocol: 'udp' },
  ];
  for (const rule of passing) t.is(bedWith([rule]).send(syn()).length, 1);
});

test('PRISM-ACL-3 no other port of the virtual address, and no other address, is balanced', (t) => {
  const bed = createBed();
  for (const port of [1, 79, 81, 443, 65535]) {
    bed.send(syn(CLIENT, 1, { ...VIRTUAL, port }));
  }
  bed.send(syn(CLIENT, 1, { ...VIRTUAL, address: ipv4Address('198.51.100.2') }));
  t.deepEqual(bed.drops(), { 'closed-port': 5, 'not-here': 1 });
  t.is(bed.state.counters.toServer.packets, 0);
});

test('PRISM-ACL-4 the first rule that fits counts, and the default where none does', (t) => {
  const permit: AccessRule = { action: 'permit', source: CLIENT_ONLY };
  const deny: AccessRule = { action: 'deny', source: { address: CLIENT.address, length: 24 } };
  t.is(bedWith([permit, deny]).send(syn()).length, 1);
  t.is(bedWith([deny, permit]).send(syn()).length, 0);
  t.is(bedWith([permit], 'deny').send(syn()).length, 1);
  t.is(bedWith([permit], 'deny').send(syn(OTHER), OTHER).length, 0);
});

test('PRISM-ACL-4 a prefix fits the addresses that share its bits, and no others', (t) => {
  const address = fc.nat(0xffff_ffff);
  fc.assert(
    fc.property(address, fc.nat(32), address, fc.nat(31), (a, length, b, flipped) => {
      const other = fc.sample(fc.constantFrom(b, (a ^ (1 << flipped)) >>> 0), 1)[0] ?? b;
      const binary = (value: number): string => value.toString(2).padStart(32, '0');
      const shares = binary(a).slice(0, length) === binary(other).slice(0, length);
      const source = { address: ipv4FromNumber(a), length };
      const access: Access = { ...OPEN, rules: [{ action: 'deny', source }] };
      const visit = {
        protocol: 'tcp' as const,
        source: ipv4FromNumber(other),
        sourcePort: 1,
        destination: VIRTUAL.address,
        destinationPort: 80,
      };
      t.is(isPermitted(access, visit), !shares);
    }),
    runs(500),
  );
});

test('PRISM-ACL-4 what is established goes on or ends when the list changes, as declared', (t) => {
  for (const established of ['keep', 'apply'] as const) {
    const bed = createBed();
    const server = handshake(bed);
    const options = optionsOf(SERVICE);
    const deny: AccessRule = { action: 'deny', source: CLIENT_ONLY };
    bed.tell({
      kind: 'configure',
      options: { ...options, access: { ...OPEN, rules: [deny], established } },
    });
    const passes = established === 'keep' ? 1 : 0;
    t.is(bed.send(segment(CLIENT, VIRTUAL, { seq: 1001, ack: 5001 })).length, passes);
    t.is(bed.send(segment(server, CLIENT, { seq: 5001, ack: 1001 }), server).length, passes);
    t.is(bed.send(syn(SECOND)).length, 0);
    bed.tell({ kind: 'configure', options });
    t.is(bed.send(segment(CLIENT, VIRTUAL, { seq: 1001, ack: 5001 })).length, 1);
  }
});

test('PRISM-ACL-1 a denied echo request is not answered', (t) => {
  const bed = bedWith([{ action: 'deny', protocol: 'icmp' }]);
  const frame = build([
    ether({ src: CLIENT.mac, dst: SWITCH_MAC }),
    ipv4({ src: CLIENT.address, dst: VIRTUAL.address }),
    icmpv4(),
  ]);
  t.deepEqual(bed.send(frame), []);
  t.is(bed.send(syn()).length, 1);
});

test('a packet from an address of the switch, or of no host, opens nothing', (t) => {
  const bed = createBed();
  for (const text of ['198.51.100.1', '10.0.0.254', '0.0.0.0', '127.0.0.1', '224.0.0.1']) {
    t.deepEqual(bed.send(syn({ ...CLIENT, address: ipv4Address(text) })), []);
  }
  t.deepEqual(bed.send(syn({ ...CLIENT, port: 0 })), []);
  t.deepEqual(bed.drops(), { martian: 6 });
});
