/**
 * Captures and the tools of the field: what we write, they read without a warning; what they
 * write, we read.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { oracle } from '../../../test/oracle.ts';
import {
  pcapHeader,
  pcapngInterface,
  pcapngPacket,
  pcapngSection,
  pcapRecord,
} from '../capture/index.ts';
import type { ByteOrder, CaptureEvent } from '../capture/index.ts';
import { hex, join, readChunks } from './capture-files.ts';

/** Ethernet, IPv4, UDP from port 1 to 2 with a payload of n octets. */
function frame(payloadOctets: number): Uint8Array {
  const start = '02000000000202000000000108004500001c00010000401166cf0a0000010a000002';
  const headers = hex(`${start}0001000200080000`);
  const octets = new Uint8Array(headers.length + payloadOctets).fill(0x5a, headers.length);
  octets.set(headers);
  new DataView(octets.buffer).setUint16(16, 28 + payloadOctets);
  new DataView(octets.buffer).setUint16(38, 8 + payloadOctets);
  return octets;
}

const PACKETS = [0, 1, 2, 3, 1472].map((payloadOctets, index) => ({
  seconds: 1_700_000_000 + index,
  nanoseconds: 123_456_000 + index * 1001,
  octets: frame(payloadOctets),
}));

/** Runs a tool; its standard output, after checking that it had nothing to complain of. */
function run(t: ExecutionContext, program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  const complaints = stderr
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('Running as user "root"'))
    .filter((line) => !line.startsWith('reading from file '));
  t.deepEqual(complaints, [], `${program} ${args.join(' ')}`);
  t.is(status, 0);
  return stdout;
}

/** A folder that goes away with the test. */
function folder(t: ExecutionContext): (name: string) => string {
  const path = mkdtempSync(joinPath(tmpdir(), 'capture-'));
  t.teardown(() => rmSync(path, { recursive: true }));
  return (name) => joinPath(path, name);
}

/** How `tshark -T json -e` prints a packet. */
interface TsharkPacket {
  readonly _source: { readonly layers: Readonly<Record<string, readonly string[]>> };
}

/** Fields of every packet as tshark sees them, each a list of values. */
function tsharkFields(t: ExecutionContext, path: string, fields: readonly string[]) {
  const args = fields.flatMap((field) => ['-e', field]);
  const text = run(t, 'tshark', '-r', path, '-T', 'json', ...args);
  const packets: readonly TsharkPacket[] = JSON.parse(text);
  return packets.map(({ _source: { layers } }) => fields.map((field) => layers[field] ?? []));
}

function time(seconds: number, nanoseconds: number): string {
  return `${seconds}.${String(nanoseconds).padStart(9, '0')}`;
}

/** The octets of every packet as tshark sees them, as hex. */
function tsharkOctets(t: ExecutionContext, path: string): readonly string[] {
  const text = run(t, 'tshark', '-r', path, '-x');
  const dumps = text.split('\n\n').filter((dump) => dump.trim() !== '');
  return dumps.map((dump) =>
    dump.replaceAll(/^[0-9a-f]{4} {2}(.{47}).*\n?/gm, '$1').replaceAll(' ', ''),
  );
}

function packetsOf(events: readonly CaptureEvent[]) {
  return events.filter((event) => event.kind === 'packet');
}

