/** One wrong field is one finding of the right aspect; what a device may choose is none. */
import test from 'ava';
import fc from 'fast-check';
import { build, layer, parse, type Packet, type TcpOption } from 'scapy-ts';
import type { Aspect } from '../../../conformance/observe/aspect.ts';
import { compareFrames, type Leeway } from '../../../conformance/observe/compare.ts';
import type { SegmentFields } from '../../../conformance/traffic/segment.ts';
import { runs } from '../../runs.ts';
import { fromClient, patched, SPLICE } from '../bed.ts';

const SAME: Leeway = { ttl: 'unchanged' };
const ROUTER: Leeway = { ttl: 'decrement' };
const OPTIONS: readonly TcpOption[] = [
  { kind: 'timestamps', value: 100, echo: 200 },
  { kind: 'sack', blocks: [{ left: 1, right: 2 }] },
  { kind: 'unknown', type: 253, octets: Uint8Array.of(1, 2) },
];
const FIELDS: SegmentFields = {
  seq: 5,
  ack: 6,
  flags: 'PA',
  options: OPTIONS,
  payload: Uint8Array.of(1, 2, 3),
  vlans: [5],
};
const WANTED = fromClient(SPLICE, FIELDS);

type Change = (packet: Packet) => Packet;

/** A frame that says what `change` makes of the wanted one, with right checksums. */
function changed(change: Change, from: Uint8Array = WANTED): Uint8Array {
  const layers = change(parse(from).layers).map((each) => {
    if (each.kind !== 'tcp' && each.kind !== 'ipv4') return each;
    const { checksum: _computed, ...rest } = each;
    return rest;
  });
  return build(layers);
}

function field(kind: string, name: string, value: unknown): Change {
  return (packet) => packet.map((each) => (each.kind === kind ? { ...each, [name]: value } : each));
}

function option(at: number, value: TcpOption): Change {
  return field('tcp', 'options', OPTIONS.with(at, value));
}

function aspects(wanted: Uint8Array, seen: Uint8Array, leeway: Leeway = SAME): readonly Aspect[] {
  return compareFrames(wanted, seen, leeway).map(({ aspect }) => aspect);
}

const ONE_FIELD: readonly (readonly [string, Change, Aspect])[] = [
  ['ipv4.src', field('ipv4', 'src', 1), 'addressed-from-virtual'],
  ['ipv4.dst', field('ipv4', 'dst', 1), 'addressed-to-owner'],
  ['tcp.srcPort', field('tcp', 'srcPort', 1), 'addressed-from-virtual'],
  ['tcp.dstPort', field('tcp', 'dstPort', 1), 'addressed-to-owner'],
  ['ipv4.dscp', field('ipv4', 'dscp', 1), 'traffic-class'],
  ['ipv4.ecn', field('ipv4', 'ecn', 3), 'traffic-class'],
  ['ipv4.id', field('ipv4', 'id', 1), 'traffic-class'],
  ['ipv4.df', field('ipv4', 'df', 0), 'traffic-class'],
  ['ipv4.ttl', field('ipv4', 'ttl', 63), 'ttl'],
  ['tcp.seq', field('tcp', 'seq', 4), 'sequence'],
  ['tcp.ack', field('tcp', 'ack', 4), 'sequence'],
  ['tcp.window', field('tcp', 'window', 4), 'window'],
  ['tcp.urgent', field('tcp', 'urgent', 4), 'urgent'],
  ['tcp.flags', field('tcp', 'flags', 0x10), 'flags'],
  ['tcp.reserved', field('tcp', 'reserved', 1), 'flags'],
  ['dot1q.vid', field('dot1q', 'vid', 6), 'vlan'],
  ['dot1q.pcp', field('dot1q', 'pcp', 1), 'vlan'],
  ['raw.octets', field('raw', 'octets', Uint8Array.of(1, 2, 4)), 'payload'],
  ['tcp.options[0]', option(0, { kind: 'timestamps', value: 101, echo: 200 }), 'timestamps'],
  ['tcp.options[0]', option(0, { kind: 'timestamps', value: 100, echo: 201 }), 'timestamps'],
  ['tcp.options[1]', option(1, { kind: 'sack', blocks: [{ left: 0, right: 2 }] }), 'sack'],
  ['tcp.options[1]', option(1, { kind: 'sack', blocks: [{ left: 1, right: 3 }] }), 'sack'],
  [
    'tcp.options[2]',
    option(2, { kind: 'unknown', type: 253, octets: Uint8Array.of(1, 3) }),
    'options',
  ],
];

