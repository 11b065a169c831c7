/** Streams of messages, with the events that their construction says. */
import fc from 'fast-check';
import { REJECTED } from './cases.ts';

/** A message and its parts, as text. */
export interface MessageText {
  readonly head: string;
  readonly body: string;
}

const text = (characters: string, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...characters.split('')), maxLength });
const field = fc
  .record({
    name: fc.constantFrom('X-A', 'Accept', 'cookie', 'Content-Type', 'ETag'),
    before: text(' \t', 2),
    value: text('abc,;=" \t\x80\xff', 12),
  })
  .map(({ name, before, value }) => `${name}:${before}${value}\r\n`);
const content = text('ab\r\n0GET /:', 40);

interface Content {
  readonly field: string;
  readonly body: string;
}

const chunk = fc
  .record({
    octets: content.filter((each) => each !== ''),
    zeros: text('0', 3),
    extension: fc.constantFrom('', ';a', ' ; a = "b\\"c"', ';a=b;c'),
  })
  .map(({ octets, zeros, extension }) => {
    return `${zeros}${octets.length.toString(16)}${extension}\r\n${octets}\r\n`;
  });
const chunked: fc.Arbitrary<Content> = fc
  .tuple(fc.array(chunk, { maxLength: 4 }), fc.array(field, { maxLength: 2 }))
  .map(([chunks, trailers]) => ({
    field: 'Transfer-Encoding: chunked\r\n',
    body: `${chunks.join('')}0\r\n${trailers.join('')}\r\n`,
  }));
const counted: fc.Arbitrary<Content> = content.map((body) => ({
  field: `Content-Length: ${body.length}\r\n`,
  body,
}));

/** A request that another may follow. */
export const request: fc.Arbitrary<MessageText> = fc
  .record({
    empty: fc.constantFrom('', '', '\r\n'),
    line: fc.constantFrom('GET / HTTP/1.1', 'POST /a?b HTTP/1.1', 'HEAD http://a/ HTTP/1.1'),
    before: fc.array(field, { maxLength: 3 }),
    after: fc.array(field, { maxLength: 3 }),
    framing: fc.oneof(fc.constant<Content>({ field: '', body: '' }), counted, chunked),
  })
  .map(({ empty, line, before, after, framing }) => ({
    head: `${empty}${line}\r\n${before.join('')}Host: a\r\n${framing.field}${after.join('')}\r\n`,
    body: framing.body,
  }));

/** A response that another may follow; `method` is that of its request. */
export const response: fc.Arbitrary<MessageText & { readonly method: string }> = fc.oneof(
  fc
    .record({ fields: fc.array(field, { maxLength: 3 }), framing: fc.oneof(counted, chunked) })
    .map(({ fields, framing }) => ({
      method: 'GET',
      head: `HTTP/1.1 200 OK\r\n${fields.join('')}${framing.field}\r\n`,
      body: framing.body,
    })),
  fc
    .record({ status: fc.constantFrom(200, 204, 304), framing: fc.oneof(counted, chunked) })
    .map(({ status, framing }) => ({
      method: status === 200 ? 'HEAD' : 'GET',
      head: `HTTP/1.1 ${status} \r\n${framing.field}\r\n`,
      body: '',
    })),
);

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n';

/** Requests after which nothing is taken, and another behind each. */
export const LAST_REQUESTS: readonly string[] = [
  `GET / HTTP/1.0\r\n\r\n${GET}`,
  `${POST}Connection: close\r\n\r\nabc${GET}`,
  `${POST}Connection: upgrade\r\nUpgrade: x\r\n\r\nabc${GET}`,
];

/** Requests, perhaps with octets behind that are none or that end or change the connection. */
export const requestStream: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(request, { maxLength: 4 }),
    fc.oneof(
      fc.constantFrom('', 'GET / HT', ...LAST_REQUESTS),
      fc.constantFrom(...REJECTED).map((each) => each.text),
      fc.string({ unit: 'binary-ascii', maxLength: 40 }),
    ),
  )
  .map(([requests, rest]) => requests.map(({ head, body }) => head + body).join('') + rest);

/** Where a stream is cut, and whether the framer moves to another host there. */
export const cuts: fc.Arbitrary<readonly Cut[]> = fc.array(
  fc.record({ at: fc.nat(300), moves: fc.boolean() }),
  { maxLength: 12 },
);

/** One cut. */
export interface Cut {
  readonly at: number;
  readonly moves: boolean;
}
