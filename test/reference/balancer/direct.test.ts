import test from 'ava';
import fc from 'fast-check';
import { build, ether, ipv4, layer, parse, raw, tcp, verifyChecksums } from 'scapy-ts';
import { runs } from '../../runs.ts';
import {
  CLIENT,
  createBed,
  DATAGRAMS,
  datagram,
  DIRECT,
  GATEWAY,
  hostOf,
  optionsOf,
  PLAIN_SERVERS,
  segment,
  segmentLayers,
  serverAt,
  SWITCH_MAC,
  syn,
  TUNNEL,
  VIRTUAL,
} from './bed.ts';

const SERVER = hostOf('a');
const OUTER_OCTETS = 20;

/** A segment of CLIENT with any payload and any marks. */
const anySegment = fc
  .record({
    payload: fc.uint8Array({ maxLength: 100 }),
    tos: fc.nat(255),
    id: fc.nat(0xffff),
    ttl: fc.integer({ min: 1, max: 255 }),
    df: fc.nat(1),
    seq: fc.nat(0x7fff_ffff),
  })
  .map(({ payload, tos, id, ttl, df, seq }) => ({
    tos,
    df,
    frame: build([
      ether({ src: CLIENT.mac, dst: SWITCH_MAC }),
      ipv4({
        src: CLIENT.address,
        dst: VIRTUAL.address,
        dscp: tos >> 2,
        ecn: tos & 3,
        id,
        ttl,
        df,
      }),
      tcp({ srcPort: CLIENT.port, dstPort: VIRTUAL.port, seq, flags: 'A' }),
      raw(payload),
    ]),
  }));

test('PRISM-DSR-1 PRISM-QOS-1 in direct server return nothing but the MAC addresses differs', (t) => {
  const bed = createBed(optionsOf(DIRECT));
  bed.through(syn());
  fc.assert(
    fc.property(anySegment, ({ frame }) => {
      const { port, octets } = bed.through(frame);
      t.is(port, SERVER.at);
      const link = parse(octets).layers[0];
      t.deepEqual(link, { kind: 'ether', dst: SERVER.mac, src: SWITCH_MAC, etherType: 0x0800 });
      t.deepEqual(octets.subarray(14), frame.subarray(14));
    }),
    runs(300),
  );
});

test('PRISM-DSR-2 the switch sees nothing of the answers, and counts what it sees', (t) => {
  const bed = createBed(optionsOf(DIRECT));
  bed.through(syn());
  bed.through(segment(CLIENT, VIRTUAL, { seq: 1001, ack: 5001 }));
  t.is(bed.state.counters.toServer.packets, 2);
  t.is(bed.state.counters.toClient.packets, 0);
});

test('PRISM-DSR-2 answers that a bridge has to pass are not touched', (t) => {
  const bed = createBed(optionsOf(DIRECT));
  bed.through(syn());
  const [, ...rest] = segmentLayers(VIRTUAL, CLIENT, { flags: 'SA', seq: 5000, ack: 1001 });
  const answer = build([ether({ src: SERVER.mac, dst: CLIENT.mac }), ...rest]);
  t.deepEqual(bed.send(answer, SERVER), [{ kind: 'emit', port: CLIENT.at, octets: answer }]);
});

test('what is sent to a server under the virtual address is not balanced again', (t) => {
  const bed = createBed(optionsOf(DIRECT));
  const [, ...rest] = segmentLayers(CLIENT, VIRTUAL, { flags: 'S' });
  const frame = build([ether({ src: CLIENT.mac, dst: hostOf('c').mac }), ...rest]);
  t.deepEqual(bed.send(frame), [{ kind: 'emit', port: hostOf('c').at, octets: frame }]);
  t.is(bed.state.table.flows.size, 0);
});

