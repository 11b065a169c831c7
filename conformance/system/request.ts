/**
 * Requests as scenarios write them, the octets that they are, and the answers to expect.
 *
 *   GET /a/3000                        HTTP/1.1, for the host site.test
 *   POST /b/10 with 300 octets         Content-Length; `in chunks`: Transfer-Encoding: chunked
 *   GET /a/1 by HTTP/1.0               also `for HOST`, `with cookie x=y`, `closing`, `upgrading`,
 *                                      `expecting 100`
 */
import type { BackendName, PolicyRoute } from '../driver/system.ts';
import { answerTo } from '../traffic/site.ts';
import { concat } from '../traffic/octets.ts';
import { pattern } from '../traffic/segment.ts';

/** A request of a client. */
export interface Ask {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly cookie: string | undefined;
  /** What the content is, without its framing. */
  readonly content: Uint8Array;
  /** All that is sent, and where in it the content begins. */
  readonly octets: Uint8Array;
  readonly contentAt: number;
  /** The client waits for status 100. */
  readonly expects: boolean;
}

/** What a server says to a client that expects it. */
export const CONTINUE: Uint8Array = new TextEncoder().encode('HTTP/1.1 100 Continue\r\n\r\n');

const SHAPE =
  /^(?<method>[A-Z]+) (?<target>\S+)(?: with (?<octets>\d+) octets)?(?<rest>(?: (?:in chunks|closing|upgrading|expecting 100|by HTTP\/1\.0|for \S+|with cookie \S+))*)$/u;

const CHUNKS = [1, 100, 17];

/** Chunks of three sizes, so that their edges fall anywhere. */
function inChunks(content: Uint8Array): Uint8Array {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  for (let at = 0; at < content.length;) {
    const part = content.subarray(at, at + (CHUNKS[parts.length % CHUNKS.length] ?? 1));
    parts.push(
      concat(encoder.encode(`${part.length.toString(16)}\r\n`), part, encoder.encode('\r\n')),
    );
    at += part.length;
  }
  return concat(...parts, encoder.encode('0\r\n\r\n'));
}

/** Reads one request; throws our own fault on words that it does not know. */
export function readAsk(words: string): Ask {
  const parts = SHAPE.exec(words.trim())?.groups;
  if (parts === undefined) throw new Error(`no request is written ${JSON.stringify(words)}`);
  const { method = '', target = '', octets, rest = '' } = parts;
  const has = (word: string): boolean => rest.includes(` ${word}`);
  const host = / for (?<host>\S+)/u.exec(rest)?.groups?.['host'] ?? 'site.test';
  const cookie = / with cookie (?<cookie>\S+)/u.exec(rest)?.groups?.['cookie'];
  const content = pattern(Number(octets ?? 0), 7);
  const isChunked = has('in chunks');
  const lines = [
    `${method} ${target} HTTP/1.${has('by HTTP/1.0') ? 0 : 1}`,
    `Host: ${host}`,
    ...(cookie === undefined ? [] : [`Cookie: ${cookie}`]),
    ...(has('closing') ? ['Connection: close'] : []),
    ...(has('upgrading') ? ['Connection: upgrade', 'Upgrade: echo'] : []),
    ...(has('expecting 100') ? ['Expect: 100-continue'] : []),
    ...(octets === undefined || isChunked ? [] : [`Content-Length: ${octets}`]),
    ...(isChunked ? ['Transfer-Encoding: chunked'] : []),
    '\r\n',
  ];
  const head = new TextEncoder().encode(lines.join('\r\n'));
  const body = isChunked ? inChunks(content) : content;
  return {
    method,
    target,
    host,
    cookie,
    content,
    octets: concat(head, body),
    contentAt: head.length,
    expects: has('expecting 100'),
  };
}

/** Reads requests that commas part; `N times REQUEST` is as many, numbered by their targets. */
export function readAsks(words: string): readonly Ask[] {
  return words.split(', ').flatMap((each) => {
    const times = /^(?<count>\d+) times (?<request>.*)$/u.exec(each)?.groups;
    if (times === undefined) return [readAsk(each)];
    const { count = '', request = '' } = times;
    return Array.from({ length: Number(count) }, (_, index) =>
      readAsk(request.replace('#', String(index))),
    );
  });
}

/** The octets of requests that follow each other. */
export function octetsOf(asks: readonly Ask[]): Uint8Array {
  return concat(...asks.map(({ octets }) => octets));
}

/** The backends that the policy names for a request; none where no route fits. */
export function backendsFor(
  policy: readonly PolicyRoute[],
  { target, host, cookie }: Ask,
): readonly BackendName[] {
  const route = policy.find(
    (each) =>
      (each.host === undefined || each.host === host) &&
      (each.pathPrefix === undefined || target.startsWith(each.pathPrefix)) &&
      (each.cookie === undefined || each.cookie === cookie),
  );
  return route?.backends ?? [];
}

/** The answers of all those who may give one. */
export function answersFor(policy: readonly PolicyRoute[], ask: Ask): readonly Uint8Array[] {
  return backendsFor(policy, ask).map((backend) => answerTo(backend, ask.method, ask.target));
}

/** How many octets a client gets that gets all its answers. */
export function answeredOctets(policy: readonly PolicyRoute[], asks: readonly Ask[]): number {
  return asks.reduce(
    (sum, ask) =>
      sum + (answersFor(policy, ask)[0]?.length ?? 0) + (ask.expects ? CONTINUE.length : 0),
    0,
  );
}
