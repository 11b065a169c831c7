/** A pcap or pcapng file, read packet by packet. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import {
  captureReader,
  formatCaptureError,
  type CaptureEvent,
  type CaptureInterface,
  type CapturePacket,
  type CaptureStatistics,
} from 'scapy-ts';
import { EXIT } from '../verdict/exit-code.ts';
import { Complaint } from './complaint.ts';

const CHUNK_OCTETS = 256 * 1024;

/** A capture file that is read packet by packet. */
export interface CaptureFile {
  readonly path: string;
  /** The next packet; its octets are valid until the one after it is asked for. */
  packet: CapturePacket | undefined;
  linkType: number;
  /** Of the interface that has seen it. */
  interfaceName: string | undefined;
  /** Of all interfaces so far. */
  readonly interfaceNames: readonly string[];
  /** The file ends inside a packet. */
  cut: boolean;
  /** The capture says itself that packets were dropped. */
  lossy: boolean;
  readonly advance: () => void;
  readonly close: () => void;
}

function openFile(path: string): number {
  try {
    const file = openSync(path, 'r');
    if (!fstatSync(file).isDirectory()) return file;
    closeSync(file);
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    throw new Complaint(EXIT.usage, `${path} cannot be read: ${told}`);
  }
  throw new Complaint(EXIT.usage, `${path} is a directory: expected a pcap or pcapng file`);
}

/** The batches of events of a file; what a batch holds is valid until the next. */
function* batchesOf(path: string, file: number): Generator<readonly CaptureEvent[], boolean> {
  const reader = captureReader();
  const chunk = new Uint8Array(CHUNK_OCTETS);
  let packets = false;
  for (;;) {
    const count = readSync(file, chunk, 0, CHUNK_OCTETS, null);
    const answer = count === 0 ? reader.end() : reader.push(chunk.subarray(0, count));
    if (!answer.ok) {
      // A file that ends inside a packet is still evidence of the packets before.
      if (answer.error.kind === 'truncated' && packets) return true;
      throw new Complaint(EXIT.badInput, `${path}: ${formatCaptureError(answer.error)}`);
    }
    if (count === 0) return false;
    packets ||= answer.value.some(({ kind }) => kind === 'packet');
    yield answer.value;
  }
}

function droppedOf({ droppedByInterface = 0, droppedBySystem = 0 }: CaptureStatistics): number {
  return droppedByInterface + droppedBySystem;
}

/**
 * Opens a capture, and goes to its first packet.
 *
 * Throws Complaint where it cannot be read, or is none; so may `advance`.
 */
export function openCapture(path: string): CaptureFile {
  const file = openFile(path);
  const batches = batchesOf(path, file);
  let interfaces: CaptureInterface[] = [];
  const interfaceNames: string[] = [];
  let events: readonly CaptureEvent[] = [];
  let index = 0;

  function nextBatch(): boolean {
    const { done, value } = batches.next();
    if (done === true) {
      capture.cut = value;
      return false;
    }
    events = value;
    index = 0;
    return true;
  }

  function advance(): void {
    for (;;) {
      while (index < events.length) {
        const event = events[index];
        index += 1;
        if (event?.kind === 'packet') {
          capture.packet = event;
          const from = interfaces[event.interfaceId];
          capture.linkType = from?.linkType ?? 0;
          capture.interfaceName = from?.name;
          return;
        }
        if (event?.kind === 'statistics') capture.lossy ||= droppedOf(event) > 0;
        if (event?.kind === 'section') interfaces = [];
        if (event?.kind === 'interface') {
          interfaces.push(event);
          if (event.name !== undefined) interfaceNames.push(event.name);
        }
      }
      if (!nextBatch()) {
        capture.packet = undefined;
        return;
      }
    }
  }

  const close = (): void => closeSync(file);
  const nothing = { packet: undefined, linkType: 0, interfaceName: undefined };
  const whole = { cut: false, lossy: false };
  const capture: CaptureFile = { path, interfaceNames, ...nothing, ...whole, advance, close };
  try {
    advance();
  } catch (error) {
    close();
    throw error;
  }
  return capture;
}
