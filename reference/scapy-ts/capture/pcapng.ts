/**
 * Reading pcapng (draft-ietf-opsawg-pcapng, section 3.1): blocks that can be skipped by length.
 *
 *      0      4        8                       length - 4
 *     +------+--------+------------------------+--------+
 *     | type | length | body, a multiple of 4  | length |
 *     +------+--------+------------------------+--------+
 *
 * Sections, interfaces, packets and statistics are read; every other block and option is skipped. The section
 * length is not needed: a section ends where the next one starts.
 */
import { malformed, tooLong } from './error.ts';
import type { CaptureError } from './error.ts';
import { MAX_UNIT_OCTETS, pause } from './format.ts';
import type { Format, Stretch } from './format.ts';
import {
  BLOCK,
  BYTE_ORDER_MAGIC,
  readEnhancedPacket,
  readInterface,
  readObsoletePacket,
  readSection,
  readSimplePacket,
} from './pcapng-blocks.ts';
import type { ReadBlock, Section } from './pcapng-blocks.ts';
import { readStatistics } from './pcapng-statistics.ts';

/** Type, length, and a section's byte order: enough to know the length of any block. */
const START_OCTETS = 12;

interface BlockKind {
  /** The shortest such block, in octets. */
  readonly minimum: number;
  readonly read: ReadBlock;
}

const SECTION: BlockKind = { ...BLOCK.section, read: readSection };
const INTERFACE: BlockKind = { ...BLOCK.interface, read: readInterface };
const OBSOLETE_PACKET: BlockKind = { ...BLOCK.obsoletePacket, read: readObsoletePacket };
const SIMPLE_PACKET: BlockKind = { ...BLOCK.simplePacket, read: readSimplePacket };
const ENHANCED_PACKET: BlockKind = { ...BLOCK.enhancedPacket, read: readEnhancedPacket };
const STATISTICS: BlockKind = { ...BLOCK.statistics, read: readStatistics };
const SKIPPED: BlockKind = { minimum: START_OCTETS, read: () => undefined };

/** A reader of pcapng. */
export function pcapngFormat(): Format {
  const section: Section = { little: true, interfaces: [] };
  return (stretch, from, events) => {
    const { view, octets } = stretch;
    let at = from;
    while (octets.length - at >= START_OCTETS) {
      const type = view.getUint32(at, section.little);
      const orderFault = type === BLOCK.section.type && readByteOrder(stretch, at, section);
      if (orderFault) return orderFault;
      const { little } = section;
      const { minimum, read } = blockKind(type);
      const length = view.getUint32(at + 4, little);
      const lengthFault = checkLength(stretch, at, minimum, length);
      if (lengthFault) return lengthFault;
      if (octets.length - at < length) return pause(at, length, 'block');
      const end = at + length;
      const fault =
        checkRepeatedLength(stretch, end - 4, length, little) ??
        read({ stretch, at, end, little }, section, events);
      if (fault) return fault;
      at = end;
    }
    return pause(at, START_OCTETS, 'block header');
  };
}

function blockKind(type: number): BlockKind {
  switch (type) {
    case BLOCK.section.type:
      return SECTION;
    case BLOCK.interface.type:
      return INTERFACE;
    case BLOCK.obsoletePacket.type:
      return OBSOLETE_PACKET;
    case BLOCK.simplePacket.type:
      return SIMPLE_PACKET;
    case BLOCK.statistics.type:
      return STATISTICS;
    case BLOCK.enhancedPacket.type:
      return ENHANCED_PACKET;
    default:
      return SKIPPED;
  }
}

/** A section's byte order is needed before its length can be read. */
function readByteOrder(
  { view, offset }: Stretch,
  at: number,
  section: Section,
): CaptureError | undefined {
  section.little = view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC;
  const magic = view.getUint32(at + 8, section.little);
  if (magic === BYTE_ORDER_MAGIC) return undefined;
  return malformed(offset + at + 8, 'byte-order magic', 'exactly', BYTE_ORDER_MAGIC, magic);
}

function checkLength(
  { offset }: Stretch,
  at: number,
  minimum: number,
  length: number,
): CaptureError | undefined {
  const lengthAt = offset + at + 4;
  if (length > MAX_UNIT_OCTETS) return tooLong(lengthAt, 'block length', MAX_UNIT_OCTETS, length);
  if (length % 4 !== 0) {
    return malformed(lengthAt, 'remainder of the block length by 4', 'exactly', 0, length % 4);
  }
  if (length >= minimum) return undefined;
  return malformed(lengthAt, 'block length', 'at least', minimum, length);
}

function checkRepeatedLength(
  { view, offset }: Stretch,
  at: number,
  length: number,
  little: boolean,
): CaptureError | undefined {
  const repeated = view.getUint32(at, little);
  if (repeated === length) return undefined;
  return malformed(offset + at, 'repeated block length', 'exactly', length, repeated);
}
