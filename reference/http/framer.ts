/** The machine of message.ts: octets in, events out. */
import { parseChunkLine } from './chunk.ts';
import type { Field } from './fields.ts';
import { parseFields, valuesOf } from './fields.ts';
import type { Framing } from './framing.ts';
import type { Direction, MessageEvent, MessageState, Until } from './message.ts';
import type { RejectReason } from './reject.ts';
import type { SectionForm } from './section.ts';
import { clearSection, isEmptyLine, readSection } from './section.ts';

/** What became of some octets of the content; `at` is the index of the first one not taken. */
type Step =
  | { readonly kind: 'taken'; readonly at: number }
  | { readonly kind: 'end'; readonly at: number; readonly trailers: readonly Field[] }
  /** Offsets of the direction: before `good` all is well, at `offset` the rule is broken. */
  | {
      readonly kind: 'fault';
      readonly good: number;
      readonly offset: number;
      readonly reason: RejectReason;
    };

type Events<Head> = MessageEvent<Head>[];

const CR = 13;
const LF = 10;
const NO_TRAILERS: readonly Field[] = [];
/** As many digits as any size needs, and CRLF. */
const CHUNK_LINE_OCTETS = 18;
/** Fields that decide about framing, routing or the connection. RFC 9110 section 6.5.1. */
const NOT_IN_TRAILERS = [
  'content-length',
  'transfer-encoding',
  'host',
  'connection',
  'upgrade',
  'expect',
  'te',
  'trailer',
];

/** Takes octets, in place, and says what they mean; those that are not taken mean nothing. */
export function frame<Head, State extends MessageState>(
  state: State,
  direction: Direction<Head, State>,
  octets: Uint8Array,
  until: Until,
): readonly MessageEvent<Head>[] {
  const events: Events<Head> = [];
  let at = 0;
  while (at < octets.length && isTaking(state)) {
    const take = state.phase === 'head' ? takeHead : takeContent;
    at = take(state, direction, octets, at, events);
    if (until === 'message-end' && events.at(-1)?.kind === 'end') break;
  }
  return events;
}

/** Ends the stream, in place: an end, if the message lasts until then, or a reject within one. */
export function finish<Head, State extends MessageState>(
  state: State,
  direction: Direction<Head, State>,
): readonly MessageEvent<Head>[] {
  const events: Events<Head> = [];
  if (!isTaking(state)) return events;
  const isBetween = state.phase === 'head' && isEmptyLine(state.section);
  if (state.phase === 'until-close') endMessage(state, NO_TRAILERS, events);
  else if (!isBetween || !direction.mayEnd(state)) {
    reject(state, direction, state.received, 'truncated', events);
  }
  if (isTaking(state)) state.phase = 'closed';
  return events;
}

/** The form of the section that a state is in, or undefined where it reads no lines. */
export function formOf<Head, State extends MessageState>(
  state: State,
  direction: Direction<Head, State>,
): SectionForm | undefined {
  switch (state.phase) {
    case 'head':
      return headForm(state, direction.emptyLines);
    case 'chunk-line':
      return chunkLineForm(state);
    case 'trailers':
      return trailersForm(state);
    default:
      return undefined;
  }
}

function isTaking({ phase }: MessageState): boolean {
  return phase !== 'unsettled' && phase !== 'tunnel' && phase !== 'closed' && phase !== 'rejected';
}

