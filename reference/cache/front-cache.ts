/**
 * A cache in front of the backends: who asks for what is kept gets it from the controller, and no
 * backend hears of it. RFC 9111.
 *
 *   find ─▶ kept, fresh, asked alike ─▶ the response, with its age
 *     └─ no ─▶ a backend ─▶ record … end ─▶ kept, and the least used go
 *
 * Only what passes the controller can be kept: a response that a backend sends by itself, after a
 * hand-off, is never seen here.
 */
import { concat } from '../http/concat.ts';
import { listOf, valuesOf, type Field } from '../http/fields.ts';
import type { RequestHead } from '../http/request-head.ts';
import {
  createResponseState,
  expectResponse,
  frameResponses,
  type ResponseEvent,
} from '../http/response.ts';
import { ageOf, freshFor, mayUseCache } from './storing.ts';

/** What is bounded; both 1 or more. */
export interface CacheLimits {
  /** Octets of all responses that are kept. */
  readonly octetsMax: number;
  /** Octets of the longest that is kept. */
  readonly entryOctetsMax: number;
}

/** Listens to the response of a backend. */
export interface Recorder {
  /** Octets as they pass, from the first of the response on. */
  push(octets: Uint8Array): void;
}

/** A cache; times are Unix time in milliseconds. */
export interface FrontCache {
  /** The whole response to a request; undefined where a backend has to be asked. */
  find(request: RequestHead, nowMs: number): Uint8Array | undefined;
  /** Listens to the response to a request, and keeps it when it may and is whole. */
  record(request: RequestHead, nowMs: number): Recorder;
  /** Octets that are kept now. */
  octets(): number;
}