for (const byteOrder of ['little', 'big'] as const) {
  for (const nanoseconds of [false, true]) {
    const name = `pcap, ${byteOrder}-endian, ${nanoseconds ? 'nano' : 'micro'}seconds`;
    test(`tshark, capinfos and tcpdump read what we write: ${name}`, (t) => {
      if (!['tshark', 'capinfos', 'tcpdump'].every((program) => oracle(t, program))) return;
      const path = folder(t)('ours.pcap');
      const options = { byteOrder, nanoseconds };
      const records = PACKETS.map((packet) =>
        pcapRecord({ ...packet, originalLength: packet.octets.length + 7 }, options),
      );
      writeFileSync(path, join([pcapHeader(options), ...records]));
      t.deepEqual(
        tsharkFields(t, path, ['frame.time_epoch', 'frame.len', 'frame.cap_len']),
        PACKETS.map(({ seconds, nanoseconds: exact, octets }) => [
          [time(seconds, nanoseconds ? exact : exact - (exact % 1000))],
          [String(octets.length + 7)],
          [String(octets.length)],
        ]),
      );
      t.deepEqual(
        tsharkOctets(t, path),
        PACKETS.map(({ octets }) => Buffer.from(octets).toString('hex')),
      );
      t.regex(run(t, 'capinfos', '-t', path), nanoseconds ? /nanosecond/ : / - pcap\n/);
      t.is(run(t, 'tcpdump', '-n', '-r', path).trim().split('\n').length, PACKETS.length);
    });
  }

  test(`tshark, capinfos and editcap read what we write: pcapng, ${byteOrder}-endian`, (t) => {
    if (!['tshark', 'capinfos', 'editcap'].every((program) => oracle(t, program))) return;
    const path = folder(t)('ours.pcapng');
    writeFileSync(path, annotated(byteOrder));
    const fields = [
      'frame.time_epoch',
      'frame.comment',
      'frame.interface_id',
      'frame.interface_name',
      'frame.interface_description',
      'frame.packet_flags_direction',
    ];
    t.deepEqual(
      tsharkFields(t, path, fields),
      PACKETS.map(({ seconds, nanoseconds }, index) => [
        [time(seconds, index % 2 === 0 ? nanoseconds : nanoseconds - (nanoseconds % 1000))],
        index === 0 ? ['first', 'größer than\n2 lines'] : [],
        [String(index % 2)],
        [index % 2 === 0 ? 'client0' : 'backend0'],
        index % 2 === 0 ? ['where the client is'] : [],
        index === 2 ? [] : [index % 2 === 0 ? '0x00000001' : '0x00000002'],
      ]),
    );
    t.deepEqual(
      tsharkOctets(t, path),
      PACKETS.map(({ octets }) => Buffer.from(octets).toString('hex')),
    );
    const summary = run(t, 'capinfos', path);
    for (const line of [
      /Capture hardware: +a switch\n/,
      /Capture oper-sys: +none\n/,
      /Capture application: +prismspec\n/,
      /Capture comment: +one\n/,
      /Capture comment: +two\n/,
      /Comment = the port of the client\n/,
      /Number of interfaces in file: 2\n/,
      /Time precision = nanoseconds \(9\)\n/,
    ]) {
      t.regex(summary, line);
    }
    const copy = folder(t)('copy.pcapng');
    run(t, 'editcap', path, copy);
    const ours = readChunks([readFileSync(path)]);
    const theirs = readChunks([readFileSync(copy)]);
    t.is(theirs.error, undefined);
    t.deepEqual(plain(packetsOf(theirs.events)), plain(packetsOf(ours.events)));
    t.is(packetsOf(theirs.events).length, PACKETS.length);
  });
}

/** Two interfaces, comments everywhere, directions on all packets but the third. */
function annotated(byteOrder: ByteOrder): Uint8Array {
  return join([
    pcapngSection({
      byteOrder,
      comments: ['one', 'two'],
      hardware: 'a switch',
      os: 'none',
      application: 'prismspec',
    }),
    pcapngInterface({
      byteOrder,
      name: 'client0',
      description: 'where the client is',
      resolution: 9,
      comments: ['the port of the client'],
    }),
    pcapngInterface({ byteOrder, name: 'backend0' }),
    ...PACKETS.map((packet, index) =>
      pcapngPacket(
        {
          ...packet,
          interfaceId: index % 2,
          comments: index === 0 ? ['first', 'größer than\n2 lines'] : [],
          ...(index === 2 ? {} : { direction: index % 2 === 0 ? 'inbound' : 'outbound' }),
        },
        { byteOrder, resolution: index % 2 === 0 ? 9 : 6 },
      ),
    ),
  ]);
}