test('PRISM-DSR-7 PRISM-QOS-1 in a tunnel the packet is identical, and its header is repeated', (t) => {
  const bed = createBed(optionsOf(TUNNEL));
  bed.through(syn());
  fc.assert(
    fc.property(anySegment, ({ frame, tos, df }) => {
      const { port, octets } = bed.through(frame);
      t.is(port, SERVER.at);
      t.deepEqual(octets.subarray(14 + OUTER_OCTETS), frame.subarray(14));
      const [link, outer, inner] = parse(octets).layers;
      t.deepEqual(link, { kind: 'ether', dst: SERVER.mac, src: SWITCH_MAC, etherType: 0x0800 });
      if (outer?.kind !== 'ipv4') throw new Error('no outer header');
      t.deepEqual([outer.src, outer.dst, outer.protocol], [GATEWAY, SERVER.address, 4]);
      t.deepEqual([outer.dscp * 4 + outer.ecn, outer.df, outer.ttl], [tos, df, 64]);
      t.is(outer.totalLength, frame.length - 14 + OUTER_OCTETS);
      t.is(inner?.kind, 'ipv4');
      t.true(verifyChecksums(octets).every(({ valid }) => valid));
    }),
    runs(300),
  );
});

test('PRISM-DSR-7 padding of the frame does not come into the tunnel', (t) => {
  const bed = createBed(optionsOf(TUNNEL));
  const frame = syn();
  const padded = Uint8Array.from([...frame, 1, 2, 3, 4, 5, 6]);
  t.deepEqual(bed.through(padded).octets.subarray(34), frame.subarray(14));
});

test('packets that are wrapped one after the other can be told apart', (t) => {
  const bed = createBed(optionsOf(TUNNEL));
  const ids = Array.from(
    { length: 5 },
    () => layer(parse(bed.through(syn()).octets).layers, 'ipv4')?.id,
  );
  t.is(new Set(ids).size, 5);
});

test('PRISM-DSR-6 what does not fit into the tunnel is sent back with the size that would', (t) => {
  const bed = createBed(optionsOf(TUNNEL));
  bed.through(syn());
  const fitting = 'x'.repeat(1500 - OUTER_OCTETS - 40);
  const whole = segment(CLIENT, VIRTUAL, { seq: 1001, ack: 5001 }, fitting);
  t.is(bed.through(whole).octets.length, 1514);
  const large = segment(CLIENT, VIRTUAL, { seq: 1001, ack: 5001 }, `${fitting}x`);
  const { port, octets } = bed.through(large);
  t.is(port, CLIENT.at);
  const { layers } = parse(octets);
  const error = layer(layers, 'icmpv4');
  t.deepEqual([error?.type, error?.code, error?.rest], [3, 4, 1480]);
  t.is(layer(layers, 'ipv4')?.src, VIRTUAL.address);
  t.is(layer(layers, 'tcp')?.seq, 1001);
  t.true(octets.length <= 14 + 576);
  t.true(verifyChecksums(octets).every(({ valid }) => valid));
  t.deepEqual(bed.drops(), { 'too-big': 1 });
});

test('PRISM-DSR-6 what may be cut into pieces and does not fit is dropped, and nobody is told', (t) => {
  const bed = createBed(optionsOf({ ...TUNNEL, protocol: 'udp' }));
  t.deepEqual(bed.send(datagram(CLIENT, VIRTUAL, 'x'.repeat(1470))), []);
  t.deepEqual(bed.drops(), { 'too-big': 1 });
});

test('datagrams take the same ways', (t) => {
  for (const mode of ['dsr', 'ipip'] as const) {
    const bed = createBed(optionsOf({ ...DATAGRAMS, mode, servers: PLAIN_SERVERS }));
    const frame = datagram(CLIENT, VIRTUAL);
    const out = bed.through(frame);
    t.is(serverAt(out), 'a');
    t.deepEqual(out.octets.subarray(mode === 'dsr' ? 14 : 34), frame.subarray(14));
  }
});

test('a server that nobody has heard of is looked for at all ports', (t) => {
  const bed = createBed(optionsOf(DIRECT));
  bed.state.macs.delete(SERVER.mac);
  t.deepEqual(
    bed.send(syn()).map(({ port }) => port),
    [0, 1, 2, 3],
  );
});
