/** What the tools of the field write, we read. */
import { readFileSync, writeFileSync } from 'node:fs';

import test from 'ava';

import { oracle } from '../../../test/oracle.ts';
import { pcapHeader, pcapRecord } from '../capture/index.ts';
import { join, readChunks } from './capture-files.ts';
import { folder, hexOf, PACKETS, packetsOf, run } from './capture-tools.ts';
import type { PlainPacket } from './capture-tools.ts';

/** What must be read of a file that holds PACKETS. */
function expected(digits: 6 | 9): readonly PlainPacket[] {
  return PACKETS.map(({ seconds, nanoseconds, octets }) => ({
    kind: 'packet',
    interfaceId: 0,
    seconds,
    nanoseconds: digits === 9 ? nanoseconds : nanoseconds - (nanoseconds % 1000),
    octets: hexOf(octets),
    originalLength: octets.length,
    comments: [],
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
    t.deepEqual(packetsOf(events), expected(digits));
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
    packetsOf(merged.events).map((packet) => packet.interfaceId),
    [1, 0],
  );
});
