/** What a capture file says, read in order: sections, their interfaces, packets. */

/** The order of the octets in a file's numbers. */
export type ByteOrder = 'little' | 'big';

/** Which way a packet crossed its interface (pcapng `epb_flags`, bits 0 and 1). */
export type PacketDirection = 'inbound' | 'outbound';

/**
 * One packet of a capture.
 *
 * `octets` is a view of the chunk that was pushed, or a copy where the packet lay across two
 * chunks. It is valid until the caller writes over that chunk, and it keeps the whole chunk in
 * memory: to keep a few packets for long, keep `octets.slice()`.
 */
export interface CapturePacket {
  /** Position of the interface in its section, from 0; a pcap file has interface 0 only. */
  readonly interfaceId: number;
  /** Since 1970-01-01 00:00:00 UTC, `if_tsoffset` added; 0 in a Simple Packet Block (no time). */
  readonly seconds: number;
  /** 0 <= value < 10^9; what is finer than a nanosecond is cut off. */
  readonly nanoseconds: number;
  readonly octets: Uint8Array;
  /** Length on the wire in octets; greater than `octets.length` when the packet was cut. */
  readonly originalLength: number;
  readonly comments: readonly string[];
  readonly direction?: PacketDirection;
}

/** Starts a section: the interfaces before it are no longer valid. A pcap file is one section. */
export interface CaptureSection {
  readonly byteOrder: ByteOrder;
  readonly comments: readonly string[];
  readonly hardware?: string;
  readonly os?: string;
  readonly application?: string;
}

/** An interface on which the packets after it were captured. */
export interface CaptureInterface {
  /** Position in the section, from 0. */
  readonly id: number;
  readonly name?: string;
  readonly description?: string;
  /** A LINKTYPE_ value; 1 is Ethernet. */
  readonly linkType: number;
  /** Octets kept of each packet; 0 is no limit. */
  readonly snapLength: number;
  /** The `if_tsresol` octet: n is 10^-n s, 0x80 + n is 2^-n s. */
  readonly resolution: number;
  readonly comments: readonly string[];
}

/** How a capture on an interface went: the counters of an Interface Statistics Block. */
export interface CaptureStatistics {
  readonly interfaceId: number;
  /** Packets that came to the interface. */
  readonly received?: number;
  /** Packets that the interface, or the operating system, had no room for. */
  readonly droppedByInterface?: number;
  readonly droppedBySystem?: number;
}

/** One thing that a capture file says. */
export type CaptureEvent =
  | ({ readonly kind: 'section' } & CaptureSection)
  | ({ readonly kind: 'interface' } & CaptureInterface)
  | ({ readonly kind: 'packet' } & CapturePacket)
  | ({ readonly kind: 'statistics' } & CaptureStatistics);
