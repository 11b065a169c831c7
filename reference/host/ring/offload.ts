/**
 * What the kernel has left for a device to do: the header that comes beside a frame.
 *
 *   0       1      2                4              6                8
 *   ┌───────┬──────┬────────────────┬──────────────┬────────────────┬─────────────────┐
 *   │ flags │ kind │ header octets  │ segment size │ checksum start │ checksum offset │   host order
 *   └───────┴──────┴────────────────┴──────────────┴────────────────┴─────────────────┘
 *
 * Where a checksum is left to do, its place holds the sum of the pseudo-header; with a kind, the
 * frame stands for segments of that size. Virtual I/O Device 1.2 section 5.1.6, `virtio_net_hdr`.
 */
import { checksum, sumWords } from 'scapy-ts';
import { ETHERNET_OCTETS, findEtherType, viewFrame } from '../../rules/frame-view.ts';
import { TCP_AT } from '../../tcp/header.ts';
import { readUint16, writeUint16 } from '../../tcp/word.ts';

/** Octets of the header. */
export const OFFLOAD_OCTETS = 10;

/** The header of a frame with which nothing is left to do. */
export const NOTHING_LEFT: Uint8Array = new Uint8Array(OFFLOAD_OCTETS);

const TAG_OCTETS = 4;
const NEEDS_CHECKSUM = 1;
const IP_PROTOCOL_TCP = 6;
const AT = { flags: 0, kind: 1, headerOctets: 2, checksumStart: 6, checksumOffset: 8 } as const;

/** Whether anything is left to do. */
export function hasWorkLeft(header: Uint8Array): boolean {
  return (readFlags(header) & NEEDS_CHECKSUM) !== 0 || header[AT.kind] !== 0;
}

/** The header as it is when a VLAN tag has been put into the frame. */
export function offloadBehindTag(header: Uint8Array): Uint8Array {
  const moved = Uint8Array.from(header);
  if (!hasWorkLeft(header)) return moved;
  for (const at of [AT.headerOctets, AT.checksumStart]) {
    writeHostUint16(moved, at, readHostUint16(moved, at) + TAG_OCTETS);
  }
  return moved;
}

/** Completes the checksum, in place. */
export function completeChecksum(frame: Uint8Array, header: Uint8Array): void {
  if ((readFlags(header) & NEEDS_CHECKSUM) === 0) return;
  const start = readHostUint16(header, AT.checksumStart);
  writeUint16(frame, checksumAt(header), checksum(frame, start, frame.length));
}

/**
 * Puts the sum of the pseudo-header where a rewritten TCP segment's checksum is left to do: the
 * switch took what stood there for a checksum.
 */
export function restorePseudoHeader(frame: Uint8Array, header: Uint8Array): void {
  if ((readFlags(header) & NEEDS_CHECKSUM) === 0 || frame.length < ETHERNET_OCTETS) return;
  const view = viewFrame(frame, findEtherType(frame));
  if (view.kind !== 'segment') return;
  const { sourceAt, addressOctets, transportAt, end } = view.ip;
  const at = transportAt + TCP_AT.checksum;
  if (at !== checksumAt(header)) return;
  const rest = IP_PROTOCOL_TCP + (end - transportAt);
  writeUint16(frame, at, sumWords(frame, sourceAt, sourceAt + 2 * addressOctets, rest));
}

function checksumAt(header: Uint8Array): number {
  return readHostUint16(header, AT.checksumStart) + readHostUint16(header, AT.checksumOffset);
}

function readFlags(header: Uint8Array): number {
  return header[AT.flags] ?? 0;
}

/** All processors that this runs on are little-endian. */
function readHostUint16(octets: Uint8Array, at: number): number {
  const word = readUint16(octets, at);
  return (word >> 8) | ((word & 0xff) << 8);
}

function writeHostUint16(octets: Uint8Array, at: number, value: number): void {
  writeUint16(octets, at, (value >> 8) | ((value & 0xff) << 8));
}
