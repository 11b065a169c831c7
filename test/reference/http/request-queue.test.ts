/** Requests cut off one at a time, and their responses read one at a time. */
import test from 'ava';
import fc from 'fast-check';
import { createRequestQueue, type RequestQueue } from '../../../reference/http/request-queue.ts';
import { createResponseReader } from '../../../reference/http/response-reader.ts';
import type { RequestHead } from '../../../reference/http/request-head.ts';
import { runs } from '../../runs.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (parts: readonly Uint8Array[]): string =>
  parts.map((part) => new TextDecoder().decode(part)).join('');

const GET = 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n';
const POST = 'POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello';
const CHUNKED =
  'POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n';

/** Takes the first request out of a queue; undefined while it is not whole. */
function takeWhole(queue: RequestQueue): string | undefined {
  const { parts, isEnd } = queue.take();
  return isEnd ? decode(parts) : undefined;
}

/** The head of the first request. */
function headOf(text: string): RequestHead {
  const queue = createRequestQueue();
  queue.push(encode(text));
  const front = queue.front();
  if (front?.kind !== 'request') throw new Error('no request');
  return front.head;
}

test('PRISM-PIPE-08 requests are cut apart exactly, wherever the segments end', (t) => {
  const whole = encode(GET + POST + CHUNKED + GET);
  fc.assert(
    fc.property(fc.array(fc.nat(whole.length)), (cuts) => {
      const queue = createRequestQueue();
      const edges = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
      const taken: string[] = [];
      let part = '';
      for (const [index, edge] of edges.entries()) {
        queue.push(whole.subarray(edges[index - 1] ?? 0, edge));
        for (let each = queue.take(); each.parts.length > 0; each = queue.take()) {
          part += decode(each.parts);
          if (!each.isEnd) continue;
          taken.push(part);
          part = '';
        }
      }
      t.deepEqual(taken, [GET, POST, CHUNKED, GET]);
      t.is(queue.octets, 0);
    }),
    runs(200),
  );
});

test('what comes after the first request is given away as it came', (t) => {
  const queue = createRequestQueue();
  queue.push(encode(`${GET}${POST}GET /half`));
  t.is(takeWhole(queue), GET);
  t.is(decode([queue.rest()]), `${POST}GET /half`);
  t.is(queue.octets, 0);
});

test('a request whose head was looked at is given away whole', (t) => {
  const queue = createRequestQueue();
  queue.push(encode(POST.slice(0, -2)));
  t.is(queue.front()?.kind, 'request');
  t.is(decode([queue.rest()]), POST.slice(0, -2));
});

test('after all was given away, what is pushed begins a request', (t) => {
  const queue = createRequestQueue();
  queue.push(encode(POST.slice(0, -2)));
  queue.front();
  queue.rest();
  queue.push(encode(GET));
  t.is(takeWhole(queue), GET);
});

test('an ambiguous request is rejected, and nothing of it can be taken', (t) => {
  const queue = createRequestQueue();
  queue.push(
    encode('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'),
  );
  const front = queue.front();
  t.is(front?.kind === 'reject' ? front.status : undefined, 400);
  t.deepEqual(queue.take(), { parts: [], isEnd: false });
});

const ENDS = [
  ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 'end'],
  ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n', 'end'],
  ['the word close', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n', 'close'],
  ['an interim response', 'HTTP/1.1 100 Continue\r\n\r\n', 'open'],
  ['no length', 'HTTP/1.1 200 OK\r\n\r\nok', 'open'],
  ['no response', 'hello\r\n\r\n', 'reject'],
] as const;
for (const [name, octets, progress] of ENDS) {
  test(`a response with ${name}: ${progress}`, (t) => {
    const reader = createResponseReader();
    reader.expect(headOf(GET));
    t.is(reader.push(encode(octets)).progress, progress);
  });
}

test('a client that wants to close is closed after its response', (t) => {
  const reader = createResponseReader();
  reader.expect(headOf('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'));
  t.is(reader.push(encode('HTTP/1.1 204 No Content\r\n\r\n')).progress, 'close');
});

test('octets behind a response are not passed', (t) => {
  const reader = createResponseReader();
  reader.expect(headOf(GET));
  const part = reader.push(encode('HTTP/1.1 204 No Content\r\n\r\nmore'));
  t.is(decode([part.passed]), 'HTTP/1.1 204 No Content\r\n\r\n');
});

test('a response that lasts until the close ends with it; one that is cut does not', (t) => {
  const lasting = createResponseReader();
  lasting.expect(headOf(GET));
  lasting.push(encode('HTTP/1.1 200 OK\r\n\r\nok'));
  t.true(lasting.finish());
  const cut = createResponseReader();
  cut.expect(headOf(GET));
  cut.push(encode('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok'));
  t.false(cut.finish());
});

test('PRISM-CTRL-09 after 101 all octets are passed, and are no response', (t) => {
  const reader = createResponseReader();
  reader.expect(headOf('GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: y\r\n\r\n'));
  const answer =
    'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: y\r\n\r\n\0\0';
  const part = reader.push(encode(answer));
  t.is(part.progress, 'tunnel');
  t.is(decode([part.passed]), answer);
});
