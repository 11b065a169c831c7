/** What a rule must make of a frame, against literals that were worked out by hand. */
import test from 'ava';
import fc from 'fast-check';
import { layer, parse, verifyChecksums, type Tcp, type TcpOption } from 'scapy-ts';
import { NO_DELTAS } from '../../../conformance/driver/deltas.ts';
import type { Deltas, Rule } from '../../../conformance/driver/device.ts';
import {
  shifted,
  translated,
  untranslated,
  type Direction,
} from '../../../conformance/observe/translate.ts';
import { deltas, segments } from '../../../conformance/traffic/arbitrary.ts';
import { pathsOf, segment, type SegmentFields } from '../../../conformance/traffic/segment.ts';
import { HOSTS, keyOf, ownerOf } from '../../../conformance/traffic/testbed.ts';
import { runs } from '../../runs.ts';
import { ruleWith } from '../bed.ts';

const DELTAS: Deltas = {
  clientSeq: 0x89abcdef,
  ownerSeq: 0x7654fedc,
  clientTimestamp: 0x01000000,
  ownerTimestamp: 0xffffffff,
  clientWindow: { in: 0, out: 0 },
  ownerWindow: { in: 0, out: 0 },
};
const RULE: Rule = ruleWith(DELTAS);

function pass(rule: Rule, direction: Direction, fields: SegmentFields): Tcp {
  const paths = pathsOf(rule, HOSTS.client);
  const path = direction === 'client-to-owner' ? paths.client : paths.owner;
  const { layers } = parse(translated(segment(path, fields), rule, direction));
  const tcp = layer(layers, 'tcp');
  if (tcp === undefined) throw new Error('no TCP left');
  return tcp;
}

test('numbers are added modulo 2^32', (t) => {
  t.is(shifted(0xffffffff, 1), 0);
  t.is(shifted(0, -1), 0xffffffff);
  t.is(shifted(0x80000000, 0x80000000), 0);
  t.is(shifted(5, 0xffffffff), 4);
  t.is(shifted(0, -0xffffffff), 1);
});

test('towards the owner: the vector of the catalogue', (t) => {
  const { seq, ack, srcPort, dstPort } = pass(RULE, 'client-to-owner', {
    seq: 0xfffffff0,
    ack: 0x00000010,
    flags: 'PA',
  });
  t.deepEqual([seq, ack, srcPort, dstPort], [0x89abcddf, 0x7654feec, 40000, 8080]);
});

test('towards the client: the same numbers come back', (t) => {
  const { seq, ack, srcPort, dstPort } = pass(RULE, 'owner-to-client', {
    seq: 0x7654feec,
    ack: 0x89abcddf,
    flags: 'PA',
  });
  t.deepEqual([seq, ack, srcPort, dstPort], [0x00000010, 0xfffffff0, 80, 40000]);
});

test('the whole frame towards the owner, octet for octet', (t) => {
  // 192.0.2.10:40000 > 198.51.100.1:80 becomes > 10.0.0.21:8080; IPv4 ID 6eaf and payload 601d make
  // both checksums 0000, as the catalogue works out.
  const path = pathsOf(RULE, HOSTS.client).client;
  const frame = segment(path, {
    seq: 0xfffffff0,
    ack: 0x10,
    flags: 'PA',
    window: 0xfaf0,
    payload: Uint8Array.of(0x60, 0x1d),
    ipv4: { id: 0x6eaf },
  });
  const hex = Buffer.from(translated(frame, RULE, 'client-to-owner')).toString('hex');
  const wanted = [
    '0200000000b1 0200000000c1 0800',
    '45 00 002a 6eaf 4000 40 06 0000 c000020a 0a000015',
    '9c40 1f90 89abcddf 7654feec 50 18 faf0 0000 0000 601d',
  ].join('');
  t.is(hex, wanted.replaceAll(' ', ''));
});

test('every SACK edge is shifted as the acknowledgment number is', (t) => {
  const option: TcpOption = {
    kind: 'sack',
    blocks: [
      { left: 0x00000010, right: 0x00000020 },
      { left: 0xffffff00, right: 0x00000001 },
    ],
  };
  const there = pass(RULE, 'client-to-owner', { flags: 'A', options: [option] });
  t.deepEqual(there.options[0], {
    kind: 'sack',
    blocks: [
      { left: 0x7654feec, right: 0x7654fefc },
      { left: 0x7654fddc, right: 0x7654fedd },
    ],
  });
  const back = pass(RULE, 'owner-to-client', { flags: 'A', options: [option] });
  t.deepEqual(back.options[0], {
    kind: 'sack',
    blocks: [
      { left: 0x76543221, right: 0x76543231 },
      { left: 0x76543111, right: 0x76543212 },
    ],
  });
});

test('both timestamps are shifted, each by its own delta', (t) => {
  const options: readonly TcpOption[] = [{ kind: 'timestamps', value: 0xff000005, echo: 7 }];
  const there = pass(RULE, 'client-to-owner', { flags: 'A', options });
  t.deepEqual(there.options[0], { kind: 'timestamps', value: 5, echo: 6 });
  const back = pass(RULE, 'owner-to-client', { flags: 'A', options });
  t.deepEqual(back.options[0], { kind: 'timestamps', value: 0xff000006, echo: 0xff000007 });
});

