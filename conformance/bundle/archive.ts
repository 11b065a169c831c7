/**
 * Bundles as zip archives (PKWARE APPNOTE 6.3), written so that the same members give the same
 * octets, and read as what a stranger has sent.
 *
 *   | local header, octets | … | central directory | end of central directory |
 *
 * Only members that are known by name are looked at, nothing is unpacked to a disk, and what they
 * unpack to is counted while it comes, whatever the archive says of its size.
 */
import { Inflate, zipSync } from 'fflate';
import type { Result } from 'scapy-ts';

/** Names of the members of a bundle about a switch. */
export const MEMBERS = [
  'verdict.json',
  'original.json',
  'shrunk.json',
  'original.pcapng',
  'shrunk.pcapng',
] as const;
/** Names of the members of a bundle about a whole Prism. */
export const STORY_MEMBERS = ['verdict.json', 'story.json', 'story.pcapng'] as const;
type Contents<Name extends string> = Readonly<Record<Name, Uint8Array>>;
/** The octets of each member. */
export type Members = Contents<(typeof MEMBERS)[number]>;
/** The same of a story. */
export type StoryMembers = Contents<(typeof STORY_MEMBERS)[number]>;

/** The largest archive that is read. */
export const MAX_ARCHIVE_OCTETS: number = 32 << 20;
/** The most that its members may unpack to, together. */
export const MAX_UNPACKED_OCTETS: number = 64 << 20;
/** How much is unpacked at a time: DEFLATE grows by 1032 at most, so 16 MiB come of it. */
const SLICE_OCTETS = 16 << 10;

/** How much of a strange name is told. */
const MAX_NAME = 60;

const END = { signature: 0x06054b50, octets: 22, maxComment: 0xffff } as const;
const ENTRY = { signature: 0x02014b50, octets: 46 } as const;
const LOCAL = { signature: 0x04034b50, octets: 30 } as const;
const METHOD = { stored: 0, deflate: 8 } as const;
/** General purpose bits: the member is encrypted. */
const ENCRYPTED = 0x0001 | 0x0040;

/** The archive of `members`. */
export function writeArchive(members: Members | StoryMembers): Uint8Array {
  // A zip has local times without a zone; the first moment that it can tell is the same anywhere.
  return zipSync({ ...members }, { level: 6, mtime: new Date(1980, 0, 1) });
}

/** A member as the central directory tells it. */
interface Entry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly unpacked: number;
  readonly at: number;
}

type Complaint = { readonly ok: false; readonly error: string };

function complain(error: string): Complaint {
  return { ok: false, error };
}

function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
}

/** Where the end of the central directory begins, or undefined. */
function findEnd(view: DataView): number | undefined {
  const last = view.byteLength - END.octets;
  for (let at = last; at >= Math.max(0, last - END.maxComment); at -= 1) {
    if (view.getUint32(at, true) === END.signature) return at;
  }
  return undefined;
}

const text = new TextDecoder('utf-8');

