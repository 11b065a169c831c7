/**
 * How fast requests are framed, medians; Node's llhttp in the same run is the peer.
 *
 * `node --import=./tools/register.mjs bench/http.ts`: pipelined GETs as a browser sends them, in
 * portions of 64 KiB as a socket gives them. Both take the head apart into strings; llhttp is
 * called as Node's own server calls it.
 */
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { createRequestState, frameRequests } from '../reference/http/request.ts';

/** What of Node's internal parser is used; it has no types. */
interface Parser {
  initialize(type: number, resource: object): void;
  execute(octets: Uint8Array): number | Error;
  [callback: number]: (...values: readonly unknown[]) => unknown;
}
interface ParserClass {
  new (): Parser;
  readonly REQUEST: number;
  readonly kOnHeaders: number;
  readonly kOnHeadersComplete: number;
  readonly kOnBody: number;
  readonly kOnMessageComplete: number;
}

const { HTTPParser }: { readonly HTTPParser: ParserClass } = createRequire(import.meta.url)(
  'node:_http_common',
);

const SHORT = 'GET /index.html HTTP/1.1\r\nHost: www.example.com\r\n\r\n';
const BROWSER =
  'GET /static/app.js?v=3 HTTP/1.1\r\nHost: www.example.com\r\nConnection: keep-alive\r\n' +
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n' +
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n' +
  'Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n' +
  'Referer: https://www.example.com/\r\nCookie: session=0123456789abcdef0123456789abcdef\r\n\r\n';
const UPLOAD =
  'POST /up HTTP/1.1\r\nHost: www.example.com\r\nTransfer-Encoding: chunked\r\n\r\n' +
  `${'400\r\n'.concat('x'.repeat(1024), '\r\n').repeat(64)}0\r\n\r\n`;
const PORTION = 65_536;
const ROUNDS = 15;
const ROUND_OCTETS = 16 * 2 ** 20;

/** One reader of a stream; gives how many messages have ended. */
type Reader = (octets: Uint8Array) => number;

function ours(): Reader {
  const state = createRequestState();
  return (octets) => {
    let ends = 0;
    for (const { kind } of frameRequests(state, octets)) {
      if (kind === 'end') ends += 1;
      else if (kind === 'reject') throw new Error('rejected');
    }
    return ends;
  };
}

function llhttp(): Reader {
  const parser = new HTTPParser();
  let ends = 0;
  parser.initialize(HTTPParser.REQUEST, {});
  parser[HTTPParser.kOnHeaders] = (): void => undefined;
  parser[HTTPParser.kOnHeadersComplete] = (): number => 0;
  parser[HTTPParser.kOnBody] = (): void => undefined;
  parser[HTTPParser.kOnMessageComplete] = (): void => void (ends += 1);
  return (octets) => {
    ends = 0;
    const result = parser.execute(octets);
    if (typeof result !== 'number') throw result;
    return ends;
  };
}

/** Messages in a CPU-second. */
function measure(createReader: () => Reader, message: string, octetsPerPortion: number): number {
  const count = Math.max(1, Math.floor(ROUND_OCTETS / 16 / message.length));
  const stream = Buffer.from(message.repeat(count), 'latin1');
  const portions = Array.from({ length: Math.ceil(stream.length / octetsPerPortion) }, (_, index) =>
    stream.subarray(index * octetsPerPortion, (index + 1) * octetsPerPortion),
  );
  const start = process.cpuUsage();
  let ends = 0;
  for (const read = createReader(), repeats = { left: 4 }; repeats.left > 0; repeats.left -= 1) {
    for (const portion of portions) ends += read(portion);
  }
  if (ends !== 4 * count) throw new Error(`${ends} of ${4 * count} messages`);
  const { user, system } = process.cpuUsage(start);
  return (ends * 1e6) / (user + system);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`);
for (const [name, message, portion] of [
  ['GET of 2 lines', SHORT, PORTION],
  ['GET of a browser', BROWSER, PORTION],
  ['GET of a browser, in segments of 1448', BROWSER, 1448],
  ['POST of 64 chunks of 1 KiB', UPLOAD, PORTION],
] as const) {
  const rates = Array.from({ length: ROUNDS }, () => [
    measure(ours, message, portion),
    measure(llhttp, message, portion),
  ]);
  const [own, peer] = [0, 1].map((each) => median(rates.map((pair) => pair[each] ?? 0)));
  if (own === undefined || peer === undefined) throw new Error('nothing was measured');
  const gigabits = (own * message.length * 8) / 1e9;
  console.log(
    `${name}, ${message.length} octets: ${(own / 1e3).toFixed(0)} k/s (${gigabits.toFixed(2)} ` +
      `Gbit/s), llhttp ${(peer / 1e3).toFixed(0)} k/s, ratio ${(own / peer).toFixed(2)}`,
  );
}
