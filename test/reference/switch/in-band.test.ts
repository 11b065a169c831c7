import test from 'ava';
import type { Packet } from 'scapy-ts';
import {
  build,
  dot1q,
  ether,
  ipv4,
  ipv4Address,
  ipv6,
  layer,
  mac,
  parse,
  raw,
  udp,
} from 'scapy-ts';
import { decodeReply, encodeCommand } from '../../../reference/control/codec.ts';
import type { Command, Reply } from '../../../reference/control/command.ts';
import { CONTROL_UDP_PORT, encodeCommandFrame } from '../../../reference/control/frame.ts';
import { verifyChecksums } from 'scapy-ts';
import type { Bed } from '../bed.ts';
import { AT, BACKEND, CLIENT, createBed, HANDOFF, KEY, segment, VIRTUAL } from '../bed.ts';

const ADD: Command = { op: 'add', rule: HANDOFF, epoch: 1 };

function replies(bed: Bed, frame: Uint8Array): readonly (Reply | string)[] {
  return bed.send(frame, AT.control).map(({ port, octets }) => {
    const message = layer(parse(octets).layers, 'raw')?.octets ?? new Uint8Array();
    const decoded = decodeReply(message);
    return (port === AT.control ? decoded?.reply : undefined) ?? 'not a reply';
  });
}

function datagram(message: Uint8Array, change: Partial<Record<'ip' | 'udp', object>> = {}): Packet {
  return [
    ether({ src: '02:00:00:00:00:aa', dst: '02:00:00:00:00:bb' }),
    ipv4({ src: '192.168.0.1', dst: '192.168.0.2', ...change.ip }),
    udp({ srcPort: 4000, dstPort: CONTROL_UDP_PORT, ...change.udp }),
    raw(message),
  ];
}

test('a command at the control port is performed and answered', (t) => {
  const bed = createBed();
  t.deepEqual(replies(bed, encodeCommandFrame(ADD)), [{ ok: true, op: 'add', rules: [] }]);
  t.is(bed.send(build(segment(CLIENT, VIRTUAL)))[0]?.port, AT.backend);
  t.like(replies(bed, encodeCommandFrame({ op: 'get' })), [{ op: 'get', rules: [{ epoch: 1 }] }]);
});

test('PRISM-CTRL-15 a refusal says why', (t) => {
  const bed = createBed();
  t.like(replies(bed, encodeCommandFrame({ op: 'lock', key: KEY, epoch: 1 })), [
    { ok: false, error: 'unknown' },
  ]);
});

test('a reply goes back to the sender, under the number of the request', (t) => {
  const message = encodeCommand({ requestId: 77, command: ADD });
  const [reply] = createBed().send(build(datagram(message)), AT.control);
  const octets = reply?.octets ?? new Uint8Array();
  const { layers } = parse(octets);
  t.like(layer(layers, 'ether'), { dst: mac('02:00:00:00:00:aa'), src: mac('02:00:00:00:00:bb') });
  t.like(layer(layers, 'ipv4'), {
    src: ipv4Address('192.168.0.2'),
    dst: ipv4Address('192.168.0.1'),
  });
  t.like(layer(layers, 'udp'), { srcPort: CONTROL_UDP_PORT, dstPort: 4000 });
  t.true(verifyChecksums(octets).every(({ valid }) => valid));
  const decoded = decodeReply(layer(layers, 'raw')?.octets ?? new Uint8Array());
  t.is(decoded?.requestId, 77);
});

test('many rules take several replies', (t) => {
  const bed = createBed();
  for (let port = 1; port <= 25; port += 1) {
    const key = { ...KEY, client: { ...KEY.client, port } };
    bed.tell({ op: 'add', rule: { ...HANDOFF, key }, epoch: port });
  }
  const all = replies(bed, encodeCommandFrame({ op: 'get' }));
  const epochs = all.flatMap((reply) =>
    typeof reply !== 'string' && reply.ok ? reply.rules.map((rule) => rule.epoch) : [],
  );
  t.is(all.length, 3);
  t.deepEqual(
    epochs,
    Array.from({ length: 25 }, (_, index) => index + 1),
  );
});

test('PRISM-RULE-13 an unlock in band sets held frames free before its reply', (t) => {
  const bed = createBed({ lock: 'hold' });
  bed.tell({ op: 'add', rule: { ...HANDOFF, locked: true }, epoch: 1 });
  bed.send(build(segment(CLIENT, VIRTUAL)));
  const out = bed.send(encodeCommandFrame({ op: 'unlock', key: KEY, epoch: 2 }), AT.control);
  t.deepEqual(
    out.map(({ port }) => port),
    [AT.backend, AT.control],
  );
});

test('PRISM-SEC-01 a command anywhere else is a frame like any other', (t) => {
  const bed = createBed();
  const frame = encodeCommandFrame(ADD);
  for (const at of [AT.client, AT.controller, AT.backend, AT.other, AT.punt]) {
    for (const { port, octets } of bed.send(frame, at)) {
      t.not(port, AT.control);
      t.deepEqual(octets, frame);
    }
  }
  t.is(bed.state.rules.entries.size, 0);
});

const MESSAGE = encodeCommand({ requestId: 1, command: ADD });
const SOUND = build(datagram(MESSAGE));
for (const [name, frame] of [
  ['a TCP segment', build(segment(CLIENT, VIRTUAL))],
  ['nothing', new Uint8Array()],
  ['a cut datagram', SOUND.subarray(0, SOUND.length - 1)],
  ['another UDP port', build(datagram(MESSAGE, { udp: { dstPort: 53 } }))],
  ['a wrong UDP checksum', build(datagram(MESSAGE, { udp: { checksum: 0x1234 } }))],
  ['a wrong IPv4 checksum', build(datagram(MESSAGE, { ip: { checksum: 0x1234 } }))],
  ['a first fragment', build(datagram(MESSAGE, { ip: { mf: 1 } }))],
  ['a later fragment', build(datagram(MESSAGE, { ip: { fragmentOffset: 1 } }))],
  ['a longer UDP length', build(datagram(MESSAGE, { udp: { length: 9999, checksum: 0 } }))],
  ['a cut message', build(datagram(MESSAGE.subarray(0, 20)))],
  ['a message with a tail', build(datagram(Uint8Array.of(...MESSAGE, 0)))],
  ['an unknown type', build(datagram(MESSAGE.with(3, 99)))],
  ['no message', build(datagram(new Uint8Array()))],
  [
    'a command over IPv6',
    build([ether({}), ipv6({}), udp({ dstPort: CONTROL_UDP_PORT }), raw(MESSAGE)]),
  ],
  ['a command in a tag', build([ether({}), dot1q({ vid: 1 }), ...datagram(MESSAGE).slice(1)])],
] as const) {
  test(`PRISM-SEC-02 ${name} at the control port has no effect and no answer`, (t) => {
    const bed = createBed();
    t.deepEqual(bed.send(frame, AT.control), []);
    t.is(bed.state.counters.dropped.control, 1);
    t.is(bed.state.rules.entries.size, 0);
  });
}

test('nothing is learned at the control port, and nothing is bridged to it', (t) => {
  const bed = createBed();
  bed.send(build([ether({ src: CLIENT.mac, dst: BACKEND.mac })]), AT.control);
  t.is(bed.send(build(segment(BACKEND, CLIENT)), BACKEND)[0]?.port, AT.client);
});
