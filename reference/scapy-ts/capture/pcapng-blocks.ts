/** The bodies of the pcapng blocks that are read (draft-ietf-opsawg-pcapng, section 4). */
import { malformed, unsupported } from './error.ts';
import type { CaptureError } from './error.ts';
import type { CaptureEvent, PacketDirection } from './event.ts';
import { NO_COMMENTS } from './format.ts';
import type { Stretch } from './format.ts';
import { fixedOption, OPTION, optionTexts, padded, readOptions } from './options.ts';
import { fromTicks, MICROSECONDS } from './timestamp.ts';

/** The number in a Section Header Block that shows the section's byte order. */
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** Types of the blocks that are read, and the length of the shortest such block in octets. */
export const BLOCK = {
  /** The same in both byte orders: "\n\r\r\n". */
  section: { type: 0x0a0d0d0a, minimum: 28 },
  interface: { type: 1, minimum: 20 },
  obsoletePacket: { type: 2, minimum: 32 },
  simplePacket: { type: 3, minimum: 16 },
  statistics: { type: 5, minimum: 24 },
  enhancedPacket: { type: 6, minimum: 32 },
} as const;

/** By the lowest two bits of `epb_flags` (section 4.3.1). */
const DIRECTIONS: readonly (PacketDirection | undefined)[] = [undefined, 'inbound', 'outbound'];

/** Bounds the table of interfaces, which is all that grows with the file. */
const MAX_INTERFACES = 65_536;

interface KnownInterface {
  readonly snapLength: number;
  readonly resolution: number;
  readonly offsetSeconds: number;
}

/** What the section so far says about the blocks to come. */
export interface Section {
  little: boolean;
  interfaces: KnownInterface[];
}

/** A block that is wholly there: `at` and `end` are indices in the stretch. */
export interface Block {
  readonly stretch: Stretch;
  readonly at: number;
  readonly end: number;
  readonly little: boolean;
}

/** Reads one block and appends its event; the lengths at its ends are checked already. */
export type ReadBlock = (
  block: Block,
  section: Section,
  events: CaptureEvent[],
) => CaptureError | undefined;

/** A Section Header Block: forgets the interfaces before it. */
export function readSection(
  { stretch, at, end, little }: Block,
  section: Section,
  events: CaptureEvent[],
): CaptureError | undefined {
  const { view, offset } = stretch;
  const major = view.getUint16(at + 12, little);
  if (major !== 1) return unsupported(offset + at + 12, 'pcapng major version', 1, major);
  const minor = view.getUint16(at + 14, little);
  // Section 4.1: readers must take minor version 2 for 0.
  if (minor !== 0 && minor !== 2) {
    return unsupported(offset + at + 14, 'pcapng minor version', 0, minor);
  }
  const options = readOptions(stretch, at + 24, end - 4, little);
  if (!options.ok) return options.error;
  section.interfaces = [];
  const [hardware] = optionTexts(stretch, options.value, OPTION.hardware);
  const [os] = optionTexts(stretch, options.value, OPTION.os);
  const [application] = optionTexts(stretch, options.value, OPTION.application);
  events.push({
    kind: 'section',
    byteOrder: little ? 'little' : 'big',
    comments: optionTexts(stretch, options.value, OPTION.comment),
    ...(hardware === undefined ? {} : { hardware }),
    ...(os === undefined ? {} : { os }),
    ...(application === undefined ? {} : { application }),
  });
  return undefined;
}

/** An Interface Description Block: the next interface of the section. */
export function readInterface(
  { stretch, at, end, little }: Block,
  { interfaces }: Section,
  events: CaptureEvent[],
): CaptureError | undefined {
  const { view, offset } = stretch;
  const id = interfaces.length;
  if (id === MAX_INTERFACES) {
    const what = 'interfaces in the section';
    return malformed(offset + at, what, 'at most', MAX_INTERFACES, id + 1);
  }
  const options = readOptions(stretch, at + 16, end - 4, little);
  if (!options.ok) return options.error;
  const tick = fixedOption(stretch, options.value, OPTION.timestampResolution, 1);
  if (!tick.ok) return tick.error;
  const start = fixedOption(stretch, options.value, OPTION.timestampOffset, 8);
  if (!start.ok) return start.error;
  const resolution = tick.value === undefined ? MICROSECONDS : view.getUint8(tick.value.from);
  const offsetSeconds =
    start.value === undefined ? 0 : Number(view.getBigInt64(start.value.from, little));
  const snapLength = view.getUint32(at + 12, little);
  const [name] = optionTexts(stretch, options.value, OPTION.interfaceName);
  const [description] = optionTexts(stretch, options.value, OPTION.interfaceDescription);
  interfaces.push({ snapLength, resolution, offsetSeconds });
  events.push({
    kind: 'interface',
    id,
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    linkType: view.getUint16(at + 8, little),
    snapLength,
    resolution,
    comments: optionTexts(stretch, options.value, OPTION.comment),
  });
  return undefined;
}

