/** Zip archives: what is written is read everywhere, what a stranger sends does no harm. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import {
  MAX_UNPACKED_OCTETS,
  MEMBERS,
  readArchive,
  writeArchive,
  type Members,
} from '../../../conformance/bundle/archive.ts';
import { oracle } from '../../oracle.ts';
import { runs } from '../../runs.ts';

const text = new TextEncoder();

const SMALL: Members = {
  'verdict.json': text.encode('{"a": 1}'),
  'original.json': text.encode('[]'.repeat(500)),
  'shrunk.json': new Uint8Array(0),
  'original.pcapng': Uint8Array.from({ length: 300 }, (_, index) => index & 0xff),
  'shrunk.pcapng': Uint8Array.of(1, 2, 3),
};
const ARCHIVE = writeArchive(SMALL);

/** A member as a zip file says it is, true or not. */
interface Told {
  readonly name: string;
  readonly content: Uint8Array;
  readonly flags?: number;
  readonly method?: number;
  readonly crc?: number;
  readonly unpacked?: number;
}

/** A zip archive written by hand, by PKWARE APPNOTE 6.3 sections 4.3.7, 4.3.12 and 4.3.16. */
function zip(members: readonly Told[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, content, flags = 0, method = 8, ...told } of members) {
    const packed = method === 8 ? deflateRawSync(content) : Buffer.from(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(told.crc ?? crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(told.unpacked ?? content.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const where = Buffer.alloc(14);
    where.writeUInt32LE(at, 10);
    const local = [Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed];
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), common, where, Buffer.from(name));
    at += local.reduce((sum, { length }) => sum + length, 0);
    parts.push(...local);
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(Buffer.concat(directory).length, 8);
  end.writeUInt32LE(at, 12);
  return Uint8Array.from(Buffer.concat([...parts, ...directory, Buffer.from('PK\x05\x06'), end]));
}

function all(change: (told: Told) => Told = (told) => told): readonly Told[] {
  return MEMBERS.map((name) => change({ name, content: SMALL[name] }));
}

/** `zip` with one member told otherwise. */
function zipWith(name: string, parts: Partial<Told>): Uint8Array {
  return zip(all((told) => (told.name === name ? { ...told, ...parts } : told)));
}

function complaintOn(octets: Uint8Array): string {
  const read = readArchive(octets);
  return read.ok ? 'it is good' : read.error;
}

test('members are read as they were written', (t) => {
  t.deepEqual(readArchive(ARCHIVE), { ok: true, value: SMALL });
});

test('the same members are the same octets', (t) => {
  t.deepEqual(writeArchive({ ...SMALL }), ARCHIVE);
  // MS-DOS date and time of 1980-01-01 00:00: day 1, month 1, year 0.
  t.deepEqual([...ARCHIVE.subarray(10, 14)], [0, 0, 0x21, 0]);
});

test('an archive of another hand is read', (t) => {
  t.deepEqual(readArchive(zip(all())), { ok: true, value: SMALL });
  const stored = zip(all((told) => ({ ...told, method: 0 })));
  t.deepEqual(readArchive(stored), { ok: true, value: SMALL });
});

test('another program finds the archive good', (t) => {
  if (!oracle(t, 'unzip')) return;
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-test-'));
  const path = join(folder, 'x.prismbug');
  writeFileSync(path, ARCHIVE);
  const { status, stdout } = spawnSync('unzip', ['-t', path], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  t.is(status, 0, stdout);
});

const ZEROS = new Uint8Array(MAX_UNPACKED_OCTETS + 1);
const HOSTILE: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  ['nothing', () => new Uint8Array(0), /^not a zip archive$/u],
  ['text', () => text.encode('no archive at all, but text'), /^not a zip archive$/u],
  ['a file too large', () => new Uint8Array((32 << 20) + 1), /octets, expected at most 33554432/u],
  [
    'a path that leads out of the folder',
    () => zipWith('shrunk.json', { name: '../../etc/passwd' }),
    /^unknown member "\.\.\/\.\.\/etc\/passwd"$/u,
  ],
  [
    'a name with control characters',
    () => zipWith('shrunk.json', { name: '\u{1b}[2J\n' }),
    /^unknown member "\\u001b\[2J\\n"$/u,
  ],
  [
    'a very long name',
    () => zipWith('shrunk.json', { name: 'x'.repeat(60_000) }),
    /^unknown member "x{60}"$/u,
  ],
  ['a member twice', () => zipWith('shrunk.json', { name: 'verdict.json' }), /there twice/u],
  ['a member missing', () => zip(all().slice(1)), /^verdict\.json: missing$/u],
  ['members without end', () => zip([...all(), ...all()]), /^10 members, expected 5$/u],
  ['an encrypted member', () => zipWith('shrunk.json', { flags: 1 }), /shrunk\.json: encrypted/u],
  [
    'an unknown method',
    () => zipWith('shrunk.json', { method: 14 }),
    /method 14, expected 0 or 8/u,
  ],
  [
    'a bomb that says what it is',
    () => zipWith('shrunk.json', { content: ZEROS }),
    /unpacks to more than 67108864/u,
  ],
  [
    'a bomb that says it is small',
    () => zipWith('shrunk.json', { content: ZEROS, unpacked: 100 }),
    /does not unpack to the 100 octets/u,
  ],
  [
    'a small member that says it is large',
    () => zipWith('shrunk.json', { unpacked: 1 << 20 }),
    /does not unpack to the 1048576 octets/u,
  ],
  [
    'a size of 4 GB',
    () => zipWith('shrunk.json', { unpacked: 0xffffffff }),
    /unpacks to more than/u,
  ],
  ['a wrong checksum', () => zipWith('original.json', { crc: 7 }), /original\.json: damaged/u],
];

for (const [what, make, told] of HOSTILE) {
  test(`${what} is refused in one line`, (t) => {
    const complaint = complaintOn(make());
    t.regex(complaint, told);
    t.notRegex(complaint, /\p{C}/u);
  });
}

test('whatever octets come, they are read or refused', (t) => {
  const damage = fc.array(
    fc.record({ at: fc.nat(ARCHIVE.length - 1), octet: fc.constantFrom(0, 1, 5, 0x50, 0xff) }),
    { minLength: 1, maxLength: 6 },
  );
  const mutated = fc.tuple(damage, fc.nat(ARCHIVE.length)).map(([changes, length]) => {
    const octets = ARCHIVE.slice();
    for (const { at, octet } of changes) octets[at] = octet;
    return length % 4 === 0 ? octets.subarray(0, length) : octets;
  });
  const random = fc.uint8Array({ maxLength: 200, size: 'max' });
  fc.assert(
    fc.property(fc.oneof(mutated, random), (octets) => {
      const read = readArchive(octets);
      if (read.ok) t.deepEqual(read.value, SMALL);
      else t.notRegex(read.error, /\p{C}/u);
    }),
    runs(1000),
  );
  t.pass();
});