function takeHead<Head, State extends MessageState>(
  state: State,
  direction: Direction<Head, State>,
  octets: Uint8Array,
  from: number,
  events: Events<Head>,
): number {
  const start = state.received - state.section.length;
  const refusal = direction.refusal(state);
  if (refusal !== undefined) return reject(state, direction, start, refusal, events);
  const form = headForm(state, direction.emptyLines);
  const read = readSection(state.section, form, octets, from);
  if (read.kind === 'more') {
    state.received += octets.length - from;
    return octets.length;
  }
  if (read.kind === 'fault') {
    return reject(state, direction, start + read.fault.at, read.fault.reason, events);
  }
  const opened = direction.open(state, read.text);
  if (!opened.ok) {
    const { at, reason } = opened.error;
    return reject(state, direction, start + read.textAt + at, reason, events);
  }
  const { head, framing, keepAlive, tunnel } = opened.value;
  if (framing.kind === 'length' && framing.octets > state.limits.contentOctets) {
    return reject(state, direction, start + read.textAt, 'content-octets', events);
  }
  state.received += read.next - from;
  state.keepAlive = keepAlive;
  state.tunnel = tunnel;
  events.push({ kind: 'head', start, end: state.received, head });
  beginContent(state, framing, events);
  return read.next;
}

function beginContent<Head>(state: MessageState, framing: Framing, events: Events<Head>): void {
  state.contentOctets = 0;
  state.extensionOctets = 0;
  if (framing.kind === 'chunked') state.phase = 'chunk-line';
  else if (framing.kind === 'until-close') state.phase = 'until-close';
  else if (framing.kind === 'length' && framing.octets > 0) {
    state.phase = 'length';
    state.remaining = framing.octets;
  } else endMessage(state, NO_TRAILERS, events);
}

/** Takes content as far as it goes, and tells of all of it in one event. */
function takeContent<Head, State extends MessageState>(
  state: State,
  direction: Direction<Head, State>,
  octets: Uint8Array,
  from: number,
  events: Events<Head>,
): number {
  const start = state.received - state.section.length;
  let step: Step = { kind: 'taken', at: from };
  while (step.kind === 'taken' && step.at < octets.length) {
    const at: number = step.at;
    step = takeStep(state, octets, at);
    if (step.kind !== 'fault') state.received += step.at - at;
  }
  const end = step.kind === 'fault' ? step.good : state.received - state.section.length;
  if (end > start) events.push({ kind: 'body', start, end });
  if (step.kind === 'fault') return reject(state, direction, step.offset, step.reason, events);
  if (step.kind === 'end') endMessage(state, step.trailers, events);
  return step.at;
}

function takeStep(state: MessageState, octets: Uint8Array, at: number): Step {
  switch (state.phase) {
    case 'chunk-line':
      return takeChunkLine(state, octets, at);
    case 'chunk-end':
      return takeChunkEnd(state, octets, at);
    case 'trailers':
      return takeTrailers(state, octets, at);
    case 'until-close':
      return takeUntilClose(state, octets, at);
    default:
      return takeCounted(state, octets, at);
  }
}

/** Octets of a content or chunk whose length is known, and within the limit. */
function takeCounted(state: MessageState, octets: Uint8Array, at: number): Step {
  const taken = Math.min(state.remaining, octets.length - at);
  state.remaining -= taken;
  if (state.remaining > 0) return { kind: 'taken', at: at + taken };
  if (state.phase === 'length') return { kind: 'end', at: at + taken, trailers: NO_TRAILERS };
  state.phase = 'chunk-end';
  state.remaining = 2;
  return { kind: 'taken', at: at + taken };
}

function takeUntilClose(state: MessageState, octets: Uint8Array, at: number): Step {
  const room = state.limits.contentOctets - state.contentOctets;
  if (octets.length - at > room) {
    const offset = state.received + room;
    return { kind: 'fault', good: offset, offset, reason: 'content-octets' };
  }
  state.contentOctets += octets.length - at;
  return { kind: 'taken', at: octets.length };
}

