import test from 'ava';
import { build, layer, parse, raw } from 'scapy-ts';
import { DATAGRAMS_MAX } from '../../../reference/switch/fragment-table.ts';
import type { Bed, Host } from '../bed.ts';
import {
  AT,
  BACKEND,
  CLIENT,
  createBed,
  HANDOFF,
  KEY,
  OTHER,
  ownerOf,
  segment,
  VIRTUAL,
  withDeltas,
  without,
} from '../bed.ts';

const PAYLOAD = 'a payload that is long enough for three fragments of a datagram';

/** One segment as three IPv4 fragments, the first with the whole TCP header. RFC 791. */
function fragments(from: Host, to: Host, id: number): readonly Uint8Array[] {
  const [link, ip, ...rest] = segment(from, to, { seq: 5, ack: 6 }, PAYLOAD);
  if (link === undefined || ip?.kind !== 'ipv4') throw new Error('no IPv4');
  const datagram = build([link, { ...ip, id }, ...rest]).subarray(34);
  return [0, 4, 7].map((fragmentOffset, index, offsets) => {
    const to8 = offsets[index + 1];
    const part = datagram.subarray(fragmentOffset * 8, to8 === undefined ? undefined : to8 * 8);
    const mf = to8 === undefined ? 0 : 1;
    return build([link, { ...ip, id, mf, fragmentOffset, protocol: 6 }, raw(part)]);
  });
}

/** The datagram that the fragments carry, as one frame. */
function reassembled(frames: readonly Uint8Array[]): Uint8Array {
  const [first] = frames;
  if (first === undefined) throw new Error('no fragment');
  const parts = frames.map((frame) => frame.subarray(34));
  const { layers } = parse(first);
  const [link, ip] = layers;
  if (link === undefined || ip?.kind !== 'ipv4') throw new Error('no IPv4');
  const whole = { ...ip, mf: 0, fragmentOffset: 0, totalLength: undefined, checksum: undefined };
  return build([link, whole, raw(Uint8Array.from(parts.flatMap((part) => [...part])))]);
}

function bedWith(rule: typeof HANDOFF, frag: boolean = true): Bed {
  const bed = createBed(frag ? {} : { capabilities: without('L3', 'FRAG') });
  bed.tell({ op: 'add', rule, epoch: 1 });
  return bed;
}

const SPLICE = withDeltas({ clientSeq: 0xfffffff0, ownerSeq: 77 });

for (const [name, from, to, at] of [
  ['client', CLIENT, VIRTUAL, AT.backend],
  ['owner', BACKEND, CLIENT, AT.client],
] as const) {
  test(`PRISM-FWD-05 the ${name}’s fragments are translated as the whole segment would be`, (t) => {
    const bed = bedWith(SPLICE);
    const [link, ip, ...rest] = segment(from, to, { seq: 5, ack: 6 }, PAYLOAD);
    if (link === undefined || ip?.kind !== 'ipv4') throw new Error('no IPv4');
    const whole = bed.send(build([link, { ...ip, id: 9 }, ...rest]), from);
    const parts = fragments(from, to, 9).flatMap((frame) => bed.send(frame, from));
    t.deepEqual(
      parts.map(({ port }) => port),
      [at, at, at],
    );
    t.deepEqual(reassembled(parts.map(({ octets }) => octets)), whole[0]?.octets);
    for (const { octets } of parts) {
      const { layers } = parse(octets);
      t.deepEqual(
        build(
          layers.map((each) => (each.kind === 'ipv4' ? { ...each, checksum: undefined } : each)),
        ),
        octets,
        'the IPv4 checksum is right',
      );
    }
  });
}

test('PRISM-FWD-05 a fragment that comes before its first is dropped', (t) => {
  const bed = bedWith(HANDOFF);
  const [first, second, third] = fragments(CLIENT, VIRTUAL, 1);
  if (first === undefined || second === undefined || third === undefined) throw new Error('three');
  t.deepEqual(bed.send(second), []);
  t.is(bed.send(first).length, 1);
  t.is(bed.send(third).length, 1);
  t.is(bed.send(second).length, 1);
  t.is(bed.state.counters.dropped.opaque, 1);
});

test('PRISM-FWD-04 a later fragment is never read as TCP', (t) => {
  const bed = bedWith(HANDOFF);
  const [link, ip, ...rest] = segment(CLIENT, VIRTUAL);
  if (link === undefined || ip?.kind !== 'ipv4') throw new Error('no IPv4');
  for (const fragmentOffset of [1, 100, 0x1fff]) {
    const crafted = build([link, { ...ip, fragmentOffset, protocol: 6 }, ...rest]);
    t.deepEqual(bed.send(crafted), []);
  }
});

test('PRISM-FWD-01 fragments between hosts without a rule are bridged', (t) => {
  const bed = bedWith(HANDOFF);
  for (const frame of fragments(CLIENT, OTHER, 1)) {
    t.deepEqual(bed.send(frame), [{ port: AT.other, octets: frame }]);
  }
});