test('without ACK the acknowledgment number, TSecr and SACK stay', (t) => {
  const options: readonly TcpOption[] = [
    { kind: 'timestamps', value: 1, echo: 9 },
    { kind: 'sack', blocks: [{ left: 3, right: 4 }] },
  ];
  const {
    seq,
    ack,
    options: left,
  } = pass(RULE, 'client-to-owner', {
    seq: 1,
    ack: 77,
    flags: 'R',
    options,
  });
  t.deepEqual([seq, ack], [0x89abcdf0, 77]);
  t.deepEqual(left.slice(0, 2), [
    { kind: 'timestamps', value: 0x01000001, echo: 9 },
    { kind: 'sack', blocks: [{ left: 3, right: 4 }] },
  ]);
});

for (const [window, shift, wanted] of [
  [1000, { in: 7, out: 7 }, 1000],
  [1000, { in: 3, out: 0 }, 8000],
  [0xffff, { in: 1, out: 0 }, 0xffff],
  [1, { in: 14, out: 0 }, 16384],
  [0xffff, { in: 14, out: 0 }, 0xffff],
  [1001, { in: 0, out: 1 }, 500],
  [127, { in: 0, out: 7 }, 0],
  [0, { in: 14, out: 0 }, 0],
] as const) {
  test(`window ${window} at scale ${shift.in} is ${wanted} at scale ${shift.out}`, (t) => {
    const rule = ruleWith({ clientWindow: shift });
    t.is(pass(rule, 'client-to-owner', { window }).window, wanted);
    t.is(pass(rule, 'owner-to-client', { window }).window, window);
  });
}

test('a window in SYN and SYN-ACK is never converted', (t) => {
  const rule = ruleWith({ clientWindow: { in: 3, out: 0 }, ownerWindow: { in: 2, out: 0 } });
  t.is(pass(rule, 'client-to-owner', { flags: 'S', window: 9 }).window, 9);
  t.is(pass(rule, 'owner-to-client', { flags: 'SA', window: 9 }).window, 9);
  t.is(pass(rule, 'owner-to-client', { flags: 'A', window: 9 }).window, 36);
});

test('what no rule names stays: flags, urgent pointer, other options, IP fields, payload', (t) => {
  const options: readonly TcpOption[] = [
    { kind: 'unknown', type: 253, octets: Uint8Array.of(1, 2) },
    { kind: 'mss', mss: 1460 },
    { kind: 'windowScale', shift: 7 },
    { kind: 'sackPermitted' },
    { kind: 'malformed', type: 5, octets: Uint8Array.of(7, 1, 2, 3, 4) },
  ];
  const fields: SegmentFields = {
    flags: 0x1ff,
    urgent: 513,
    options,
    payload: Uint8Array.of(1, 2, 3),
    ipv4: { dscp: 9, ecn: 3, id: 77, df: 0, ttl: 2 },
  };
  const frame = segment(pathsOf(RULE, HOSTS.client).client, fields);
  const before = parse(frame).layers;
  const after = parse(translated(frame, RULE, 'client-to-owner')).layers;
  const [ip, tcp, raw] = [layer(after, 'ipv4'), layer(after, 'tcp'), layer(after, 'raw')];
  t.deepEqual(
    [ip?.dscp, ip?.ecn, ip?.id, ip?.df, ip?.ttl, tcp?.flags, tcp?.urgent],
    [9, 3, 77, 0, 2, 0x1ff, 513],
  );
  t.deepEqual(tcp?.options, layer(before, 'tcp')?.options);
  t.deepEqual([...(raw?.octets ?? [])], [1, 2, 3]);
});

test('IPv6 addresses are exchanged and the checksum follows', (t) => {
  const key = keyOf(HOSTS.client, 6);
  const rule: Rule = { ...RULE, ...key, owner: ownerOf(HOSTS['backend 1'], 6) };
  const frame = segment(pathsOf(rule, HOSTS.client).client, { payload: Uint8Array.of(1) });
  const after = translated(frame, rule, 'client-to-owner');
  t.is(Buffer.from(after.subarray(38, 54)).toString('hex'), '20010db8000300000000000000000021');
  t.deepEqual(
    verifyChecksums(after).map(({ layer: name, valid }) => [name, valid]),
    [['tcp', true]],
  );
});

test('untranslated and translated undo each other, apart from the Ethernet addresses', (t) => {
  const rules = deltas({ sequence: true, timestamps: true, window: false });
  const property = fc.property(
    rules,
    segments(),
    fc.constantFrom<Direction>('client-to-owner', 'owner-to-client'),
    (shift, fields, direction) => {
      const rule = ruleWith(shift);
      const paths = pathsOf(rule, HOSTS.client);
      // What leaves towards the owner is addressed to it; towards the client it comes from virtual.
      const wanted =
        direction === 'client-to-owner'
          ? translated(segment(paths.client, fields), rule, direction)
          : translated(segment(paths.owner, fields), rule, direction);
      const again = translated(untranslated(wanted, rule, direction), rule, direction);
      t.is(Buffer.compare(again, wanted), 0);
    },
  );
  fc.assert(property, runs(300));
});

test('a rule without deltas changes MAC, address and port and nothing else', (t) => {
  const rule = ruleWith(NO_DELTAS);
  const property = fc.property(segments(), (fields) => {
    const frame = segment(pathsOf(rule, HOSTS.client).client, fields);
    const after = translated(frame, rule, 'client-to-owner');
    const changed = [...after.keys()].filter((at) => after[at] !== frame[at]);
    const named = new Set([5, 24, 25, 30, 31, 32, 33, 36, 37, 50, 51]);
    t.deepEqual(
      changed.filter((at) => !named.has(at)),
      [],
    );
    t.is(after.length, frame.length);
  });
  fc.assert(property, runs(200));
});