/** An Enhanced Packet Block. */
export function readEnhancedPacket(
  block: Block,
  section: Section,
  events: CaptureEvent[],
): CaptureError | undefined {
  return readPacket(
    block,
    block.stretch.view.getUint32(block.at + 8, block.little),
    section,
    events,
  );
}

/** An obsolete Packet Block: a short interface id and a drop count, then like the Enhanced one. */
export function readObsoletePacket(
  block: Block,
  section: Section,
  events: CaptureEvent[],
): CaptureError | undefined {
  return readPacket(
    block,
    block.stretch.view.getUint16(block.at + 8, block.little),
    section,
    events,
  );
}

function readPacket(
  { stretch, at, end, little }: Block,
  id: number,
  { interfaces }: Section,
  events: CaptureEvent[],
): CaptureError | undefined {
  const { octets, view, offset } = stretch;
  const origin = interfaces[id];
  if (origin === undefined) return unknownInterface(offset + at + 8, interfaces.length, id);
  const captured = view.getUint32(at + 20, little);
  const room = end - at - BLOCK.enhancedPacket.minimum;
  if (captured > room) {
    return malformed(offset + at + 20, 'captured length', 'at most', room, captured);
  }
  const high = view.getUint32(at + 12, little);
  const low = view.getUint32(at + 16, little);
  const { seconds, nanoseconds } = fromTicks(origin.resolution, high, low);
  const packet = {
    kind: 'packet',
    interfaceId: id,
    seconds: seconds + origin.offsetSeconds,
    nanoseconds,
    octets: new Uint8Array(octets.buffer, octets.byteOffset + at + 28, captured),
    originalLength: view.getUint32(at + 24, little),
    comments: NO_COMMENTS,
  } as const;
  const optionsAt = at + 28 + padded(captured);
  if (optionsAt === end - 4) {
    events.push(packet);
    return undefined;
  }
  const options = readOptions(stretch, optionsAt, end - 4, little);
  if (!options.ok) return options.error;
  const flags = fixedOption(stretch, options.value, OPTION.packetFlags, 4);
  if (!flags.ok) return flags.error;
  const comments = optionTexts(stretch, options.value, OPTION.comment);
  const word = flags.value === undefined ? 0 : view.getUint32(flags.value.from, little);
  const direction = DIRECTIONS[word & 3];
  events.push({ ...packet, comments, ...(direction === undefined ? {} : { direction }) });
  return undefined;
}

/** A Simple Packet Block: of the first interface, without time or options. */
export function readSimplePacket(
  { stretch, at, end, little }: Block,
  { interfaces }: Section,
  events: CaptureEvent[],
): CaptureError | undefined {
  const { octets, view, offset } = stretch;
  const [origin] = interfaces;
  if (origin === undefined) return unknownInterface(offset + at, 0, 0);
  const originalLength = view.getUint32(at + 8, little);
  const captured = Math.min(originalLength, origin.snapLength || originalLength);
  const room = end - at - BLOCK.simplePacket.minimum;
  if (captured > room) {
    return malformed(offset + at + 8, 'captured length', 'at most', room, captured);
  }
  events.push({
    kind: 'packet',
    interfaceId: 0,
    seconds: 0,
    nanoseconds: 0,
    octets: new Uint8Array(octets.buffer, octets.byteOffset + at + 12, captured),
    originalLength,
    comments: NO_COMMENTS,
  });
  return undefined;
}

/** A block names an interface that no block before it has described. */
export function unknownInterface(at: number, known: number, id: number): CaptureError {
  return malformed(at, 'interfaces described before the packet', 'at least', id + 1, known);
}
