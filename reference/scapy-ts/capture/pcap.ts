/**
 * Reading pcap (draft-ietf-opsawg-pcap): a file header, then packet records without padding.
 *
 *      0        4     6     8          12         16         20         24
 *     +--------+-----+-----+----------+----------+----------+----------+
 *     | magic  | 2   | 4   | reserved | reserved | snap len | linktype |   file header
 *     +--------+-----+-----+----------+----------+----------+----------+
 *     +---------+-------------+-----------------+-----------------+--------
 *     | seconds | us or ns    | captured length | original length | octets   record, 16 + length
 *     +---------+-------------+-----------------+-----------------+--------
 *
 * Every number is in the byte order of the writer, which the magic number shows. (The draft's table
 * of magic octets has the two orders the wrong way round; files are as below.)
 */
import { tooLong, unsupported } from './error.ts';
import type { CaptureError } from './error.ts';
import type { ByteOrder, CaptureEvent } from './event.ts';
import { MAX_UNIT_OCTETS, NO_COMMENTS, pause } from './format.ts';
import type { Format, Pause, Stretch } from './format.ts';
import { MICROSECONDS, NANOSECONDS } from './timestamp.ts';

/** The magic number of a file with microseconds. */
export const PCAP_MAGIC_MICROSECONDS = 0xa1b2c3d4;

/** The magic number of a file with nanoseconds. */
export const PCAP_MAGIC_NANOSECONDS = 0xa1b23c4d;

/** Octets of the file header. */
export const PCAP_HEADER_OCTETS = 24;

/** Octets of a packet record before its packet. */
export const PCAP_RECORD_OCTETS = 16;

/** A reader of pcap, if the file's first four octets, read as a big-endian number, say so. */
export function pcapFormat(magic: number): Format | undefined {
  switch (magic) {
    case PCAP_MAGIC_MICROSECONDS:
      return pcapReader('big', MICROSECONDS);
    case PCAP_MAGIC_NANOSECONDS:
      return pcapReader('big', NANOSECONDS);
    case 0xd4c3b2a1:
      return pcapReader('little', MICROSECONDS);
    case 0x4d3cb2a1:
      return pcapReader('little', NANOSECONDS);
    default:
      return undefined;
  }
}

function pcapReader(byteOrder: ByteOrder, resolution: number): Format {
  let headerRead = false;
  return (stretch, from, events) => {
    if (headerRead) return readRecords(stretch, from, byteOrder, resolution, events);
    if (stretch.octets.length - from < PCAP_HEADER_OCTETS) {
      return pause(from, PCAP_HEADER_OCTETS, 'pcap file header');
    }
    const fault = readHeader(stretch, from, byteOrder, resolution, events);
    if (fault !== undefined) return fault;
    headerRead = true;
    return readRecords(stretch, from + PCAP_HEADER_OCTETS, byteOrder, resolution, events);
  };
}

function readHeader(
  { view, offset }: Stretch,
  from: number,
  byteOrder: ByteOrder,
  resolution: number,
  events: CaptureEvent[],
): CaptureError | undefined {
  const little = byteOrder === 'little';
  const major = view.getUint16(from + 4, little);
  if (major !== 2) return unsupported(offset + from + 4, 'pcap major version', 2, major);
  const minor = view.getUint16(from + 6, little);
  if (minor !== 4) return unsupported(offset + from + 6, 'pcap minor version', 4, minor);
  events.push(
    { kind: 'section', byteOrder, comments: NO_COMMENTS },
    {
      kind: 'interface',
      id: 0,
      linkType: view.getUint32(from + 20, little) & 0xffff,
      snapLength: view.getUint32(from + 16, little),
      resolution,
      comments: NO_COMMENTS,
    },
  );
  return undefined;
}

function readRecords(
  { octets, view, offset }: Stretch,
  from: number,
  byteOrder: ByteOrder,
  resolution: number,
  events: CaptureEvent[],
): Pause | CaptureError {
  const little = byteOrder === 'little';
  const perSecond = 10 ** resolution;
  const nanosecondsPerUnit = 1e9 / perSecond;
  const { buffer, byteOffset, length: end } = octets;
  let at = from;
  while (end - at >= PCAP_RECORD_OCTETS) {
    const captured = view.getUint32(at + 8, little);
    const length = PCAP_RECORD_OCTETS + captured;
    if (length > MAX_UNIT_OCTETS) {
      return tooLong(offset + at + 8, 'packet record', MAX_UNIT_OCTETS, length);
    }
    if (end - at < length) return pause(at, length, 'packet record');
    const fraction = view.getUint32(at + 4, little);
    // Some writers leave a whole second or more in the fraction: the sum is still the time.
    const carry = fraction < perSecond ? 0 : Math.floor(fraction / perSecond);
    events.push({
      kind: 'packet',
      interfaceId: 0,
      seconds: view.getUint32(at, little) + carry,
      nanoseconds: (fraction - carry * perSecond) * nanosecondsPerUnit,
      octets: new Uint8Array(buffer, byteOffset + at + PCAP_RECORD_OCTETS, captured),
      originalLength: view.getUint32(at + 12, little),
      comments: NO_COMMENTS,
    });
    at += length;
  }
  return pause(at, PCAP_RECORD_OCTETS, 'packet record header');
}
