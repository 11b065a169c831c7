/** Running the tools of the field on capture files. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';

import type { ExecutionContext } from 'ava';

import type { CaptureEvent, CapturePacket, PacketToWrite } from '../capture/index.ts';
import { hex } from './capture-files.ts';

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

/** Five UDP packets of different padding, a second and some nanoseconds apart. */
export const PACKETS: readonly PacketToWrite[] = [0, 1, 2, 3, 1472].map((payloadOctets, index) => ({
  seconds: 1_700_000_000 + index,
  nanoseconds: 123_456_000 + index * 1001,
  octets: frame(payloadOctets),
}));

/** Runs a tool; its standard output, after checking that it had nothing to complain of. */
export function run(t: ExecutionContext, program: string, ...args: readonly string[]): string {
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
export function folder(t: ExecutionContext): (name: string) => string {
  const path = mkdtempSync(joinPath(tmpdir(), 'capture-'));
  t.teardown(() => rmSync(path, { recursive: true }));
  return (name) => joinPath(path, name);
}

/** A packet event whose octets are hex. */
export type PlainPacket = Omit<CapturePacket, 'octets'> & {
  readonly kind: 'packet';
  readonly octets: string;
};

/** The packets alone, their octets as hex: a Buffer and a plain array then compare equal. */
export function packetsOf(events: readonly CaptureEvent[]): readonly PlainPacket[] {
  return events
    .filter((event) => event.kind === 'packet')
    .map((packet) => ({ ...packet, octets: hexOf(packet.octets) }));
}

/** Octets as hex. */
export function hexOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}