function takeChunkLine(state: MessageState, octets: Uint8Array, at: number): Step {
  const good = state.received - state.section.length;
  const read = readSection(state.section, chunkLineForm(state), octets, at);
  if (read.kind === 'more') return { kind: 'taken', at: octets.length };
  if (read.kind === 'fault') {
    return { kind: 'fault', good, offset: good + read.fault.at, reason: read.fault.reason };
  }
  const line = parseChunkLine(read.text);
  if (!line.ok) return { kind: 'fault', good, offset: good, reason: line.error };
  const { size, extensionOctets } = line.value;
  const { limits } = state;
  if (extensionOctets > limits.chunkExtensionOctets - state.extensionOctets) {
    return { kind: 'fault', good, offset: good, reason: 'chunk-extension-octets' };
  }
  if (size > limits.contentOctets - state.contentOctets) {
    return { kind: 'fault', good, offset: good, reason: 'content-octets' };
  }
  state.extensionOctets += extensionOctets;
  state.contentOctets += size;
  state.remaining = size;
  state.phase = size === 0 ? 'trailers' : 'chunk';
  return { kind: 'taken', at: read.next };
}

/** The CRLF after a chunk. */
function takeChunkEnd(state: MessageState, octets: Uint8Array, at: number): Step {
  if (octets[at] !== (state.remaining === 2 ? CR : LF)) {
    return { kind: 'fault', good: state.received, offset: state.received, reason: 'chunk-end' };
  }
  state.remaining -= 1;
  if (state.remaining === 0) state.phase = 'chunk-line';
  return { kind: 'taken', at: at + 1 };
}

function takeTrailers(state: MessageState, octets: Uint8Array, at: number): Step {
  const good = state.received - state.section.length;
  const read = readSection(state.section, trailersForm(state), octets, at);
  if (read.kind === 'more') return { kind: 'taken', at: octets.length };
  if (read.kind === 'fault') {
    return { kind: 'fault', good, offset: good + read.fault.at, reason: read.fault.reason };
  }
  const lines = read.text === '' ? [] : read.text.split('\r\n');
  const trailers = parseFields(lines, 0, 0);
  if (!trailers.ok) {
    const { at: faultAt, reason } = trailers.error;
    return { kind: 'fault', good, offset: good + faultAt, reason };
  }
  if (NOT_IN_TRAILERS.some((name) => valuesOf(trailers.value, name).length > 0)) {
    return { kind: 'fault', good, offset: good, reason: 'trailer-field' };
  }
  return { kind: 'end', at: read.next, trailers: trailers.value };
}

function headForm({ limits }: MessageState, emptyLines: 0 | 1): SectionForm {
  const { startLineOctets: firstLineOctets, headOctets: octets, fields } = limits;
  return { kind: 'head', emptyLines, firstLineOctets, octets, fields, tooLong: 'head-octets' };
}

function chunkLineForm({ limits }: MessageState): SectionForm {
  const octets = CHUNK_LINE_OCTETS + limits.chunkExtensionOctets;
  const tooLong = 'chunk-extension-octets';
  return { kind: 'line', emptyLines: 0, firstLineOctets: octets, octets, fields: 0, tooLong };
}

function trailersForm({ limits }: MessageState): SectionForm {
  const { headOctets: octets, fields } = limits;
  const tooLong = 'head-octets';
  return { kind: 'trailers', emptyLines: 0, firstLineOctets: octets, octets, fields, tooLong };
}

function endMessage<Head>(
  state: MessageState,
  trailers: readonly Field[],
  events: Events<Head>,
): void {
  events.push({ kind: 'end', at: state.received, trailers });
  if (state.tunnel === 'granted') {
    state.phase = 'tunnel';
    events.push({ kind: 'tunnel', at: state.received });
  } else if (state.tunnel === 'asked') state.phase = 'unsettled';
  else state.phase = state.keepAlive ? 'head' : 'closed';
}

/** Ends the direction; gives the index from which on nothing is taken. */
function reject<Head, State extends MessageState>(
  state: State,
  direction: Direction<Head, State>,
  at: number,
  reason: RejectReason,
  events: Events<Head>,
): number {
  // What is broken may be in octets that were taken before.
  state.received = Math.max(state.received, at);
  state.phase = 'rejected';
  clearSection(state.section);
  events.push({ kind: 'reject', at, status: direction.statusOf(reason), reason });
  return Infinity;
}
