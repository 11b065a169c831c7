/**
 * How fast `prismspec check` judges captures, with `tshark -q -z conv,tcp` on the same files as
 * peer.
 *
 * `node --import=./tools/register.mjs bench/check.ts` makes captures of connections over a SPLICE
 * rule, on both sides of a switch; has both programs read them in turn, each as a process of its
 * own; prints medians. Then it judges a capture of more than a gigabyte, and prints the greatest
 * resident memory of that process, beside that for a short one.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, ether, ipv4, pcapHeader, pcapRecord, raw, tcp, type GivenTcp } from 'scapy-ts';
import { checkCommand } from '../conformance/cli/commands/check.ts';

const ROUNDS = 3;
const PACKETS = 1_250_000;
const SHORT_PACKETS = 60_000;
/** Connections at a time; each goes on for a while, then another takes its place. */
const CONNECTIONS = 512;
const DELTA = { client: 0x1234_5678, owner: 0x0fed_cba9 };
const PROGRAM = fileURLToPath(new URL('../tools/prismspec.mjs', import.meta.url));

/** One side of the switch: a file, and what its packets are addressed to. */
interface Side {
  readonly file: number;
  readonly address: string;
  readonly port: number;
  readonly delta: { readonly client: number; readonly owner: number };
  parts: Uint8Array[];
  octets: number;
}

interface Segment {
  readonly fromClient: boolean;
  readonly seq: number;
  readonly ack: number;
  readonly flags: string;
  readonly payload: Uint8Array;
}

const NOTHING = new Uint8Array(0);
const PAYLOADS = Array.from({ length: 64 }, (_, n) =>
  Uint8Array.from({ length: 1448 }, (__, at) => (at * (n + 3) + n) & 0xff),
);
const REQUEST = new TextEncoder().encode('GET / HTTP/1.1\r\nHost: bench\r\n\r\n');
const RESPONSE_SEGMENTS = 24;
const HEAD = `HTTP/1.1 200 OK\r\nContent-Length: ${(RESPONSE_SEGMENTS - 1) * 1448}\r\nX: `;
const HEADER = new TextEncoder().encode(`${HEAD.padEnd(1444, 'x')}\r\n\r\n`);

/** The segments of one connection: handshake, request, response with acknowledgments, close. */
function* connectionSegments(number: number): Generator<Segment> {
  let seq = number * 7919;
  let ack = number * 104_729;
  const client = (flags: string, payload = NOTHING): Segment => {
    return { fromClient: true, seq, ack, flags, payload };
  };
  const owner = (flags: string, payload = NOTHING): Segment => {
    return { fromClient: false, seq: ack, ack: seq, flags, payload };
  };
  yield { ...client('S'), ack: 0 };
  seq += 1;
  yield owner('SA');
  ack += 1;
  yield client('A');
  yield client('PA', REQUEST);
  seq += REQUEST.length;
  yield owner('A');
  for (let n = 0; n < RESPONSE_SEGMENTS; n += 1) {
    const payload = n === 0 ? HEADER : (PAYLOADS[(number + n) % PAYLOADS.length] ?? NOTHING);
    yield owner('A', payload);
    ack += payload.length;
    if (n % 2 === 1) yield client('A');
  }
  yield owner('FA');
  ack += 1;
  yield client('FA');
  seq += 1;
  yield owner('A');
}

function frameOf(side: Side, segment: Segment, number: number, clock: number): Uint8Array {
  const { fromClient, payload, flags } = segment;
  const client = { address: '192.0.2.10', port: 10_000 + (number % 50_000) };
  const ends = fromClient ? [client, side] : [side, client];
  const [source, destination] = ends;
  const { client: clientDelta, owner: ownerDelta } = side.delta;
  const [forSeq, forAck] = fromClient ? [clientDelta, ownerDelta] : [ownerDelta, clientDelta];
  const syn: GivenTcp['options'] = [
    { kind: 'mss', mss: 1460 },
    { kind: 'sackPermitted' },
    { kind: 'timestamps', value: clock, echo: 0 },
    { kind: 'nop' },
    { kind: 'windowScale', shift: 7 },
  ];
  const times: GivenTcp['options'] = [
    { kind: 'nop' },
    { kind: 'nop' },
    { kind: 'timestamps', value: clock, echo: clock },
  ];
  return build([
    ether({ src: '02:00:00:00:00:c1', dst: '02:00:00:00:00:0c' }),
    ipv4({
      src: source?.address ?? '',
      dst: destination?.address ?? '',
      id: clock & 0xffff,
      df: 1,
      ttl: 64,
    }),
    tcp({
      srcPort: source?.port ?? 0,
      dstPort: destination?.port ?? 0,
      seq: (segment.seq + forSeq) >>> 0,
      ack: flags === 'S' ? 0 : (segment.ack + forAck) >>> 0,
      flags,
      window: 501,
      options: flags.includes('S') ? syn : times,
    }),
    ...(payload.length === 0 ? [] : [raw(payload)]),
  ]);
}