interface Entry {
  /** What Vary names, with what the request said of it. RFC 9111 section 4.1. */
  readonly varying: readonly (readonly [name: string, value: string])[];
  /** Status line and fields as they are kept, each line with its end. */
  readonly head: string;
  readonly content: Uint8Array;
  readonly ageMs: number;
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** Methods that change nothing. RFC 9110 section 9.2.1. */
const SAFE = ['GET', 'HEAD', 'OPTIONS', 'TRACE'] as const;
/** Fields of one connection alone. RFC 9110 section 7.6.1. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
];
const MS_PER_S = 1000;

/** An empty cache. */
export function createFrontCache({ octetsMax, entryOctetsMax }: CacheLimits): FrontCache {
  /** The one used last is the last. */
  const entries = new Map<string, Entry>();
  let octets = 0;

  function drop(key: string): void {
    const entry = entries.get(key);
    if (entry !== undefined) octets -= sizeOf(key, entry);
    entries.delete(key);
  }

  function keep(key: string, entry: Entry): void {
    drop(key);
    const size = sizeOf(key, entry);
    if (size > octetsMax) return;
    for (const oldest of entries.keys()) {
      if (octets + size <= octetsMax) break;
      drop(oldest);
    }
    entries.set(key, entry);
    octets += size;
  }

  return {
    find(request, nowMs): Uint8Array | undefined {
      if (!mayUseCache(request)) return undefined;
      const key = keyOf(request);
      const entry = entries.get(key);
      if (entry === undefined || !isAskedAlike(entry, request)) return undefined;
      entries.delete(key);
      if (nowMs >= entry.untilMs) {
        octets -= sizeOf(key, entry);
        return undefined;
      }
      entries.set(key, entry);
      return write(entry, request, nowMs);
    },
    record(request, nowMs): Recorder {
      const key = keyOf(request);
      const isUnsafe = !SAFE.some((method) => method === request.method);
      const mayKeep = mayUseCache(request);
      return createRecorder(request, entryOctetsMax, {
        // What was changed may not be answered as it was (RFC 9111 section 4.4), nor what is newer.
        onStatus: (status) => (mayKeep || (isUnsafe && status < 400) ? drop(key) : undefined),
        onWhole: (response) => {
          const entry = mayKeep ? entryOf(request, response, nowMs) : undefined;
          if (entry !== undefined) keep(key, entry);
        },
      });
    },
    octets: () => octets,
  };
}

type Whole = Pick<Entry, 'content'> & {
  readonly head: Parameters<typeof freshFor>[0];
  /** As it came. */
  readonly lines: readonly string[];
};

/** Reads a response as it passes; of one that is too long it wants the status alone. */
function createRecorder(
  request: RequestHead,
  octetsMax: number,
  told: {
    readonly onStatus: (status: number) => void;
    readonly onWhole: (response: Whole) => void;
  },
): Recorder {
  const state = createResponseState();
  expectResponse(state, request);
  const parts: Uint8Array[] = [];
  let isOver = false;
  let length = 0;
  let head:
    { readonly head: Whole['head']; readonly start: number; readonly end: number } | undefined;

  function take(event: ResponseEvent): void {
    if (event.kind === 'head' && event.head.status >= 200) {
      head = event;
      told.onStatus(event.head.status);
    } else if (event.kind === 'reject' || event.kind === 'tunnel') isOver = true;
    else if (event.kind === 'end' && head !== undefined) {
      isOver = true;
      if (length > octetsMax) return;
      const whole = concat(parts);
      const text = new TextDecoder('latin1').decode(whole.subarray(head.start, head.end));
      const content = whole.slice(head.end, event.at);
      told.onWhole({ head: head.head, lines: text.split('\r\n'), content });
    }
  }

  return {
    push(octets): void {
      if (isOver) return;
      length += octets.length;
      if (length <= octetsMax) parts.push(octets.slice());
      const before = state.received;
      for (let at = 0; !isOver && at < octets.length; at = state.received - before) {
        // An interim response ends before the final one begins.
        const events = frameResponses(state, octets.subarray(at), 'message-end');
        for (const event of events) take(event);
        if (events.length === 0) break;
      }
      if (isOver || length > octetsMax) parts.length = 0;
    },
  };
}

function entryOf(
  request: RequestHead,
  { head, lines, content }: Whole,
  nowMs: number,
): Entry | undefined {
  const leftMs = freshFor(head, nowMs);
  if (leftMs === undefined) return undefined;
  const { fields } = head;
  const dropped = new Set([...HOP_BY_HOP, 'age', ...listOf(valuesOf(fields, 'connection'))]);
  const isKept = (line: string): boolean =>
    line !== '' && !dropped.has(line.slice(0, line.indexOf(':')).toLowerCase());
  const [status = '', ...others] = lines.slice(lines.findIndex((line) => line !== ''));
  const names = listOf(valuesOf(fields, 'vary')).filter((name) => name !== '');
  return {
    varying: names.map((name) => [name, saidOf(request.fields, name)]),
    head: [status, ...others.filter(isKept), ''].join('\r\n'),
    content,
    ageMs: ageOf(fields, nowMs) * MS_PER_S,
    sinceMs: nowMs,
    untilMs: nowMs + leftMs,
  };
}

function isAskedAlike({ varying }: Entry, { fields }: RequestHead): boolean {
  return varying.every(([name, value]) => saidOf(fields, name) === value);
}

function saidOf(fields: readonly Field[], name: string): string {
  return JSON.stringify(valuesOf(fields, name));
}

function write(
  { head, content, ageMs, sinceMs }: Entry,
  { keepAlive }: RequestHead,
  nowMs: number,
): Uint8Array {
  const age = Math.floor((ageMs + Math.max(0, nowMs - sinceMs)) / MS_PER_S);
  const close = keepAlive ? '' : 'Connection: close\r\n';
  return concat([octetsOf(`${head}Age: ${age}\r\n${close}\r\n`), content]);
}

/** What identifies a resource: the target, and whom it is asked of. RFC 9111 section 2. */
function keyOf({ host, path }: RequestHead): string {
  return host === undefined ? ` ${path}` : `${host.name}:${host.port ?? ''} ${path}`;
}

function sizeOf(key: string, { head, content, varying }: Entry): number {
  return key.length + head.length + content.length + varying.flat().join('').length;
}

/** A text of one character an octet, as it is read. */
function octetsOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.codePointAt(0) ?? 0);
}
