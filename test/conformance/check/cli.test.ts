/** `prismspec check` as a command: files of both formats, exit statuses, the report. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import {
  formatIpv4,
  layer,
  NANOSECONDS,
  parse,
  pcapHeader,
  pcapngInterface,
  pcapngPacket,
  pcapngSection,
  pcapRecord,
} from 'scapy-ts';
import { readFixture } from '../../../conformance/drivers/fixture-files.ts';
import { oracle } from '../../oracle.ts';
import { programIn, type Ended } from '../cli/program.ts';
import { SPLICE, throughReference, type Frame } from './captures.ts';
import { flipped } from './frame-edits.ts';

const folder = mkdtempSync(join(tmpdir(), 'prismspec-check-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const prismspec = programIn(folder);

function timeOf({ timeUs }: Frame): { readonly seconds: number; readonly nanoseconds: number } {
  const seconds = Math.floor(timeUs / 1e6);
  return { seconds, nanoseconds: Math.round(timeUs - seconds * 1e6) * 1000 };
}

/** A pcap of another machine's byte order, to the nanosecond. */
function writePcap(name: string, frames: readonly Frame[]): string {
  const options = { byteOrder: 'big', nanoseconds: true } as const;
  const records = frames.map((frame) =>
    pcapRecord({ ...timeOf(frame), octets: frame.octets }, options),
  );
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([pcapHeader(options), ...records]));
  return path;
}

/** A pcapng with two interfaces, whose packets alternate; `more` is put at its end. */
function writePcapng(name: string, frames: readonly Frame[], more = new Uint8Array(0)): string {
  const blocks = frames.map((frame, index) =>
    pcapngPacket(
      { ...timeOf(frame), octets: frame.octets, interfaceId: index % 2 },
      { resolution: NANOSECONDS },
    ),
  );
  const head = [
    pcapngSection(),
    pcapngInterface({ name: 'a', resolution: NANOSECONDS }),
    pcapngInterface({ name: 'b', resolution: NANOSECONDS }),
  ];
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([...head, ...blocks, more]));
  return path;
}

/** Runs `prismspec check`. */
async function check(...words: readonly string[]): Promise<Ended> {
  return prismspec(['check', ...words]);
}

async function captures() {
  const both = await throughReference(await readFixture('http/keep-alive-three-requests'), SPLICE);
  return { client: both.client ?? [], backend: both.backend ?? [] };
}

test('two captures of different formats are judged: exit status 0', async (t) => {
  const { client, backend } = await captures();
  const { exit, stdout } = await check(
    writePcap('ok.pcap', client),
    writePcapng('ok.pcapng', backend),
  );
  t.is(exit, 0, stdout);
  t.regex(stdout, /PRISM-SEQ-01 +MUST +19 +0 +0/u);
  t.regex(stdout, /client: 19 packets, 19 TCP segments, 19 with a partner, 0 without/u);
});

test('a defect gives exit status 1, frame numbers in both files, and a JSON report', async (t) => {
  const { client, backend } = await captures();
  // Frame 9 of the backend's side leaves with a wrong TTL and a wrong IPv4 checksum.
  const broken = backend.map((frame, index) => (index === 8 ? flipped(frame, 22) : frame));
  const out = join(folder, 'report');
  const words = ['--report', 'json', '--out', out];
  const { exit, stdout } = await check(
    writePcap('c.pcap', client),
    writePcapng('b.pcapng', broken),
    ...words,
  );
  t.is(exit, 1, stdout);
  t.regex(stdout, /PRISM-REW-14 MUST broken/u);
  t.regex(stdout, /(?:client|backend) 9, (?:client|backend) 9/u);
  const report: unknown = JSON.parse(readFileSync(join(out, 'check.json'), 'utf8'));
  t.like(report, { exit: 1, sides: 2, files: { client: join(folder, 'c.pcap') } });
});

/** One pcapng of all sides, which has an interface for each. */
function writeStory(name: string, sides: Readonly<Record<string, readonly Frame[]>>): string {
  const names = Object.keys(sides);
  const frames = Object.entries(sides)
    .flatMap(([side, list]) =>
      list.map((frame) => ({ ...frame, interfaceId: names.indexOf(side) })),
    )
    .toSorted((a, b) => a.timeUs - b.timeUs);
  const path = join(folder, name);
  const packets = frames.map(({ octets, interfaceId, ...frame }) =>
    pcapngPacket({ ...timeOf({ octets, ...frame }), octets, interfaceId }),
  );
  const interfaces = names.map((side) => pcapngInterface({ name: side }));
  writeFileSync(path, Buffer.concat([pcapngSection(), ...interfaces, ...packets]));
  return path;
}