test('PRISM-FWD-01 fragments of another connection between a rule’s hosts are bridged', (t) => {
  const bed = bedWith(HANDOFF);
  for (const frame of fragments({ ...CLIENT, port: 5 }, VIRTUAL, 1)) {
    t.deepEqual(bed.send(frame), [{ port: AT.controller, octets: frame }]);
  }
});

test('PRISM-RULE-04 fragments of whoever is not the owner are dropped', (t) => {
  const bed = bedWith(HANDOFF);
  for (const frame of fragments(VIRTUAL, CLIENT, 1)) t.deepEqual(bed.send(frame, VIRTUAL), []);
  t.is(bed.state.counters.dropped['not-owner'], 3);
});

test('PRISM-FWD-05 a datagram does not change its owner half-way', (t) => {
  const bed = bedWith(HANDOFF);
  const [first, second] = fragments(CLIENT, VIRTUAL, 1);
  if (first === undefined || second === undefined) throw new Error('two');
  t.is(bed.send(first)[0]?.port, AT.backend);
  bed.tell({ op: 'chown', key: KEY, owner: ownerOf(OTHER), unlock: true, epoch: 2 });
  t.deepEqual(bed.send(second), []);
});

test('PRISM-SEC-04 a later fragment whose header is past its end is dropped', (t) => {
  const bed = bedWith(HANDOFF);
  const [first, second] = fragments(CLIENT, VIRTUAL, 1);
  const [link, ip, part] = parse(second ?? new Uint8Array()).layers;
  if (first === undefined || link === undefined || ip?.kind !== 'ipv4' || part === undefined) {
    throw new Error('no IPv4');
  }
  bed.send(first);
  t.deepEqual(bed.send(build([link, { ...ip, ihl: 15, checksum: undefined }, part])), []);
  t.is(bed.state.counters.dropped.opaque, 1);
});

test('a tiny first fragment, with less than the TCP header, is dropped', (t) => {
  const bed = bedWith(HANDOFF);
  const [link, ip, ...rest] = segment(CLIENT, VIRTUAL);
  if (link === undefined || ip?.kind !== 'ipv4') throw new Error('no IPv4');
  const start = build([link, ip, ...rest]).subarray(34, 50);
  t.deepEqual(bed.send(build([link, { ...ip, mf: 1, protocol: 6 }, raw(start)])), []);
});

test('PRISM-FWD-05 without FRAG every fragment of a rule is dropped, others are bridged', (t) => {
  const bed = bedWith(HANDOFF, false);
  for (const frame of fragments(CLIENT, VIRTUAL, 1)) t.deepEqual(bed.send(frame), []);
  for (const frame of fragments(BACKEND, CLIENT, 1)) t.deepEqual(bed.send(frame, BACKEND), []);
  t.is(bed.state.counters.dropped.incapable, 6);
  for (const frame of fragments(CLIENT, OTHER, 1)) t.is(bed.send(frame)[0]?.port, AT.other);
});

test('PRISM-RULE-11 fragments of a locked rule are held and set free like segments', (t) => {
  const bed = createBed({ lock: 'hold' });
  bed.tell({ op: 'add', rule: { ...HANDOFF, locked: true }, epoch: 1 });
  for (const frame of fragments(CLIENT, VIRTUAL, 1)) t.deepEqual(bed.send(frame), []);
  const entry = [...bed.state.rules.entries.values()][0];
  t.is(entry?.held.length, 3);
  bed.tell({ op: 'unlock', key: KEY, epoch: 2 });
  t.is(entry?.fromClient.packets, 3);
});

test('only so many datagrams are remembered, the oldest is forgotten', (t) => {
  const bed = bedWith(HANDOFF);
  for (let id = 0; id <= DATAGRAMS_MAX; id += 1) {
    const [first] = fragments(CLIENT, VIRTUAL, id);
    if (first !== undefined) bed.send(first);
  }
  t.is(bed.state.fragments.size, DATAGRAMS_MAX);
  const last = (id: number): number =>
    bed.send(fragments(CLIENT, VIRTUAL, id)[2] ?? new Uint8Array()).length;
  t.is(last(0), 0);
  t.is(last(1), 1);
});

test('fragments of both directions with one identification are told apart', (t) => {
  const bed = bedWith(HANDOFF);
  const forth = fragments(CLIENT, VIRTUAL, 1);
  const back = fragments(BACKEND, CLIENT, 1);
  for (const [index, frame] of forth.entries()) {
    t.is(bed.send(frame)[0]?.port, AT.backend);
    const [answer] = bed.send(back[index] ?? new Uint8Array(), BACKEND);
    t.is(answer && layer(parse(answer.octets).layers, 'ipv4')?.src, VIRTUAL.address);
  }
});