/** Octets as hex, so that a Buffer and a plain array compare equal. */
function plain(packets: readonly CaptureEvent[]): readonly unknown[] {
  return packets.map((packet) =>
    packet.kind === 'packet'
      ? { ...packet, octets: Buffer.from(packet.octets).toString('hex') }
      : {},
  );
}

/** What must be read of a file that holds PACKETS. */
function expected(digits: 6 | 9) {
  return PACKETS.map(({ seconds, nanoseconds, octets }) => ({
    kind: 'packet',
    interfaceId: 0,
    seconds,
    nanoseconds: digits === 9 ? nanoseconds : nanoseconds - (nanoseconds % 1000),
    octets: Buffer.from(octets).toString('hex'),
    originalLength: octets.length,
    comments: [] as readonly string[],
  }));
}

const PEERS = [
  { program: 'editcap', args: ['-F', 'pcap', 'IN', 'OUT'], digits: 6 },
  { program: 'editcap', args: ['-F', 'nsecpcap', 'IN', 'OUT'], digits: 9 },
  { program: 'editcap', args: ['-F', 'pcapng', 'IN', 'OUT'], digits: 9 },
  { program: 'tshark', args: ['-r', 'IN', '-w', 'OUT'], digits: 9 },
  { program: 'tshark', args: ['-r', 'IN', '-F', 'pcap', '-w', 'OUT'], digits: 6 },
  { program: 'tcpdump', args: ['-r', 'IN', '-w', 'OUT'], digits: 6 },
  {
    program: 'tcpdump',
    args: ['-r', 'IN', '--time-stamp-precision=nano', '-w', 'OUT'],
    digits: 9,
  },
] as const;

for (const { program, args, digits } of PEERS) {
  test(`we read what ${program} ${args.join(' ')} writes`, (t) => {
    if (!oracle(t, program)) return;
    const path = folder(t);
    const options = { nanoseconds: true };
    writeFileSync(
      path('in'),
      join([pcapHeader(options), ...PACKETS.map((packet) => pcapRecord(packet, options))]),
    );
    const names = args.map((arg) =>
      arg === 'IN' || arg === 'OUT' ? path(arg.toLowerCase()) : arg,
    );
    run(t, program, ...names);
    const { events, error } = readChunks([readFileSync(path('out'))]);
    t.is(error, undefined);
    t.deepEqual(plain(packetsOf(events)), expected(digits));
    t.like(events[1], { kind: 'interface', id: 0, linkType: 1 });
  });
}

test('we read comments of editcap and interfaces of mergecap', (t) => {
  if (!['editcap', 'mergecap'].every((program) => oracle(t, program))) return;
  const path = folder(t);
  const [first, second] = PACKETS;
  t.truthy(first && second);
  if (!first || !second) return;
  writeFileSync(path('a'), join([pcapHeader(), pcapRecord(first)]));
  writeFileSync(path('b'), join([pcapHeader(), pcapRecord(second)]));
  run(t, 'editcap', '-a', '1:why', '--capture-comment', 'of the file', path('a'), path('c'));
  run(t, 'mergecap', '-I', 'none', '-w', path('d'), path('b'), path('c'));
  const commented = readChunks([readFileSync(path('c'))]);
  t.like(commented.events[0], { kind: 'section', comments: ['of the file'] });
  t.like(packetsOf(commented.events)[0], { comments: ['why'] });
  const merged = readChunks([readFileSync(path('d'))]);
  t.is(merged.error, undefined);
  t.is(merged.events.filter(({ kind }) => kind === 'interface').length, 2);
  t.deepEqual(
    packetsOf(merged.events).map((packet) => packet.kind === 'packet' && packet.interfaceId),
    [1, 0],
  );
});