for (const [index, [name, change, aspect]] of ONE_FIELD.entries()) {
  test(`${index}: a wrong ${name} is one finding, of ${aspect}`, (t) => {
    const findings = compareFrames(WANTED, changed(change), SAME);
    t.deepEqual(
      findings.map((each) => [each.aspect, each.field]),
      [[aspect, name]],
    );
    t.not(findings[0]?.expected, findings[0]?.observed);
  });
}

test('a frame that is right has no finding', (t) => {
  t.deepEqual(aspects(WANTED, WANTED.slice()), []);
});

test('every octet matters, but for the Ethernet source', (t) => {
  const property = fc.property(
    fc.nat(WANTED.length - 1),
    fc.integer({ min: 1, max: 255 }),
    (at, by) => {
      const found = aspects(WANTED, patched(WANTED, at, by)).length > 0;
      t.is(found, at < 6 || at > 11, `octet ${at}`);
    },
  );
  fc.assert(property, runs(400));
});

test('a wrong checksum is told by name', (t) => {
  t.deepEqual(aspects(WANTED, patched(WANTED, 28)), ['ipv4-checksum']);
  t.deepEqual(aspects(WANTED, patched(WANTED, 54)), ['tcp-checksum']);
});

test('the destination MAC address is compared', (t) => {
  t.deepEqual(aspects(WANTED, patched(WANTED, 5)), ['addressed-to-owner']);
});

test('the source MAC address is the device’s own choice', (t) => {
  t.deepEqual(aspects(WANTED, patched(WANTED, 6, 0xff)), []);
  t.deepEqual(aspects(WANTED, patched(WANTED, 11)), []);
});

test('Ethernet padding may be other octets, more or none', (t) => {
  const bare = fromClient(SPLICE);
  const padded = (...octets: readonly number[]): Uint8Array => Uint8Array.of(...bare, ...octets);
  t.deepEqual(aspects(padded(1, 2), bare), []);
  t.deepEqual(aspects(bare, padded(9, 9, 9)), []);
  t.deepEqual(aspects(padded(1), padded(2)), []);
});

test('without ACK the acknowledgment number, TSecr and SACK are not judged, TSval is', (t) => {
  const reset = fromClient(SPLICE, { ...FIELDS, flags: 'R' });
  const free: readonly Change[] = [
    field('tcp', 'ack', 99),
    option(0, { kind: 'timestamps', value: 100, echo: 9 }),
    option(1, { kind: 'sack', blocks: [{ left: 8, right: 9 }] }),
  ];
  for (const change of free) t.deepEqual(aspects(reset, changed(change, reset)), []);
  const wrong = option(0, { kind: 'timestamps', value: 101, echo: 200 });
  t.deepEqual(aspects(reset, changed(wrong, reset)), ['timestamps']);
});

test('a segment that lost its ACK is not excused by that', (t) => {
  const seen = changed((packet) => field('tcp', 'ack', 99)(field('tcp', 'flags', 8)(packet)));
  t.deepEqual(aspects(WANTED, seen), ['sequence', 'flags']);
});

test('0xffff for 0x0000 is only not canonical', (t) => {
  // The directed vectors of the catalogue: right is 0x0000.
  const ip = fromClient(SPLICE, { payload: Uint8Array.of(0, 0) });
  const id = (layer(parse(ip).layers, 'ipv4')?.checksum ?? 0) + 0x1000;
  const zeroIp = fromClient(SPLICE, { ipv4: { id: id % 0xffff }, payload: Uint8Array.of(0, 0) });
  t.is(layer(parse(zeroIp).layers, 'ipv4')?.checksum, 0);
  const minus = zeroIp.slice();
  minus.set([0xff, 0xff], 24);
  t.deepEqual(aspects(zeroIp, minus), ['canonical-checksum']);

  const sum = layer(parse(ip).layers, 'tcp')?.checksum ?? 0;
  const zeroTcp = fromClient(SPLICE, { payload: Uint8Array.of(sum >> 8, sum & 0xff) });
  t.is(layer(parse(zeroTcp).layers, 'tcp')?.checksum, 0);
  const minusTcp = zeroTcp.slice();
  minusTcp.set([0xff, 0xff], 50);
  t.deepEqual(aspects(zeroTcp, minusTcp), ['canonical-checksum']);
});

test('TTL may be one less where the device says so, and never 0', (t) => {
  const less = changed(field('ipv4', 'ttl', 63));
  t.deepEqual(aspects(WANTED, less, ROUTER), []);
  t.deepEqual(aspects(WANTED, WANTED.slice(), ROUTER), []);
  t.deepEqual(aspects(WANTED, changed(field('ipv4', 'ttl', 62)), ROUTER), ['ttl']);
  t.deepEqual(aspects(WANTED, changed(field('ipv4', 'ttl', 65)), ROUTER), ['ttl']);
  const last = fromClient(SPLICE, { ipv4: { ttl: 1 } });
  t.deepEqual(aspects(last, changed(field('ipv4', 'ttl', 0), last), ROUTER), ['ttl']);
});