function readEntries(octets: Uint8Array, most: number): Result<readonly Entry[], string> {
  const view = viewOf(octets);
  const end = findEnd(view);
  if (end === undefined) return complain('not a zip archive');
  const count = view.getUint16(end + 10, true);
  if (count > most) return complain(`${count} members, expected ${most}`);
  let at = view.getUint32(end + 16, true);
  const entries: Entry[] = [];
  for (let index = 0; index < count; index += 1) {
    if (at + ENTRY.octets > end || view.getUint32(at, true) !== ENTRY.signature) {
      return complain(`member ${index} of the directory is not where the archive says`);
    }
    const nameOctets = view.getUint16(at + 28, true);
    const next = at + ENTRY.octets + nameOctets;
    entries.push({
      name: text.decode(octets.subarray(at + ENTRY.octets, next)),
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      unpacked: view.getUint32(at + 24, true),
      at: view.getUint32(at + 42, true),
    });
    at = next + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return { ok: true, value: entries };
}

/** The packed octets of a member, which stand behind its local header. */
function packedOctets(octets: Uint8Array, { at, packed }: Entry): Uint8Array | undefined {
  const view = viewOf(octets);
  if (at + LOCAL.octets > octets.length) return undefined;
  if (view.getUint32(at, true) !== LOCAL.signature) return undefined;
  const from = at + LOCAL.octets + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  return from + packed > octets.length ? undefined : octets.subarray(from, from + packed);
}

/** What unpacks to more than it should. */
class TooLarge extends Error {}

/** What `packed` unpacks to, `size` octets for certain; undefined when it is anything else. */
function inflate(packed: Uint8Array, size: number): Uint8Array | undefined {
  const whole = new Uint8Array(size);
  let filled = 0;
  let isWhole = false;
  const stream = new Inflate((chunk, isLast) => {
    if (filled + chunk.length > size) throw new TooLarge();
    whole.set(chunk, filled);
    filled += chunk.length;
    isWhole = isLast;
  });
  try {
    for (let at = 0; at < packed.length; at += SLICE_OCTETS) {
      stream.push(packed.subarray(at, at + SLICE_OCTETS), at + SLICE_OCTETS >= packed.length);
    }
  } catch {
    // Whatever it was: the octets are not what the archive says.
    return undefined;
  }
  return isWhole && filled === size ? whole : undefined;
}

/** CRC-32 of ISO 3309, as zip uses it: polynomial 0xedb88320, reflected. */
function crc32(octets: Uint8Array): number {
  let crc = 0xffffffff;
  for (const octet of octets) crc = (CRC_TABLE[(crc ^ octet) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}

const CRC_TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, octet) => {
  let crc = octet;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0xedb88320;
  return crc;
});

/** What is wrong with an entry before any of it is unpacked; undefined when nothing is. */
function faultOf(
  { name, flags, method }: Entry,
  before: ReadonlyMap<string, unknown>,
  known: readonly string[],
): string | undefined {
  if (!known.includes(name)) return `unknown member ${JSON.stringify(name.slice(0, MAX_NAME))}`;
  if (before.has(name)) return `${name}: there twice`;
  if ((flags & ENCRYPTED) !== 0) return `${name}: encrypted`;
  const isKnown = method === METHOD.stored || method === METHOD.deflate;
  return isKnown ? undefined : `${name}: packed by method ${method}, expected 0 or 8`;
}

function unpack(octets: Uint8Array, entry: Entry): Result<Uint8Array, string> {
  const { name, method, unpacked, crc } = entry;
  const packed = packedOctets(octets, entry);
  if (packed === undefined) return complain(`${name}: not where the archive says`);
  const content = method === METHOD.stored ? packed : inflate(packed, unpacked);
  if (content?.length !== unpacked) {
    return complain(`${name}: does not unpack to the ${unpacked} octets that the archive says`);
  }
  if (crc32(content) !== crc) return complain(`${name}: damaged, its checksum is wrong`);
  return { ok: true, value: content };
}

function hasAll<Name extends string>(
  contents: Readonly<Partial<Record<string, Uint8Array>>>,
  names: readonly Name[],
): contents is Contents<Name> {
  return names.every((name) => contents[name] !== undefined);
}

/** The members called `names`; the error is a sentence that names the member. */
function readMembers<Name extends string>(
  octets: Uint8Array,
  names: readonly Name[],
): Result<Contents<Name>, string> {
  if (octets.length > MAX_ARCHIVE_OCTETS) {
    return complain(`${octets.length} octets, expected at most ${MAX_ARCHIVE_OCTETS}`);
  }
  const entries = readEntries(octets, names.length);
  if (!entries.ok) return entries;
  const contents = new Map<string, Uint8Array>();
  let room = MAX_UNPACKED_OCTETS;
  for (const entry of entries.value) {
    const fault = faultOf(entry, contents, names);
    if (fault !== undefined) return complain(fault);
    room -= entry.unpacked;
    if (room < 0)
      return complain(`${entry.name}: unpacks to more than ${MAX_UNPACKED_OCTETS} octets`);
    const content = unpack(octets, entry);
    if (!content.ok) return content;
    contents.set(entry.name, content.value);
  }
  const members = Object.fromEntries(contents);
  if (hasAll(members, names)) return { ok: true, value: members };
  return complain(`${names.find((name) => !contents.has(name))}: missing`);
}

/** Whether the archive in `octets` says that it has a story in it. */
export function hasStory(octets: Uint8Array): boolean {
  const entries = readEntries(octets, MEMBERS.length);
  return entries.ok && entries.value.some(({ name }) => name === 'story.json');
}

/** The members of the archive in `octets`. At most `MAX_UNPACKED_OCTETS` are allocated. */
export function readArchive(octets: Uint8Array): Result<Members, string> {
  return readMembers(octets, MEMBERS);
}

/** The same of a story. */
export function readStoryArchive(octets: Uint8Array): Result<StoryMembers, string> {
  return readMembers(octets, STORY_MEMBERS);
}
