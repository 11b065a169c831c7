/** Reading and writing pcap and pcapng: the public names. */
export { CaptureFailure, formatCaptureError } from './error.ts';
export type { CaptureError } from './error.ts';
export type {
  ByteOrder,
  CaptureEvent,
  CaptureInterface,
  CapturePacket,
  CaptureSection,
  CaptureStatistics,
  PacketDirection,
} from './event.ts';
export { captureReader, readCapture } from './reader.ts';
export type { CaptureAnswer, CaptureReader } from './reader.ts';
export { MICROSECONDS, NANOSECONDS } from './timestamp.ts';
export { pcapHeader, pcapRecord } from './write-pcap.ts';
export type { PacketToWrite, PcapOptions } from './write-pcap.ts';
export { pcapngInterface, pcapngPacket, pcapngSection } from './write-pcapng.ts';
export type { InterfaceToWrite, PacketOptions } from './write-pcapng.ts';