test('what was corrupt stays corrupt, with any wrong checksum', (t) => {
  const wrongTcp = patched(WANTED, 54);
  t.deepEqual(aspects(WANTED, wrongTcp, { ...SAME, corruptTcp: true }), []);
  t.deepEqual(aspects(WANTED, patched(WANTED, 55), { ...SAME, corruptTcp: true }), []);
  t.deepEqual(aspects(WANTED, patched(WANTED, 28), { ...SAME, corruptIpv4: true }), []);
});

test('what was corrupt and leaves right was repaired', (t) => {
  t.deepEqual(aspects(WANTED, WANTED.slice(), { ...SAME, corruptTcp: true }), [
    'repaired-checksum',
  ]);
  t.deepEqual(aspects(WANTED, WANTED.slice(), { ...SAME, corruptIpv4: true }), [
    'repaired-checksum',
  ]);
});

test('a corrupt TCP checksum excuses no other fault', (t) => {
  const seen = patched(patched(WANTED, 54), 28);
  t.deepEqual(aspects(WANTED, seen, { ...SAME, corruptTcp: true }), ['ipv4-checksum']);
});

const BRIDGED: Leeway = { ttl: 'unchanged', bridged: true };
const ROUTED: Leeway = { ttl: 'decrement', bridged: true };

test('a bridged frame keeps its checksums, right or wrong', (t) => {
  const bad = patched(patched(WANTED, 54), 28);
  t.deepEqual(aspects(bad, bad.slice(), BRIDGED), []);
  t.deepEqual(
    compareFrames(bad, WANTED, BRIDGED).map((each) => each.field),
    ['ipv4.checksum', 'tcp.checksum'],
  );
  t.deepEqual(
    compareFrames(WANTED, patched(WANTED, 54), BRIDGED).map((each) => each.field),
    ['tcp.checksum'],
  );
});

test('a routed frame changes TTL and IPv4 checksum, and those only', (t) => {
  const less = changed(field('ipv4', 'ttl', 63));
  t.deepEqual(aspects(WANTED, less, ROUTED), []);
  t.deepEqual(aspects(WANTED, patched(less, 28), ROUTED), ['ipv4-checksum']);
  const fields = compareFrames(WANTED, patched(less, 54), ROUTED).map((each) => each.field);
  t.deepEqual(fields, ['tcp.checksum']);
});

test('a router does not repair an IPv4 checksum that was wrong', (t) => {
  const bad = patched(WANTED, 28);
  const less = changed(field('ipv4', 'ttl', 63));
  t.deepEqual(aspects(bad, less, ROUTED), ['repaired-checksum']);
  t.deepEqual(aspects(bad, patched(less, 28), ROUTED), []);
});

test('a frame that is no TCP segment any more did not leave', (t) => {
  for (const seen of [
    WANTED.subarray(0, 14),
    WANTED.subarray(0, 40),
    new Uint8Array(60),
    new Uint8Array(0),
  ]) {
    t.true(aspects(WANTED, seen).includes('delivery'), `${seen.length} octets`);
  }
});

test('a lost, added or cut payload is a finding about the payload', (t) => {
  const without: Change = (packet) => packet.filter(({ kind }) => kind !== 'raw');
  t.true(aspects(WANTED, changed(without)).includes('payload'));
  t.true(aspects(changed(without), WANTED).includes('payload'));
  t.true(aspects(WANTED, WANTED.subarray(0, WANTED.length - 1)).includes('payload'));
});

test('a segment whose checksum cannot be verified any more has no right one', (t) => {
  t.true(aspects(WANTED, WANTED.subarray(0, WANTED.length - 1)).includes('tcp-checksum'));
  t.true(aspects(WANTED, changed(field('ipv4', 'mf', 1))).includes('tcp-checksum'));
});

test('a stripped option is missed, and an added one is seen', (t) => {
  const fewer = fromClient(SPLICE, { ...FIELDS, options: OPTIONS.slice(0, 1) });
  t.true(aspects(WANTED, fewer).includes('sack'));
  const padded: readonly TcpOption[] = [
    { kind: 'timestamps', value: 100, echo: 200 },
    ...Array.from({ length: 10 }, () => ({ kind: 'nop' as const })),
    { kind: 'unknown', type: 253, octets: Uint8Array.of(1, 2) },
  ];
  t.true(aspects(WANTED, changed(field('tcp', 'options', padded))).includes('sack'));
});
