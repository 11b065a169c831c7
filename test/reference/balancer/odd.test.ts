import test from 'ava';
import { build, dot1q, mac, parse, raw, verifyChecksums } from 'scapy-ts';
import { BROADCAST } from '../../../reference/balancer/link.ts';
import type { Bed, Host } from './bed.ts';
import {
  CLIENT,
  createBed,
  datagram,
  DATAGRAMS,
  DIRECT,
  handshake,
  hostOf,
  optionsOf,
  SECOND,
  segment,
  segmentLayers,
  SERVICE,
  syn,
  TUNNEL,
  VIRTUAL,
} from './bed.ts';

const PAYLOAD = 'a payload that is long enough for three fragments of a datagram';

/** One packet as three IPv4 fragments, the first with the whole transport header. RFC 791. */
function fragments(frame: Uint8Array, id: number = 9): readonly Uint8Array[] {
  const [link, ip] = parse(frame).layers;
  if (link === undefined || ip?.kind !== 'ipv4') throw new Error('no IPv4');
  const body = frame.subarray(34);
  return [0, 4, 7].map((fragmentOffset, index, offsets) => {
    const next = offsets[index + 1];
    const part = body.subarray(fragmentOffset * 8, next === undefined ? undefined : next * 8);
    const fields = { id, df: 0, mf: next === undefined ? 0 : 1, fragmentOffset };
    const fresh = { totalLength: undefined, checksum: undefined };
    return build([link, { ...ip, ...fields, ...fresh }, raw(part)]);
  });
}

function asked(from: Host = CLIENT): Uint8Array {
  return segment(from, VIRTUAL, { seq: 1001, ack: 5001 }, PAYLOAD);
}

function sendAll(bed: Bed, frames: readonly Uint8Array[], from?: Host): readonly number[] {
  return frames.flatMap((frame) => bed.send(frame, from).map(({ port }) => port));
}

test('PRISM-SLB-12 fragments follow their first, in both directions', (t) => {
  const bed = createBed();
  handshake(bed, SECOND);
  const server = handshake(bed);
  t.deepEqual(sendAll(bed, fragments(asked())), [server.at, server.at, server.at]);
  const answer = segment(server, CLIENT, { seq: 5001, ack: 1001 }, PAYLOAD);
  t.deepEqual(sendAll(bed, fragments(answer), server), [CLIENT.at, CLIENT.at, CLIENT.at]);
  t.is(bed.state.counters.fragments, 6);
});

test('PRISM-SLB-12 fragments put together again are the packet rewritten whole', (t) => {
  for (const [service, frame] of [
    [SERVICE, asked()],
    [DATAGRAMS, datagram(CLIENT, VIRTUAL, PAYLOAD)],
  ] as const) {
    const bed = createBed(optionsOf(service));
    if (service.protocol === 'tcp') handshake(bed);
    const parts = fragments(frame).map((part) => bed.through(part).octets);
    const together = parts.flatMap((part) => [...part.subarray(34)]);
    t.deepEqual(Uint8Array.from(together), bed.through(frame).octets.subarray(34));
    t.true(parts.every((part) => parse(part).errors.length === 0));
  }
});

test('PRISM-SLB-12 a fragment whose first one is not known goes to no server', (t) => {
  for (const service of [SERVICE, DIRECT, DATAGRAMS]) {
    const bed = createBed(optionsOf(service));
    t.deepEqual(sendAll(bed, fragments(asked()).slice(1)), []);
    t.deepEqual(bed.drops(), { fragment: 2 });
  }
});

test('PRISM-SLB-12 a fragment does not follow a connection that is gone', (t) => {
  const bed = createBed();
  const server = handshake(bed);
  const [first, second, third] = fragments(asked());
  if (first === undefined || second === undefined || third === undefined) throw new Error('three');
  bed.through(first);
  t.is(bed.through(second).port, server.at);
  bed.through(segment(CLIENT, VIRTUAL, { flags: 'R', seq: 1001 }));
  bed.through(syn(CLIENT, 80_000));
  t.deepEqual(bed.send(third), []);
});

test('PRISM-SLB-12 fragments of TCP and of UDP with one identification are told apart', (t) => {
  const bed = createBed(optionsOf(SERVICE, DATAGRAMS));
  const server = handshake(bed, SECOND);
  const segments = fragments(asked(SECOND));
  handshake(bed, CLIENT);
  const datagrams = fragments(datagram(CLIENT, VIRTUAL, PAYLOAD));
  const [first = asked(), ...later] = segments;
  const [other = asked(), ...others] = datagrams;
  t.is(bed.through(first).port, server.at);
  t.is(bed.through(other).port, hostOf('a').at);
  bed.state.datagrams.delete([...bed.state.datagrams.keys()][1] ?? '');
  t.deepEqual(sendAll(bed, later), [server.at, server.at]);
  t.deepEqual(sendAll(bed, others), []);
});

