/** Writing pcap (draft-ietf-opsawg-pcap): one file header, then a record for each packet. */
import type { ByteOrder, CapturePacket } from './event.ts';
import { MAX_UNIT_OCTETS } from './format.ts';
import {
  PCAP_HEADER_OCTETS,
  PCAP_MAGIC_MICROSECONDS,
  PCAP_MAGIC_NANOSECONDS,
  PCAP_RECORD_OCTETS,
} from './pcap.ts';
import { requireWhole } from './timestamp.ts';

/** LINKTYPE_ETHERNET. */
export const ETHERNET = 1;

/** The snapshot length of tcpdump and Wireshark, the longest packet that they read. */
export const SNAP_LENGTH = 262_144;

/** What must be the same for a file's header and all its records. */
export interface PcapOptions {
  /** Default little. */
  readonly byteOrder?: ByteOrder;
  /** Timestamps to the nanosecond instead of the microsecond. */
  readonly nanoseconds?: boolean;
  /** Default 1, Ethernet. */
  readonly linkType?: number;
  /** Octets kept of each packet; default 262144. */
  readonly snapLength?: number;
}

/** What a writer needs of a packet; `originalLength` is by default the captured length. */
export type PacketToWrite = Pick<CapturePacket, 'seconds' | 'nanoseconds' | 'octets'> &
  Partial<CapturePacket>;

/** The 24 octets that start a pcap file. Throws a RangeError if a number does not fit. */
export function pcapHeader(options: PcapOptions = {}): Uint8Array {
  const { nanoseconds = false, linkType = ETHERNET, snapLength = SNAP_LENGTH } = options;
  const little = options.byteOrder !== 'big';
  requireWhole('linkType', linkType, 0xffff);
  requireWhole('snapLength', snapLength, 0xffff_ffff);
  const octets = new Uint8Array(PCAP_HEADER_OCTETS);
  const view = new DataView(octets.buffer);
  view.setUint32(0, nanoseconds ? PCAP_MAGIC_NANOSECONDS : PCAP_MAGIC_MICROSECONDS, little);
  view.setUint16(4, 2, little);
  view.setUint16(6, 4, little);
  view.setUint32(16, snapLength, little);
  view.setUint32(20, linkType, little);
  return octets;
}

/**
 * The record of one packet: 16 octets and the packet; its interface, comments and direction have
 * no place in pcap. Throws a RangeError if the time is not from 1970 to 2106, or a number does
 * not fit; a part of a microsecond is cut off in a file of microseconds.
 */
export function pcapRecord(packet: PacketToWrite, options: PcapOptions = {}): Uint8Array {
  const { seconds, nanoseconds, octets: captured, originalLength = captured.length } = packet;
  const little = options.byteOrder !== 'big';
  requireWhole('seconds', seconds, 0xffff_ffff);
  requireWhole('nanoseconds', nanoseconds, 999_999_999);
  requireWhole('originalLength', originalLength, 0xffff_ffff);
  requireWhole('captured length', captured.length, MAX_UNIT_OCTETS - PCAP_RECORD_OCTETS);
  const octets = new Uint8Array(PCAP_RECORD_OCTETS + captured.length);
  const view = new DataView(octets.buffer);
  view.setUint32(0, seconds, little);
  view.setUint32(4, options.nanoseconds ? nanoseconds : Math.floor(nanoseconds / 1000), little);
  view.setUint32(8, captured.length, little);
  view.setUint32(12, originalLength, little);
  octets.set(captured, PCAP_RECORD_OCTETS);
  return octets;
}
