/** How fast packets are parsed and built: `node --import=./tools/register.mjs bench/scapy-ts.ts`. */
import { cpus } from 'node:os';
import { Bench } from 'tinybench';
import { build, ether, ipv4, parse, raw, tcp } from 'scapy-ts';
import type { Packet } from 'scapy-ts';

const HEADERS = 14 + 20 + 32;

function packetOf(lengthOctets: number): Packet {
  return [
    ether({ dst: '02:00:00:00:00:02', src: '02:00:00:00:00:01' }),
    ipv4({ src: '10.0.0.1', dst: '10.0.0.2' }),
    tcp({
      srcPort: 40000,
      dstPort: 80,
      seq: 0xfffffff0,
      ack: 0x80000000,
      flags: 'PA',
      options: [
        { kind: 'nop' },
        { kind: 'nop' },
        { kind: 'timestamps', value: 0xdeadbeef, echo: 77 },
      ],
    }),
    raw(new Uint8Array(lengthOctets - HEADERS).fill(0x5a)),
  ];
}

function withoutChecksums(packet: Packet): Packet {
  return packet.map((l) => ('checksum' in l ? { ...l, checksum: undefined } : l));
}

const bench = new Bench({ time: 1000, warmupTime: 300 });
for (const length of [66, 1514]) {
  const packet = packetOf(length);
  const octets = build(packet);
  bench.add(`parse, ${length} octets`, () => {
    parse(octets);
  });
  bench.add(`compute checksums and build, ${length} octets`, () => {
    build(packet);
  });
  bench.add(`parse, build as parsed, ${length} octets`, () => {
    build(parse(octets).layers);
  });
  bench.add(`parse, compute checksums and build, ${length} octets`, () => {
    build(withoutChecksums(parse(octets).layers));
  });
}
await bench.run();

const [cpu] = cpus();
console.log(`${cpu?.model ?? 'unknown processor'}, node ${process.version}`);
for (const { name, result } of bench.tasks) {
  if (result.state !== 'completed') continue;
  const perSecond = 1000 / result.latency.p50;
  console.log(`${(perSecond / 1e6).toFixed(2).padStart(6)} M/s median  ${name}`);
}
