/**
 * Writing pcapng (draft-ietf-opsawg-pcapng): a section, its interfaces, then packets.
 *
 * Each function gives one whole block. All blocks of a section have the same byte order, and a
 * packet the resolution of its interface.
 */
import type { ByteOrder, CaptureInterface, CaptureSection } from './event.ts';
import { MAX_UNIT_OCTETS } from './format.ts';
import { OPTION, padded } from './options.ts';
import { BLOCK, BYTE_ORDER_MAGIC } from './pcapng-blocks.ts';
import { MICROSECONDS, requireWhole, toTicks } from './timestamp.ts';
import { ETHERNET, SNAP_LENGTH } from './write-pcap.ts';
import type { PacketToWrite } from './write-pcap.ts';

/** What an interface is written from; what is left out has the default, or is not written. */
export type InterfaceToWrite = Partial<Omit<CaptureInterface, 'id'>> & {
  /** Default little. */
  readonly byteOrder?: ByteOrder;
};

/** What a packet's block takes from its section and interface. */
export interface PacketOptions {
  /** Default little. */
  readonly byteOrder?: ByteOrder;
  /** The `if_tsresol` octet of the packet's interface; default 6, microseconds. */
  readonly resolution?: number;
}

interface WrittenOption {
  readonly code: number;
  readonly value: Uint8Array;
}

interface WrittenBlock {
  readonly octets: Uint8Array;
  readonly view: DataView;
  readonly little: boolean;
}

const encoder = new TextEncoder();

/** A Section Header Block of unspecified section length. Throws a RangeError on a bad text. */
export function pcapngSection(section: Partial<CaptureSection> = {}): Uint8Array {
  const { octets, view, little } = startBlock(BLOCK.section, section.byteOrder, 0, [
    ...textOptions(OPTION.comment, section.comments),
    ...textOption(OPTION.hardware, section.hardware),
    ...textOption(OPTION.os, section.os),
    ...textOption(OPTION.application, section.application),
  ]);
  view.setUint32(8, BYTE_ORDER_MAGIC, little);
  view.setUint16(12, 1, little);
  octets.fill(0xff, 16, 24);
  return octets;
}

/** An Interface Description Block. Throws a RangeError on a bad text, or a number too great. */
export function pcapngInterface(description: InterfaceToWrite = {}): Uint8Array {
  const { linkType = ETHERNET, snapLength = SNAP_LENGTH, resolution = MICROSECONDS } = description;
  requireWhole('linkType', linkType, 0xffff);
  requireWhole('snapLength', snapLength, 0xffff_ffff);
  requireWhole('resolution', resolution, 0xff);
  const { octets, view, little } = startBlock(BLOCK.interface, description.byteOrder, 0, [
    ...textOptions(OPTION.comment, description.comments),
    ...textOption(OPTION.interfaceName, description.name),
    ...textOption(OPTION.interfaceDescription, description.description),
    { code: OPTION.timestampResolution, value: Uint8Array.of(resolution) },
  ]);
  view.setUint16(8, linkType, little);
  view.setUint32(12, snapLength, little);
  return octets;
}

/**
 * An Enhanced Packet Block.
 *
 * Throws a RangeError on a bad text, a number that does not fit, or a time before 1970.
 */
export function pcapngPacket(packet: PacketToWrite, options: PacketOptions = {}): Uint8Array {
  const { octets: captured, interfaceId = 0, originalLength = captured.length } = packet;
  requireWhole('interfaceId', interfaceId, 0xffff_ffff);
  requireWhole('originalLength', originalLength, 0xffff_ffff);
  const { high, low } = toTicks(
    options.resolution ?? MICROSECONDS,
    packet.seconds,
    packet.nanoseconds,
  );
  const { octets, view, little } = startBlock(
    BLOCK.enhancedPacket,
    options.byteOrder,
    padded(captured.length),
    [
      ...textOptions(OPTION.comment, packet.comments),
      ...flagsOption(packet.direction, options.byteOrder),
    ],
  );
  view.setUint32(8, interfaceId, little);
  view.setUint32(12, high, little);
  view.setUint32(16, low, little);
  view.setUint32(20, captured.length, little);
  view.setUint32(24, originalLength, little);
  octets.set(captured, 28);
  return octets;
}

/** A block whose type, lengths and options are written, with `room` octets before the options. */
function startBlock(
  { type, minimum }: { readonly type: number; readonly minimum: number },
  byteOrder: ByteOrder | undefined,
  room: number,
  options: readonly WrittenOption[],
): WrittenBlock {
  const little = byteOrder !== 'big';
  const optionOctets = options.reduce((sum, { value }) => sum + 4 + padded(value.length), 0);
  // The list ends with an option of code 0 and length 0, unless there is no list.
  const length = minimum + room + optionOctets + (options.length === 0 ? 0 : 4);
  requireWhole('block length', length, MAX_UNIT_OCTETS);
  const octets = new Uint8Array(length);
  const view = new DataView(octets.buffer);
  view.setUint32(0, type, little);
  view.setUint32(4, length, little);
  view.setUint32(length - 4, length, little);
  let at = minimum - 4 + room;
  for (const { code, value } of options) {
    view.setUint16(at, code, little);
    view.setUint16(at + 2, value.length, little);
    octets.set(value, at + 4);
    at += 4 + padded(value.length);
  }
  return { octets, view, little };
}

function textOption(code: number, text: string | undefined): readonly WrittenOption[] {
  return textOptions(code, text === undefined ? [] : [text]);
}

function textOptions(code: number, texts: readonly string[] = []): readonly WrittenOption[] {
  return texts.map((text) => {
    if (text.includes('\0')) throw new RangeError('text of an option: it has a zero octet');
    const value = encoder.encode(text);
    requireWhole('octets of an option', value.length, 0xffff);
    return { code, value };
  });
}

function flagsOption(
  direction: PacketToWrite['direction'],
  byteOrder: ByteOrder | undefined,
): readonly WrittenOption[] {
  if (direction === undefined) return [];
  const value = new Uint8Array(4);
  new DataView(value.buffer).setUint32(0, direction === 'inbound' ? 1 : 2, byteOrder !== 'big');
  return [{ code: OPTION.packetFlags, value }];
}
