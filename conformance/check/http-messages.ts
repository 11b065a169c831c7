/**
 * Where HTTP/1.1 messages begin and end in a stream: enough to count them. RFC 9112 section 6.
 *
 * Octets are taken in order; bodies are skipped by length. What is not clearly HTTP ends the
 * reading.
 */

/** The head of a message. */
export interface Head {
  readonly startLine: string;
  readonly contentLength: number | undefined;
  readonly chunked: boolean;
  readonly close: boolean;
}

/** What follows a head; `lost` gives up. */
export type Body = 'none' | 'until-close' | 'by-head' | 'lost';

type Phase = 'head' | 'body' | 'chunk-size' | 'chunk' | 'trailer' | 'until-close' | 'lost';

/** How far a stream of messages has been read. */
export interface MessageStream {
  phase: Phase;
  /** The head or line that is being read. */
  text: string;
  /** Octets left of a body or a chunk. */
  left: number;
}

/** Who is told what a stream holds. */
export interface MessageEvents {
  /** Says what follows the head. */
  readonly head: (head: Head) => Body;
  readonly end: () => void;
}

/** Longer heads, and longer lines of chunks, are given up. */
const MAX_HEAD = 16_384;
const MAX_LINE = 1024;
const decoder = new TextDecoder('latin1');

function fieldOf(lines: readonly string[], name: string): readonly string[] {
  return lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return line.slice(0, colon).toLowerCase() === name ? [line.slice(colon + 1).trim()] : [];
  });
}

/** The head in `text`, which ends before the empty line; undefined when its framing is unclear. */
function parseHead(text: string): Head | undefined {
  const [startLine = '', ...lines] = text.split('\r\n');
  const lengths = fieldOf(lines, 'content-length');
  const codings = fieldOf(lines, 'transfer-encoding');
  const [length, ...others] = lengths;
  if (others.length > 0 || codings.length > 1) return undefined;
  if (length !== undefined && (!/^\d{1,15}$/u.test(length) || codings.length > 0)) return undefined;
  if (codings.some((coding) => coding.toLowerCase() !== 'chunked')) return undefined;
  const close = fieldOf(lines, 'connection').some((value) => /\bclose\b/iu.test(value));
  return {
    startLine,
    contentLength: length === undefined ? undefined : Number(length),
    chunked: codings.length === 1,
    close,
  };
}

/** A stream of which nothing has been read. */
export function createMessageStream(): MessageStream {
  return { phase: 'head', text: '', left: 0 };
}

/** Whether the reading was given up. */
export function isLost({ phase }: MessageStream): boolean {
  return phase === 'lost' || phase === 'until-close';
}

/** Whether the octets so far are whole messages. */
export function isBetween({ phase, text }: MessageStream): boolean {
  return phase === 'head' && text === '';
}

function begin(stream: MessageStream, head: Head, events: MessageEvents): Phase {
  const body = events.head(head);
  if (body === 'lost' || body === 'until-close') return body;
  if (body === 'by-head' && head.chunked) return 'chunk-size';
  stream.left = body === 'none' ? 0 : (head.contentLength ?? 0);
  if (stream.left > 0) return 'body';
  events.end();
  return 'head';
}

function beginChunk(stream: MessageStream, line: string): Phase {
  const digits = /^[0-9a-f]{1,8}(?=$|[ \t;])/iu.exec(line)?.[0];
  if (digits === undefined) return 'lost';
  // The line break after the octets belongs to the chunk.
  stream.left = Number.parseInt(digits, 16) + 2;
  return stream.left === 2 ? 'trailer' : 'chunk';
}

function finishText(stream: MessageStream, whole: string, events: MessageEvents): void {
  if (stream.phase === 'head') {
    const head = parseHead(whole);
    stream.phase = head === undefined ? 'lost' : begin(stream, head, events);
  } else if (stream.phase === 'chunk-size') {
    stream.phase = beginChunk(stream, whole);
  } else if (whole === '') {
    stream.phase = 'head';
    events.end();
  }
}

/** Collects up to the end mark; the number of octets used. */
function collect(
  stream: MessageStream,
  octets: Uint8Array,
  from: number,
  events: MessageEvents,
): number {
  const isHead = stream.phase === 'head';
  const mark = isHead ? '\r\n\r\n' : '\r\n';
  const limit = isHead ? MAX_HEAD : MAX_LINE;
  const before = stream.text.length;
  const text = stream.text + decoder.decode(octets.subarray(from, from + limit));
  const found = text.indexOf(mark, Math.max(0, before - mark.length));
  if (found >= 0) {
    stream.text = '';
    finishText(stream, text.slice(0, found), events);
    return found + mark.length - before;
  }
  stream.text = text;
  if (text.length >= limit) stream.phase = 'lost';
  return octets.length - from;
}

function skip(stream: MessageStream, available: number, events: MessageEvents): number {
  const used = Math.min(stream.left, available);
  stream.left -= used;
  if (stream.left > 0) return used;
  if (stream.phase === 'chunk') {
    stream.phase = 'chunk-size';
  } else {
    stream.phase = 'head';
    events.end();
  }
  return used;
}

/** Takes octets that lie within a body; false when a message may begin or end among them. */
export function isWithinBody(stream: MessageStream, octets: number): boolean {
  if ((stream.phase !== 'body' && stream.phase !== 'chunk') || stream.left <= octets) return false;
  stream.left -= octets;
  return true;
}

/** Takes the next octets of a stream, from index `from` on. */
export function readMessages(
  stream: MessageStream,
  octets: Uint8Array,
  from: number,
  events: MessageEvents,
): void {
  let at = from;
  while (at < octets.length && !isLost(stream)) {
    const inBody = stream.phase === 'body' || stream.phase === 'chunk';
    at += inBody ? skip(stream, octets.length - at, events) : collect(stream, octets, at, events);
  }
}
