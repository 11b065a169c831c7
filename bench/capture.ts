/**
 * How fast captures are read, and in how much memory.
 *
 * `node --import=./tools/register.mjs bench/capture.ts` reads files of several frame sizes, has
 * capinfos and tcpdump read the same files in turn, and prints medians. Then it reads a short and
 * a long stream, made as they are read, in processes of their own, and prints the greatest
 * resident memory of each.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import {
  pcapHeader,
  pcapngInterface,
  pcapngPacket,
  pcapngSection,
  pcapRecord,
  readCapture,
} from '../reference/scapy-ts/capture/index.ts';

const FILE_OCTETS = 256 * 1024 * 1024;
const BODY_OCTETS = 4 * 1024 * 1024;
const ROUNDS = 7;
const READ_OCTETS = 256 * 1024;
const SHORT_STREAM_OCTETS = 20_000_000;
const LONG_STREAM_OCTETS = 2_000_000_000;

const FORMATS = ['pcap', 'pcapng'] as const;
const FRAMES = [
  { name: '1514 octets', sizes: [1514] },
  { name: '100 octets', sizes: [100] },
  // The simple internet mix: seven small, four middle, one full.
  { name: 'mixed', sizes: [64, 64, 64, 64, 64, 64, 64, 570, 570, 570, 570, 1514] },
] as const;

type FileFormat = (typeof FORMATS)[number];

function fileStart(format: FileFormat): Uint8Array {
  if (format === 'pcap') return pcapHeader();
  return Buffer.concat([pcapngSection(), pcapngInterface({ name: 'bench' })]);
}

/** Whole records of about 4 MiB, which a file repeats. */
function fileBody(format: FileFormat, sizes: readonly number[]): Uint8Array {
  const write = format === 'pcap' ? pcapRecord : pcapngPacket;
  const parts: Uint8Array[] = [];
  for (let written = 0; written < BODY_OCTETS; written += parts.at(-1)?.length ?? 0) {
    const n = parts.length;
    const octets = new Uint8Array(sizes[n % sizes.length] ?? 0).fill(n);
    parts.push(write({ seconds: 1_700_000_000 + n, nanoseconds: 123_456_000, octets }));
  }
  return Buffer.concat(parts);
}

function writeFile(path: string, format: FileFormat, sizes: readonly number[]): number {
  const body = fileBody(format, sizes);
  const file = openSync(path, 'w');
  let written = writeSync(file, fileStart(format));
  while (written < FILE_OCTETS) written += writeSync(file, body);
  closeSync(file);
  return written;
}

/** A stream in chunks of 64 KiB of fresh memory, like a file's. */
function* endless(format: FileFormat, octets: number): Generator<Uint8Array> {
  yield fileStart(format);
  const body = fileBody(format, FRAMES[2].sizes);
  for (let sent = 0; sent < octets; sent += body.length) {
    for (let at = 0; at < body.length; at += 65_536) yield body.slice(at, at + 65_536);
  }
}

/** The number of packets, and a sum that needs each packet's time and length. */
async function consume(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
  let packets = 0;
  let sum = 0;
  for await (const events of readCapture(chunks)) {
    for (const event of events) {
      if (event.kind !== 'packet') continue;
      packets += 1;
      sum += event.octets.length + event.nanoseconds;
    }
  }
  return { packets, sum };
}

/** Median of the rounds in MB/s. */
async function rate(octets: number, work: () => unknown): Promise<number> {
  const rates: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const start = performance.now();
    await work();
    // The first round warms the compiler and the page cache.
    if (round > 0) rates.push(octets / 1000 / (performance.now() - start));
  }
  return rates.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? 0;
}

/** A peer's rate on the same file, or undefined where it is not installed. */
async function peerRate(octets: number, program: string, args: readonly string[]) {
  if (spawnSync(program, ['--version']).error !== undefined) return undefined;
  return rate(octets, () => {
    const { status } = spawnSync(program, args, { stdio: 'ignore' });
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}: exit code ${status}`);
  });
}

function shown(megabytesPerSecond: number | undefined, ours: number): string {
  if (megabytesPerSecond === undefined) return 'not installed';
  const ratio = (ours / megabytesPerSecond).toFixed(2);
  return `${megabytesPerSecond.toFixed(0)} MB/s (ours is ${ratio} of it)`;
}

async function benchRates(folder: string): Promise<void> {
  for (const format of FORMATS) {
    for (const { name, sizes } of FRAMES) {
      const path = join(folder, `bench.${format}`);
      const octets = writeFile(path, format, sizes);
      const open = () => createReadStream(path, { highWaterMark: READ_OCTETS });
      const { packets } = await consume(open());
      const ours = await rate(octets, () => consume(open()));
      const bare = await rate(octets, async () => {
        for await (const chunk of open()) void chunk;
      });
      const capinfos = await peerRate(octets, 'capinfos', ['-c', path]);
      const tcpdump = await peerRate(octets, 'tcpdump', ['-r', path, '-w', '/dev/null']);
      const millions = ((packets / octets) * ours).toFixed(2);
      console.log(`${format}, ${name}: ${ours.toFixed(0)} MB/s, ${millions} M packets/s`);
      console.log(`  the stream alone  ${shown(bare, ours)}`);
      console.log(`  capinfos -c       ${shown(capinfos, ours)}`);
      console.log(`  tcpdump -r -w     ${shown(tcpdump, ours)}`);
    }
  }
}

function benchMemory(): void {
  for (const format of FORMATS) {
    for (const octets of [SHORT_STREAM_OCTETS, LONG_STREAM_OCTETS]) {
      const args = [...process.execArgv, fileURLToPath(import.meta.url), format, String(octets)];
      const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`the stream of ${octets} octets: exit code ${status}`);
      console.log(`${format}, a stream of ${octets / 1e6} MB: ${stdout.trim()}`);
    }
  }
}

const [streamFormat, streamOctets] = process.argv.slice(2);
if (streamOctets !== undefined) {
  const format = streamFormat === 'pcapng' ? 'pcapng' : 'pcap';
  const { packets } = await consume(endless(format, Number(streamOctets)));
  const megabytes = (process.resourceUsage().maxRSS / 1024).toFixed(0);
  console.log(`${packets} packets, at most ${megabytes} MiB resident`);
} else {
  const [cpu] = cpus();
  console.log(`Node ${process.version}, ${cpus().length} x ${cpu?.model ?? 'unknown processor'}`);
  console.log(`medians of ${ROUNDS} rounds, files of ${FILE_OCTETS / 1e6} MB in the page cache`);
  const folder = mkdtempSync(join(tmpdir(), 'bench-capture-'));
  try {
    await benchRates(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
  benchMemory();
}