test('one capture whose interfaces are called after the sides is judged as those', async (t) => {
  const { client, backend } = await captures();
  const both = await check(writeStory('both.pcapng', { client, backend }));
  t.is(both.exit, 0, both.stdout);
  t.regex(both.stdout, /PRISM-SEQ-01 +MUST +19 +0 +0/u);
  const broken = backend.map((frame, index) => (index === 8 ? flipped(frame, 22) : frame));
  const told = await check(writeStory('broken.pcapng', { client, backend: broken }));
  t.is(told.exit, 1, told.stdout);
  // The 9th packet of each side; in the file, 19 of the client's side come first.
  t.regex(told.stdout, /backend 28, client 9/u);
});

test('a packet of another interface beside them is a fault of the file: exit status 65', async (t) => {
  const { client, backend } = await captures();
  const { exit, stderr } = await check(writeStory('odd.pcapng', { client, eth0: backend }));
  t.is(exit, 65);
  t.regex(stderr, /odd\.pcapng: interface "eth0": expected one of client, backend, controller/u);
});

test('drop counters of a capture leave delivery open: exit status 2', async (t) => {
  const { client, backend } = await captures();
  // An Interface Statistics Block: interface 0, no time, isb_osdrop = 3.
  const statistics = new Uint32Array([5, 40, 0, 0, 0, 0x0008_0007, 3, 0, 0, 40]);
  const path = writePcapng('lossy.pcapng', backend, new Uint8Array(statistics.buffer));
  const { exit, stdout } = await check(writePcap('c2.pcap', client), path);
  t.is(exit, 2, stdout);
  t.regex(stdout, /PRISM-REW-01 MUST inconclusive\(capture-loss\)/u);
});

test('a file that ends inside a packet is judged up to there: exit status 2', async (t) => {
  const { client, backend } = await captures();
  const path = writePcap('cut.pcap', client);
  writeFileSync(path, readFileSync(path).subarray(0, -30));
  const { exit, stdout } = await check(path, writePcapng('b3.pcapng', backend));
  t.is(exit, 2, stdout);
  t.regex(stdout, /inconclusive\(truncated\)/u);
});

test('nothing to judge, no file, no capture, a broken file: 4, 64, 65, 65', async (t) => {
  const { client } = await captures();
  const other: Frame = { octets: new Uint8Array(60), timeUs: 1 };
  t.is((await check(writePcap('other.pcap', [other]))).exit, 4);
  t.is((await check(join(folder, 'missing.pcap'))).exit, 64);
  const text = join(folder, 'text.pcap');
  writeFileSync(text, 'no capture at all');
  const { exit, stderr } = await check(text);
  t.is(exit, 65);
  t.regex(stderr, /text\.pcap: octet 0: not a pcap or pcapng capture/u);
  const long = writePcap('long.pcap', client.slice(0, 2));
  const octets = readFileSync(long);
  // The second record claims 4 GB.
  octets.writeUInt32BE(0xffff_ffff, 24 + 16 + (client[0]?.octets.length ?? 0) + 8);
  writeFileSync(long, octets);
  const bad = await check(long);
  t.is(bad.exit, 65);
  t.regex(bad.stderr, /long\.pcap: octet \d+: too-long/u);
});

/** What tcprewrite makes of the client's segments of a fixture, under one shift of numbers. */
async function throughTcprewrite(name: string): Promise<readonly [string, string]> {
  const { frames } = await readFixture(name);
  const fromClient = frames.filter((octets) => {
    const { layers } = parse(octets);
    const ip = layer(layers, 'ipv4');
    return ip !== undefined && formatIpv4(ip.src) === '192.0.2.10' && layer(layers, 'tcp');
  });
  const label = name.replace('/', '-');
  const input = writePcap(
    `${label}-in.pcap`,
    fromClient.map((octets, index) => ({ octets, timeUs: index * 100 })),
  );
  const output = join(folder, `${label}-out.pcap`);
  const map = '198.51.100.1/32:10.0.0.21/32';
  const words = [`--dstipmap=${map}`, '--portmap=80:8080', '--tcp-sequence=1', '--fixcsum'];
  const { status } = spawnSync('tcprewrite', [...words, '-i', input, '-o', output]);
  if (status !== 0) throw new Error(`tcprewrite: exit code ${status}`);
  return [input, output];
}

test('tcprewrite: SACK edges are found unshifted, and nothing else is blamed', async (t) => {
  if (!oracle(t, 'tcprewrite')) return;
  const withSack = await check(...(await throughTcprewrite('loss/sack-four-blocks')));
  t.is(withSack.exit, 1, withSack.stdout);
  t.deepEqual(withSack.stdout.match(/PRISM-\S+ \S+ broken/gu), ['PRISM-SEQ-04 MUST broken']);
  const without = await check(...(await throughTcprewrite('options/no-sack')));
  t.is(without.exit, 0, without.stdout);
});