function write(side: Side, octets: Uint8Array, timeUs: number): void {
  const seconds = 1_700_000_000 + Math.floor(timeUs / 1e6);
  const record = pcapRecord({ seconds, nanoseconds: (timeUs % 1e6) * 1000, octets });
  side.parts.push(record);
  side.octets += record.length;
  if (side.octets < 4_000_000) return;
  writeSync(side.file, Buffer.concat(side.parts));
  side.parts = [];
  side.octets = 0;
}

/** Writes the captures of both sides, with `packets` packets in each. */
function makeCaptures(paths: readonly string[], packets: number): void {
  const sides = paths.map((path, index): Side => {
    const file = openSync(path, 'w');
    writeSync(file, pcapHeader());
    const end = index === 0 ? ['198.51.100.1', 80] : ['10.0.0.21', 8080];
    const [address, port] = [String(end[0]), Number(end[1])];
    const delta = index === 0 ? { client: 0, owner: 0 } : DELTA;
    return { file, address, port, delta, parts: [], octets: 0 };
  });
  let made = CONNECTIONS;
  const running = Array.from({ length: CONNECTIONS }, (_, number) => {
    return { number, segments: connectionSegments(number) };
  });
  for (let sent = 0; sent < packets;) {
    const at = sent % CONNECTIONS;
    const each = running[at];
    const segment = each?.segments.next().value;
    if (each === undefined || segment === undefined) {
      running[at] = { number: made, segments: connectionSegments(made) };
      made += 1;
      continue;
    }
    for (const [index, side] of sides.entries()) {
      write(side, frameOf(side, segment, each.number, sent), sent * 10 + index * 3);
    }
    sent += 1;
  }
  for (const { file, parts } of sides) {
    writeSync(file, Buffer.concat(parts));
    closeSync(file);
  }
}

/** Median seconds of a program over the rounds; undefined where it is not installed. */
function medianOf(program: string, args: readonly string[]): number | undefined {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    const { status, error } = spawnSync(program, args, { stdio: 'ignore' });
    if (error !== undefined) return undefined;
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}: exit code ${status}`);
    times.push((performance.now() - start) / 1000);
  }
  return times.toSorted((a, b) => a - b)[ROUNDS >> 1];
}

function compare(name: string, paths: readonly string[], packets: number): void {
  const ours = medianOf(process.execPath, [PROGRAM, 'check', ...paths]);
  if (ours === undefined) throw new Error('node does not start');
  const rate = (packets / ours / 1000).toFixed(0);
  console.log(`${name}: ${ours.toFixed(2)} s, ${rate} k packets/s, start included`);
  const peers = paths.map((path) => medianOf('tshark', ['-q', '-z', 'conv,tcp', '-r', path]));
  const peer = peers.reduce<number>((sum, each) => sum + (each ?? NaN), 0);
  if (Number.isNaN(peer)) {
    console.log('  tshark -q -z conv,tcp: not installed');
    return;
  }
  const peerRate = (packets / peer / 1000).toFixed(0);
  const ratio = (peer / ours).toFixed(1);
  console.log(
    `  tshark -q -z conv,tcp: ${peer.toFixed(2)} s, ${peerRate} k packets/s; ` +
      `ours is ${ratio} times as fast`,
  );
}

/** Judges in a process of its own, which prints its greatest resident memory. */
function memoryOf(path: string): string {
  const register = fileURLToPath(new URL('../tools/register.mjs', import.meta.url));
  const args = ['--import', register, fileURLToPath(import.meta.url), path];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${path}: exit code ${status}\n${stderr}`);
  return stdout.trim().split('\n').at(-1) ?? '';
}

const [path] = process.argv.slice(2);
if (path !== undefined && path.endsWith('.pcap')) {
  const status = checkCommand([path], { level: 'MUST' });
  console.log(`${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
  process.exitCode = status;
} else {
  const [cpu] = cpus();
  console.log(`Node ${process.version}, ${cpus().length} x ${cpu?.model ?? 'unknown processor'}`);
  console.log(`medians of ${ROUNDS} rounds, ${PACKETS} packets a capture, in the page cache`);
  const folder = mkdtempSync(join(tmpdir(), 'bench-check-'));
  try {
    const paths = ['client.pcap', 'backend.pcap'].map((name) => join(folder, name));
    makeCaptures(paths, PACKETS);
    compare('one side', paths.slice(0, 1), PACKETS);
    compare('both sides', paths, 2 * PACKETS);
    const short = join(folder, 'short.pcap');
    makeCaptures([short], SHORT_PACKETS);
    for (const each of [short, ...paths.slice(0, 1)]) {
      const size = (statSync(each).size / 1e6).toFixed(0);
      console.log(`a capture of ${size} MB: at most ${memoryOf(each)} resident`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
