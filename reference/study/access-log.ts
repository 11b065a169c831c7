/**
 * An access log in Common or Combined Log Format as a trace.
 *
 *     host ident user [time] "GET /path HTTP/1.0" 200 2326 "referrer" "agent"
 *
 * The Common Log Format ends after the octets; what comes behind them is not read.
 */
import type { Trace } from './trace.ts';

/** What a line of a log says. */
export type LogLine =
  /** A file was asked for; octets are 0 where they are not known. */
  | { readonly kind: 'request'; readonly path: string; readonly octets: number }
  /** Something else that a server logs: another method, a status without the file. */
  | { readonly kind: 'other' }
  | { readonly kind: 'bad'; readonly why: string };

/** What a log was found to hold. */
export interface LogTally {
  readonly lines: number;
  readonly requests: number;
  /** Lines in the format that ask for no file. */
  readonly others: number;
  /** Requests for files whose size no line tells. */
  readonly unsized: number;
  readonly bad: number;
  /** The first lines that are not in the format, by their numbers from 1. */
  readonly firstBad: readonly { readonly line: number; readonly why: string }[];
}

/** Reads a log, line by line. */
export interface LogReader {
  /** Takes the next line, without its end. */
  take(line: string): void;
  /** Counts a line that is not to be read. */
  refuse(why: string): void;
  /** The trace of what was taken, and what was found. */
  finish(): { readonly trace: Trace; readonly tally: LogTally };
}

const SHOWN_BAD = 5;
/** The most files and requests of a log: what is beyond would not fit into memory. */
const MOST_FILES = 4_000_000;
const MOST_REQUESTS = 2 ** 28;
const MOST_SIZE = 2 ** 32 - 1;
/** Statuses that say that the file was sent, in whole or in part, or would have been. RFC 9110. */
const SERVED = new Set(['200', '203', '206', '304']);

function bad(why: string): LogLine {
  return { kind: 'bad', why };
}

/** The place of the quotation mark that ends a string; −1 without one. */
function closingQuote(line: string, from: number): number {
  for (let at = line.indexOf('"', from); at !== -1; at = line.indexOf('"', at + 1)) {
    let slashes = 0;
    while (at - slashes > from && line[at - slashes - 1] === '\\') slashes += 1;
    // A backslash hides the mark after it, unless another one hides the backslash.
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

/** The request target of a request line, or undefined when it is no GET. */
function targetOf(request: string): string | undefined {
  if (!request.startsWith('GET ')) return undefined;
  const version = request.lastIndexOf(' HTTP/');
  const path = request.slice('GET '.length, version < 'GET '.length ? undefined : version);
  return path === '' ? undefined : path;
}

/** Reads one line; takes time in proportion to its length, whatever is in it. */
export function parseLogLine(line: string): LogLine {
  const open = line.indexOf(' [');
  const close = line.indexOf('] "', open);
  if (open === -1 || close === -1) return bad('no [time] before a "request"');
  if (line.slice(0, open).split(' ').length < 3) return bad('no host, identity and user');
  const start = close + '] "'.length;
  const end = closingQuote(line, start);
  if (end === -1) return bad('the request has no closing quotation mark');
  const [status = '', octets = ''] = line
    .slice(end + 1, end + 64)
    .trimStart()
    .split(' ');
  if (!/^\d{3}$/u.test(status)) return bad('no status of three digits after the request');
  if (!/^(?:\d{1,15}|-)$/u.test(octets)) return bad('no number of octets after the status');
  const path = targetOf(line.slice(start, end));
  if (path === undefined || !SERVED.has(status)) return { kind: 'other' };
  return { kind: 'request', path, octets: octets === '-' ? 0 : Number(octets) };
}

/** The same numbers with room for as many again. */
function grown(numbers: Uint32Array): Uint32Array {
  if (numbers.length >= MOST_REQUESTS) throw new RangeError(`more than ${MOST_REQUESTS} requests`);
  const larger = new Uint32Array(2 * numbers.length);
  larger.set(numbers);
  return larger;
}

/** A log of which nothing has been read. */
export function createLogReader(): LogReader {
  const files = new Map<string, number>();
  const sizes: number[] = [];
  const firstBad: { line: number; why: string }[] = [];
  let requests: Uint32Array = new Uint32Array(2 ** 16);
  let count = 0;
  let lines = 0;
  let others = 0;
  let badLines = 0;

  function refuse(why: string): void {
    badLines += 1;
    if (firstBad.length < SHOWN_BAD) firstBad.push({ line: lines, why });
  }

  function record(path: string, octets: number): void {
    let file = files.get(path);
    if (file === undefined) {
      if (files.size === MOST_FILES) throw new RangeError(`more than ${MOST_FILES} files`);
      file = files.size;
      files.set(path, file);
      sizes.push(0);
    }
    // A file that was sent in part, or has changed, counts as its largest answer.
    sizes[file] = Math.max(sizes[file] ?? 0, Math.min(octets, MOST_SIZE));
    if (count === requests.length) requests = grown(requests);
    requests[count] = file;
    count += 1;
  }

  return {
    take(text): void {
      lines += 1;
      const line = parseLogLine(text);
      if (line.kind === 'request') record(line.path, line.octets);
      else if (line.kind === 'bad') refuse(line.why);
      else others += 1;
    },
    refuse(why): void {
      lines += 1;
      refuse(why);
    },
    finish(): { trace: Trace; tally: LogTally } {
      const sized = requests.subarray(0, count).filter((file) => (sizes[file] ?? 0) > 0);
      const unsized = count - sized.length;
      const tally = { lines, requests: sized.length, others, unsized, bad: badLines, firstBad };
      return { trace: { requests: sized, sizes: Uint32Array.from(sizes) }, tally };
    },
  };
}
