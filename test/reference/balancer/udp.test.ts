import test from 'ava';
import fc from 'fast-check';
import { build, ether, ipv4, layer, parse, raw, udp, verifyChecksums } from 'scapy-ts';
import { countConnections } from '../../../reference/balancer/connection-table.ts';
import { runs } from '../../runs.ts';
import {
  CLIENT,
  createBed,
  datagram,
  DATAGRAMS,
  hostOf,
  optionsOf,
  SECOND,
  serverAt,
  SERVICE,
  SWITCH_MAC,
  syn,
  VIRTUAL,
} from './bed.ts';

const SERVER = hostOf('a');
const word16 = fc.nat(0xffff);

test('PRISM-SLB-2 PRISM-SLB-3 datagrams are rewritten as segments are, both ways', (t) => {
  const bed = createBed(optionsOf(DATAGRAMS));
  const links = { src: CLIENT.mac, dst: SWITCH_MAC };
  const ports = { srcPort: CLIENT.port, dstPort: VIRTUAL.port };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), word16, fc.boolean(), (payload, id, hasSum) => {
      const sum = hasSum ? {} : { checksum: 0 };
      const forth = bed.through(
        build([
          ether(links),
          ipv4({ src: CLIENT.address, dst: VIRTUAL.address, ttl: 9, id }),
          udp({ ...ports, ...sum }),
          raw(payload),
        ]),
      );
      const asked = build([
        ether({ src: SWITCH_MAC, dst: SERVER.mac }),
        ipv4({ src: CLIENT.address, dst: SERVER.address, ttl: 8, id }),
        udp({ srcPort: CLIENT.port, dstPort: SERVER.port, ...sum }),
        raw(payload),
      ]);
      t.deepEqual(forth.octets, asked);
      const back = bed.through(
        build([
          ether({ src: SERVER.mac, dst: SWITCH_MAC }),
          ipv4({ src: SERVER.address, dst: CLIENT.address, ttl: 9, id }),
          udp({ srcPort: SERVER.port, dstPort: CLIENT.port, ...sum }),
          raw(payload),
        ]),
        SERVER,
      );
      t.true(verifyChecksums(back.octets).every(({ valid }) => valid));
      const header = layer(parse(back.octets).layers, 'udp');
      t.deepEqual([header?.srcPort, header?.dstPort], [VIRTUAL.port, CLIENT.port]);
      t.is(header?.checksum === 0, !hasSum);
    }),
    runs(200),
  );
});

test('a datagram whose checksum would become 0 has 0xffff', (t) => {
  const bed = createBed(optionsOf(DATAGRAMS));
  const checksumWith = (word: number): number | undefined => {
    const frame = build([
      ether({ src: CLIENT.mac, dst: SWITCH_MAC }),
      ipv4({ src: CLIENT.address, dst: VIRTUAL.address }),
      udp({ srcPort: CLIENT.port, dstPort: VIRTUAL.port }),
      raw(Uint8Array.of(word >> 8, word & 0xff)),
    ]);
    return layer(parse(bed.through(frame).octets).layers, 'udp')?.checksum;
  };
  // What a checksum lacks to 0 is itself, as a word of the payload.
  const lacking = checksumWith(0) ?? 0;
  t.is(checksumWith(lacking), 0xffff);
  t.is(checksumWith(lacking - 1), 1);
});

test('PRISM-SLB-5 UDP and TCP of the same ports are two', (t) => {
  const bed = createBed(optionsOf(SERVICE, DATAGRAMS));
  bed.through(syn());
  bed.through(syn(SECOND));
  t.is(serverAt(bed.through(datagram(CLIENT, VIRTUAL))), 'a');
  t.is(countConnections(bed.state.table), 3);
});

test('PRISM-SLB-10 datagrams that nobody answers have the part of the half open', (t) => {
  const options = optionsOf(DATAGRAMS);
  const bed = createBed(options);
  bed.through(datagram(CLIENT, VIRTUAL));
  t.is(bed.state.table.queues.opening.size, 1);
  bed.through(datagram(SERVER, CLIENT, 'answer'), SERVER);
  t.is(bed.state.table.queues.talking.size, 1);
  bed.through(datagram(CLIENT, VIRTUAL));
  t.is(bed.state.table.queues.talking.size, 1);
  bed.wait(300_000);
  t.is(countConnections(bed.state.table), 1);
  bed.wait(1);
  t.is(countConnections(bed.state.table), 0);
});

test('PRISM-POL-8 without a server a datagram is answered by an ICMP error', (t) => {
  const bed = createBed(optionsOf({ ...DATAGRAMS, servers: [] }));
  const { layers } = parse(bed.through(datagram(CLIENT, VIRTUAL)).octets);
  const error = layer(layers, 'icmpv4');
  t.deepEqual([error?.type, error?.code], [3, 3]);
  t.is(layer(layers, 'udp')?.srcPort, CLIENT.port);
  t.is(layer(layers, 'ipv4')?.src, VIRTUAL.address);
});

test('PRISM-HC-7 datagrams go to another server when theirs is down, if resets are declared', (t) => {
  for (const [departed, then] of [
    ['reset', 'b'],
    ['keep', 'a'],
  ] as const) {
    const bed = createBed(optionsOf({ ...DATAGRAMS, departed }));
    bed.through(datagram(CLIENT, VIRTUAL));
    bed.through(datagram(SERVER, CLIENT, 'answer'), SERVER);
    bed.tell({ kind: 'health', service: 'names', server: 'a', isUp: false });
    t.is(serverAt(bed.through(datagram(CLIENT, VIRTUAL))), then);
  }
});
