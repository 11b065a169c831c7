/** Captures for tests: octets from hex, whole reads, and random files with what they say. */
import * as fc from 'fast-check';

import {
  captureReader,
  pcapHeader,
  pcapngInterface,
  pcapngPacket,
  pcapngSection,
  pcapRecord,
} from '../capture/index.ts';
import type { ByteOrder, CaptureError, CaptureEvent } from '../capture/index.ts';

/** Octets from hex digits; what is not a hex digit is left out, and so is a line after `#`. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(/#.*$|[^0-9a-f]/gm, ''), 'hex'));
}

/** One after the other. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** Everything that a reader says of a file. */
export interface Reading {
  readonly events: readonly CaptureEvent[];
  readonly error: CaptureError | undefined;
}

/** Reads a file that comes in these chunks, to its end or its first fault. */
export function readChunks(chunks: readonly Uint8Array[]): Reading {
  const reader = captureReader();
  const events: CaptureEvent[] = [];
  for (const chunk of chunks) {
    const answer = reader.push(chunk);
    if (!answer.ok) return { events, error: answer.error };
    for (const event of answer.value) events.push(event);
  }
  const last = reader.end();
  return { events, error: last.ok ? undefined : last.error };
}

/** The chunks of a file cut at these places: views inside a larger buffer, as a pool gives. */
export function cut(file: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const pool = new Uint8Array(file.length + 5);
  pool.set(file, 5);
  const ends = [...places.map((place) => place % (file.length + 1)), file.length];
  const sorted = ends.toSorted((a, b) => a - b);
  return sorted.map((end, index) => pool.subarray(5 + (sorted[index - 1] ?? 0), 5 + end));
}

/** A file, and the events that it must be read as. */
export interface WrittenCapture {
  readonly file: Uint8Array;
  readonly events: readonly CaptureEvent[];
}

const byteOrders: fc.Arbitrary<ByteOrder> = fc.constantFrom('little', 'big');
const texts = fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => !text.includes('\0'));
const packetOctets = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 1500, maxLength: 1514, size: 'max' }) },
);
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });

/** A pcap file of any byte order and resolution. */
export const pcapFiles: fc.Arbitrary<WrittenCapture> = fc
  .record({
    byteOrder: byteOrders,
    nanoseconds: fc.boolean(),
    linkType: fc.integer({ min: 0, max: 0xffff }),
    snapLength: uint32,
    packets: fc.array(
      fc.record({
        seconds: uint32,
        microseconds: fc.integer({ min: 0, max: 999_999 }),
        rest: fc.integer({ min: 0, max: 999 }),
        octets: packetOctets,
        originalLength: uint32,
      }),
      { maxLength: 8 },
    ),
  })
  .map(({ packets, ...options }) => {
    const events = packets.map(({ microseconds, rest, ...packet }) => ({
      ...packet,
      kind: 'packet' as const,
      interfaceId: 0,
      nanoseconds: microseconds * 1000 + (options.nanoseconds ? rest : 0),
      comments: [],
    }));
    const { byteOrder, linkType, snapLength, nanoseconds } = options;
    const resolution = nanoseconds ? 9 : 6;
    return {
      file: join([pcapHeader(options), ...events.map((packet) => pcapRecord(packet, options))]),
      events: [
        { kind: 'section', byteOrder, comments: [] },
        { kind: 'interface', id: 0, linkType, snapLength, resolution, comments: [] },
        ...events,
      ],
    };
  });

/** Seconds and nanoseconds by their definition: ticks of 10^-n or 2^-n seconds. */
function instantOf(resolution: number, ticks: bigint): { seconds: bigint; nanoseconds: number } {
  const perSecond = resolution < 0x80 ? 10n ** BigInt(resolution) : 2n ** BigInt(resolution - 0x80);
  const nanoseconds = Number(((ticks % perSecond) * 10n ** 9n) / perSecond);
  return { seconds: ticks / perSecond, nanoseconds };
}

const sectionsToWrite = fc.record({
  header: fc.record(
    {
      byteOrder: byteOrders,
      comments: fc.array(texts, { maxLength: 3 }),
      hardware: texts,
      os: texts,
      application: texts,
    },
    { requiredKeys: ['byteOrder', 'comments'] },
  ),
  interfaces: fc.array(
    fc.record(
      {
        name: texts,
        description: texts,
        linkType: fc.integer({ min: 0, max: 0xffff }),
        snapLength: uint32,
        resolution: fc.constantFrom(6, 9, 0, 3, 12, 19, 0x80, 0x8a, 0x9e, 0xbf),
        comments: fc.array(texts, { maxLength: 2 }),
      },
      { requiredKeys: ['linkType', 'snapLength', 'resolution', 'comments'] },
    ),
    { minLength: 1, maxLength: 3 },
  ),
  packets: fc.array(
    fc.record(
      {
        place: fc.nat(),
        ticks: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        octets: packetOctets,
        originalLength: uint32,
        comments: fc.array(texts, { maxLength: 3 }),
        direction: fc.constantFrom('inbound' as const, 'outbound' as const),
      },
      { requiredKeys: ['place', 'ticks', 'octets', 'originalLength', 'comments'] },
    ),
    { maxLength: 6 },
  ),
});

/** A pcapng file of several sections and interfaces, with everything that can be written. */
export const pcapngFiles: fc.Arbitrary<WrittenCapture> = fc
  .array(sectionsToWrite, { minLength: 1, maxLength: 3 })
  .map((sections) => {
    const blocks: Uint8Array[] = [];
    const events: CaptureEvent[] = [];
    for (const { header, interfaces, packets } of sections) {
      const { byteOrder } = header;
      blocks.push(pcapngSection(header));
      events.push({ kind: 'section', ...header });
      for (const [id, description] of interfaces.entries()) {
        blocks.push(pcapngInterface({ ...description, byteOrder }));
        events.push({ kind: 'interface', id, ...description });
      }
      for (const { place, ticks, ...rest } of packets) {
        const interfaceId = place % interfaces.length;
        const resolution = interfaces[interfaceId]?.resolution ?? 6;
        const { seconds, nanoseconds } = instantOf(resolution, ticks);
        const packet = { ...rest, interfaceId, seconds: Number(seconds % 2n ** 53n), nanoseconds };
        if (seconds >= 2n ** 53n) continue;
        blocks.push(pcapngPacket(packet, { byteOrder, resolution }));
        events.push({ kind: 'packet', ...packet });
      }
    }
    return { file: join(blocks), events };
  });
