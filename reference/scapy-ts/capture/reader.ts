/**
 * Reading a capture as a stream: chunks in, events out, whatever way the file was cut.
 *
 * Whole units (file header, packet record, block) are read where they lie. A unit that lies
 * across chunks is joined in a buffer of exactly its length; only such units are copied.
 */
import type { Result } from '../result.ts';
import { CaptureFailure } from './error.ts';
import type { CaptureError } from './error.ts';
import type { CaptureEvent } from './event.ts';
import { pause } from './format.ts';
import type { Format, Pause } from './format.ts';
import { pcapFormat } from './pcap.ts';
import { BLOCK } from './pcapng-blocks.ts';
import { pcapngFormat } from './pcapng.ts';

/** A capture being read; it never throws, whatever the octets. */
export interface CaptureReader {
  /**
   * The events that this chunk completes.
   *
   * Packets may be views of the chunk: see `CapturePacket`. Events that stand before a fault are
   * always given first; the fault is then the answer to every later call.
   */
  readonly push: (chunk: Uint8Array) => CaptureAnswer;
  /** No events, or `truncated` if the capture cannot end after the octets pushed so far. */
  readonly end: () => CaptureAnswer;
}

/** What a reader answers. */
export type CaptureAnswer = Result<readonly CaptureEvent[], CaptureError>;

const MAGIC_OCTETS = 4;
/** A batch of `readCapture` comes from at most so many octets, so that its memory is bounded. */
const BATCH_OCTETS = 1024 * 1024;
const NOTHING: Uint8Array = new Uint8Array(0);

/** Starts reading a pcap or pcapng file. Holds at most one unit, which is at most 16 MiB. */
export function captureReader(): CaptureReader {
  const read = sniffingFormat();
  /** The octets of the unit at hand that came with earlier chunks; `waiting` says what it needs. */
  let held = NOTHING;
  let heldOctets = 0;
  let waiting: Pause = pause(0, MAGIC_OCTETS, 'magic number');
  /** Offset in the file of what is read next, held octets included. */
  let offset = 0;
  let fault: CaptureError | undefined;

  /** Reads on from `octets`; true if it came to an end of the octets without a fault. */
  function advance(octets: Uint8Array, from: number, events: CaptureEvent[]): boolean {
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
    const step = read({ octets, view, offset: offset - from }, from, events);
    if (step.kind !== 'pause') {
      fault = step;
      return false;
    }
    offset += step.at - from;
    waiting = step;
    return true;
  }

  /** Keeps the octets from `from` on, with room for what the unit needs. */
  function hold(octets: Uint8Array, from: number): void {
    heldOctets = octets.length - from;
    held = heldOctets === 0 ? NOTHING : new Uint8Array(waiting.need);
    held.set(octets.subarray(from));
  }

  /** Fills the held unit from the chunk; the number of octets it took. */
  function complete(chunk: Uint8Array, events: CaptureEvent[]): number {
    let from = 0;
    while (heldOctets > 0) {
      const taken = Math.min(waiting.need - heldOctets, chunk.length - from);
      held.set(chunk.subarray(from, from + taken), heldOctets);
      heldOctets += taken;
      from += taken;
      if (heldOctets < waiting.need || !advance(held, 0, events)) break;
      hold(held, waiting.at);
    }
    return from;
  }

  function push(chunk: Uint8Array): CaptureAnswer {
    if (fault !== undefined) return { ok: false, error: fault };
    const events: CaptureEvent[] = [];
    const from = complete(chunk, events);
    if (fault === undefined && heldOctets === 0 && advance(chunk, from, events)) {
      hold(chunk, waiting.at);
    }
    if (fault !== undefined && events.length === 0) return { ok: false, error: fault };
    return { ok: true, value: events };
  }

  function end(): CaptureAnswer {
    if (fault !== undefined) return { ok: false, error: fault };
    if (heldOctets === 0 && offset > 0) return { ok: true, value: [] };
    const { need, what } = waiting;
    const have = heldOctets;
    return {
      ok: false,
      error: { kind: 'truncated', at: offset, what, rule: 'at least', need, have },
    };
  }

  return { push, end };
}

/**
 * Reads a whole capture, for example from `fs.createReadStream`, in batches of events.
 *
 * Throws a `CaptureFailure` at the first fault, after the events before it.
 */
export async function* readCapture(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<readonly CaptureEvent[], void, undefined> {
  const reader = captureReader();
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += BATCH_OCTETS) {
      const events = eventsOf(reader.push(chunk.subarray(at, at + BATCH_OCTETS)));
      if (events.length > 0) yield events;
    }
    // A fault behind the last events must not wait for a chunk that may never come.
    eventsOf(reader.push(NOTHING));
  }
  eventsOf(reader.end());
}

function eventsOf(answer: CaptureAnswer): readonly CaptureEvent[] {
  if (!answer.ok) throw new CaptureFailure(answer.error);
  return answer.value;
}

/** Finds out the format from the first four octets, then reads in that format. */
function sniffingFormat(): Format {
  let format: Format | undefined;
  return (stretch, from, events) => {
    if (format === undefined) {
      if (stretch.octets.length - from < MAGIC_OCTETS) {
        return pause(from, MAGIC_OCTETS, 'magic number');
      }
      const magic = stretch.view.getUint32(from, false);
      format = magic === BLOCK.section.type ? pcapngFormat() : pcapFormat(magic);
      if (format === undefined) return notACapture(stretch.offset + from, magic);
    }
    return format(stretch, from, events);
  };
}

function notACapture(at: number, have: number): CaptureError {
  const need = BLOCK.section.type;
  return { kind: 'not-a-capture', at, what: 'it starts with', rule: 'exactly', need, have };
}
