/** What we write, the tools of the field read without a warning, and as we meant it. */
import { readFileSync, writeFileSync } from 'node:fs';

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
import type { ByteOrder } from '../capture/index.ts';
import { join, readChunks } from './capture-files.ts';
import { folder, hexOf, PACKETS, packetsOf, run } from './capture-tools.ts';

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
        PACKETS.map(({ octets }) => hexOf(octets)),
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
      PACKETS.map(({ octets }) => hexOf(octets)),
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
    t.deepEqual(packetsOf(theirs.events), packetsOf(ours.events));
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