test('PRISM-SLB-12 so many datagrams are remembered, the oldest is forgotten', (t) => {
  const bed = createBed();
  const server = handshake(bed);
  for (let id = 0; id <= 1024; id += 1) bed.send(fragments(asked(), id)[0] ?? asked());
  t.is(bed.state.datagrams.size, 1024);
  t.deepEqual(bed.send(fragments(asked(), 0)[1] ?? asked()), []);
  t.is(bed.through(fragments(asked(), 1024)[1] ?? asked()).port, server.at);
});

test('PRISM-SLB-12 fragments are dropped and counted where that is declared', (t) => {
  const bed = createBed({ ...optionsOf(SERVICE), fragments: 'drop' });
  handshake(bed);
  t.deepEqual(sendAll(bed, fragments(asked())), []);
  t.deepEqual(bed.drops(), { fragment: 3 });
  t.is(bed.state.counters.fragments, 3);
});

function withOption(frame: ReturnType<typeof segmentLayers>): Uint8Array {
  const [link, ip, ...rest] = frame;
  if (link === undefined || ip?.kind !== 'ipv4') throw new Error('no IPv4');
  return build([link, { ...ip, options: [{ kind: 'routerAlert', value: 0 }] }, ...rest]);
}

test('PRISM-SLB-12 IPv4 options are dropped and counted, or forwarded to the connection’s server', (t) => {
  for (const ipOptions of ['drop', 'forward'] as const) {
    const bed = createBed({ ...optionsOf(SERVICE), ipOptions });
    handshake(bed, SECOND);
    const server = handshake(bed);
    const frame = withOption(segmentLayers(CLIENT, VIRTUAL, { seq: 1001, ack: 5001 }, 'x'));
    const out = bed.send(frame);
    t.is(bed.state.counters.optioned, 1);
    t.deepEqual(
      out.map(({ port }) => port),
      ipOptions === 'drop' ? [] : [server.at],
    );
    t.deepEqual(bed.drops(), ipOptions === 'drop' ? { 'ip-options': 1 } : {});
  }
});

test('an IP header that is not as it was sent goes nowhere', (t) => {
  const bed = createBed();
  const server = handshake(bed);
  for (const [from, frame] of [
    [CLIENT, asked()],
    [server, segment(server, CLIENT, { seq: 5001, ack: 1001 })],
  ] as const) {
    for (let bit = 0; bit < 160; bit += 1) {
      const damaged = Uint8Array.from(frame);
      const at = 14 + (bit >> 3);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (bit & 7));
      t.deepEqual(bed.send(damaged, from), [], `bit ${bit}`);
    }
  }
});

test('a packet that is cut off goes nowhere', (t) => {
  const bed = createBed();
  handshake(bed);
  const frame = asked();
  for (let length = 0; length < frame.length; length += 1) {
    t.deepEqual(bed.send(frame.subarray(0, length)), [], `${length} octets`);
  }
});

test('what comes in a VLAN leaves in it, balanced, wrapped or answered', (t) => {
  const tagged = (frame: Uint8Array): Uint8Array => {
    const [link, ...rest] = parse(frame).layers;
    if (link?.kind !== 'ether') throw new Error('no Ethernet');
    return build([{ ...link, etherType: undefined }, dot1q({ vid: 7, pcp: 3 }), ...rest]);
  };
  for (const service of [SERVICE, DIRECT, TUNNEL]) {
    const bed = createBed(optionsOf(service));
    for (const frame of [syn(), segment(SECOND, VIRTUAL, { seq: 1, ack: 2 })]) {
      const { octets } = bed.through(tagged(frame));
      const { layers, errors } = parse(octets);
      t.deepEqual(errors, []);
      t.deepEqual([layers[1]?.kind, layers[2]?.kind], ['dot1q', 'ipv4']);
      t.deepEqual([...octets.subarray(12, 18)], [0x81, 0, 0x60, 7, 8, 0]);
      t.true(verifyChecksums(octets).every(({ valid }) => valid));
    }
  }
});

test('a frame from a group of stations is not served', (t) => {
  const bed = createBed();
  t.deepEqual(bed.send(syn({ ...CLIENT, mac: mac('01:00:5e:00:00:05') })), []);
  t.deepEqual(bed.send(syn({ ...CLIENT, mac: BROADCAST })), []);
  t.deepEqual(bed.drops(), { malformed: 2 });
});

test('a switch without the port says so', (t) => {
  const bed = createBed();
  t.throws(() => bed.send(asked(), { ...hostOf('a'), at: 9 }), { instanceOf: RangeError });
});
