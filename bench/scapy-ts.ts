/** How fast packets are parsed and built: `node --import=./tools/register.mjs bench/scapy-ts.ts`. */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { Bench } from 'tinybench';
import { build, ether, ipv4, parse, raw, tcp } from 'scapy-ts';
import type { Packet } from 'scapy-ts';

const HEADERS = 14 + 20 + 32;
/** Packets in one measurement: reading the clock costs as much as a tenth of a packet. */
const BATCH = 1000;

function times(act: () => void): () => void {
  return () => {
    for (let done = 0; done < BATCH; done += 1) act();
  };
}

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
  bench.add(
    `parse, ${length} octets`,
    times(() => {
      parse(octets);
    }),
  );
  bench.add(
    `compute checksums and build, ${length} octets`,
    times(() => {
      build(packet);
    }),
  );
  bench.add(
    `parse, build as parsed, ${length} octets`,
    times(() => {
      build(parse(octets).layers);
    }),
  );
  bench.add(
    `parse, compute checksums and build, ${length} octets`,
    times(() => {
      build(withoutChecksums(parse(octets).layers));
    }),
  );
}
await bench.run();

/** scapy, in the same run: parses the packet and builds it again as parsed; packets in a second. */
const SCAPY = `
import sys, time
from scapy.all import Ether, raw
octets = bytes.fromhex(sys.argv[1])
def packets(count=500):
    start = time.perf_counter()
    for _ in range(count):
        packet = Ether(octets)
        packet.raw_packet_cache = packet.payload.raw_packet_cache = None
        raw(packet)
    return count / (time.perf_counter() - start)
print(sorted(packets() for _ in range(5))[2])
`;

function scapyPerSecond(octets: Uint8Array): number | undefined {
  const words = ['-c', SCAPY, Buffer.from(octets).toString('hex')];
  const done = spawnSync('/usr/bin/python3', words, { encoding: 'utf8' });
  return done.status === 0 ? Number(done.stdout) : undefined;
}

const [cpu] = cpus();
console.log(`${cpu?.model ?? 'unknown processor'}, node ${process.version}`);
for (const { name, result } of bench.tasks) {
  if (result.state !== 'completed') continue;
  const perSecond = (1000 * BATCH) / result.latency.p50;
  console.log(`${(perSecond / 1e6).toFixed(2).padStart(6)} M/s median  ${name}`);
}

for (const length of [66, 1514]) {
  const peer = scapyPerSecond(build(packetOf(length)));
  const task = bench.getTask(`parse, build as parsed, ${length} octets`);
  if (task?.result.state !== 'completed') continue;
  const ours = (1000 * BATCH) / task.result.latency.p50;
  console.log(
    peer === undefined
      ? `scapy is not installed: no ratio for ${length} octets`
      : `${(ours / peer).toFixed(0)} times scapy's ${peer.toFixed(0)} packets/s, ${length} octets`,
  );
}
