/** How the judge takes responses apart, whatever framing somebody on the way has given them. */
import test from 'ava';
import fc from 'fast-check';
import { fieldValues, readAnswers } from '../../../conformance/balancer/http-reading.ts';
import { concat } from '../../../conformance/traffic/octets.ts';
import { runs } from '../../runs.ts';

function octetsOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function read(
  text: string,
  methods: readonly string[] = ['GET'],
  end: 'open' | 'finished' = 'open',
) {
  const { answers, fault } = readAnswers({ received: octetsOf(text), end }, methods);
  const shown = answers.map(({ status, content, isWhole }) => {
    return [status, new TextDecoder().decode(content), isWhole] as const;
  });
  return { shown, fault, answers };
}

test('content ends where its length says, and the next response begins there', (t) => {
  const one = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc';
  const two = 'HTTP/1.0 404 \r\ncontent-length:0\r\n\r\n';
  t.deepEqual(read(one + two, ['GET', 'GET']).shown, [
    [200, 'abc', true],
    [404, '', true],
  ]);
  t.deepEqual(read(one.slice(0, -1)).shown, [[200, 'ab', false]]);
});

test('chunks are put together, with extensions and trailer fields left out', (t) => {
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
  const chunks = '3;a=b\r\nabc\r\n0A\r\n0123456789\r\n0\r\n';
  t.deepEqual(read(`${head}${chunks}\r\n`).shown, [[200, 'abc0123456789', true]]);
  t.deepEqual(read(`${head}${chunks}X: y\r\n\r\n`).shown, [[200, 'abc0123456789', true]]);
  t.deepEqual(read(`${head}${chunks}X: y\r\n`).shown, [[200, 'abc0123456789', false]]);
  t.deepEqual(read(`${head}5\r\nabc`).shown, [[200, 'abc', false]]);
  t.is(read(`${head}2\r\nabc\r\n0\r\n\r\n`).fault, 'a chunk longer than its size');
  t.is(read(`${head}x\r\n`).fault, 'no chunk: "x"');
});

test('without a length the connection ends the content', (t) => {
  const text = 'HTTP/1.1 200 OK\r\n\r\nabc';
  t.deepEqual(read(text, ['GET'], 'finished').shown, [[200, 'abc', true]]);
  t.deepEqual(read(text).shown, [[200, 'abc', false]]);
});

test('some responses have no content, whatever their fields say', (t) => {
  const fields = 'Content-Length: 5\r\n\r\n';
  t.deepEqual(read(`HTTP/1.1 200 OK\r\n${fields}`, ['HEAD']).shown, [[200, '', true]]);
  t.deepEqual(read(`HTTP/1.1 304 Not Modified\r\n${fields}`).shown, [[304, '', true]]);
  t.deepEqual(read('HTTP/1.1 204 No Content\r\n\r\n').shown, [[204, '', true]]);
});

test('status 1xx is no answer, but 101 is the last one', (t) => {
  const done = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
  t.deepEqual(read(`HTTP/1.1 100 Continue\r\n\r\n${done}`).shown, [[200, '', true]]);
  t.deepEqual(read('HTTP/1.1 101 Switching Protocols\r\n\r\nno HTTP').shown, [[101, '', true]]);
});

test('what breaks a rule is said', (t) => {
  const both = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n';
  t.is(read(both).fault, 'both Transfer-Encoding and Content-Length');
  const two = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 1\r\n\r\n';
  t.is(read(two).fault, 'two values of Content-Length');
  t.is(read('HTTP/2 200\r\n\r\n').fault, 'no status line: "HTTP/2 200"');
  t.is(read('HTTP/1.1 200 OK\r\nX : y\r\n\r\n').fault, 'no field: "X : y"');
  t.is(read('HTTP/1.1 200 OK\r\nX: y').fault, 'no whole head: "HTTP/1.1 200 OK\\r\\nX: y"');
  t.is(read('HTTP/1.1 204 None\r\n\r\nabc').fault, 'behind the last answer "abc"');
});

test('fields are found by their names in lower case, and keep their order', (t) => {
  const [answer] = read(
    'HTTP/1.1 204 None\r\nSet-Cookie: a=1\r\nX:\r\nset-cookie:\tb=2 \r\n\r\n',
  ).answers;
  t.deepEqual(answer && fieldValues(answer, 'set-cookie'), ['a=1', 'b=2']);
  t.deepEqual(answer && fieldValues(answer, 'x'), ['']);
});

test('contents come out as they went in, however they are framed', (t) => {
  const framed = fc.record({
    content: fc.uint8Array({ maxLength: 40 }),
    chunks: fc.option(fc.integer({ min: 1, max: 40 })),
  });
  fc.assert(
    fc.property(fc.array(framed, { maxLength: 5 }), (messages) => {
      const received = concat(
        ...messages.flatMap(({ content, chunks }) => {
          if (chunks === null) {
            return [
              octetsOf(`HTTP/1.1 200 OK\r\nContent-Length: ${content.length}\r\n\r\n`),
              content,
            ];
          }
          const parts = [octetsOf('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')];
          for (let at = 0; at < content.length; at += chunks) {
            const part = content.subarray(at, at + chunks);
            parts.push(octetsOf(`${part.length.toString(16)}\r\n`), part, octetsOf('\r\n'));
          }
          return [...parts, octetsOf('0\r\n\r\n')];
        }),
      );
      const methods = messages.map(() => 'GET');
      const { answers, fault } = readAnswers({ received, end: 'open' }, methods);
      t.is(fault, undefined);
      t.deepEqual(
        answers.map(({ content, isWhole }) => [...content, isWhole]),
        messages.map(({ content }) => [...content, true]),
      );
    }),
    runs(100),
  );
});
