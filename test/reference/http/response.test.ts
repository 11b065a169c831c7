import test from 'ava';
import type { RequestAsked, ResponseHead } from '../../../reference/http/response-head.ts';
import type { ResponseState } from '../../../reference/http/response.ts';
import {
  createResponseState,
  EXPECTED_MAX,
  expectResponse,
  finishResponses,
  frameResponses,
} from '../../../reference/http/response.ts';
import { brief, cut, octetsOf } from './bed.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab';
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

/** Requests by their methods; `UPGRADE` is a GET that asks for another protocol. */
function asked(methods: readonly string[]): ResponseState {
  const state = createResponseState();
  for (const each of methods) expectResponse(state, request(each));
  return state;
}

function request(method: string): RequestAsked {
  const upgrade = method === 'UPGRADE';
  return { method: upgrade ? 'GET' : method, upgrade };
}

/** The events of a stream that ends, in brief. */
function framed(methods: readonly string[], text: string): readonly string[] {
  const state = asked(methods);
  return [...frameResponses(state, octetsOf(text)), ...finishResponses(state)].map(brief);
}

function headOf(method: string, text: string): ResponseHead {
  const [event] = frameResponses(asked([method]), octetsOf(text));
  if (event?.kind !== 'head') throw new Error(event === undefined ? 'no event' : brief(event));
  return event.head;
}

test('RFC 9112 4: a head is taken apart', (t) => {
  t.deepEqual(headOf('GET', 'HTTP/1.1 299 Just \xe9 fine\r\nX-A:\t b \r\n\r\n'), {
    version: '1.1',
    status: 299,
    fields: [{ name: 'X-A', value: 'b' }],
    framing: { kind: 'until-close' },
    keepAlive: false,
    tunnel: false,
  });
});

for (const [name, text, keepAlive] of [
  ['HTTP/1.1', OK, true],
  ['HTTP/1.1 and close', OK.replace('\r\n', '\r\nConnection: close\r\n'), false],
  ['HTTP/1.0', OK.replace('1.1', '1.0'), false],
  [
    'HTTP/1.0 and keep-alive',
    OK.replace('1.1 200 OK', '1.0 200 OK\r\nConnection: keep-alive'),
    true,
  ],
] as const) {
  test(`RFC 9112 9.3: ${name} ${keepAlive ? 'goes on' : 'is the last'}`, (t) => {
    t.is(headOf('GET', text).keepAlive, keepAlive);
    const state = asked(['GET', 'GET']);
    t.is(frameResponses(state, octetsOf(text + OK)).length, keepAlive ? 6 : 3);
    t.is(state.received, keepAlive ? text.length + OK.length : text.length);
  });
}

for (const [name, methods, text, expected] of [
  [
    '9112 9.3.2: responses in the order of the requests',
    ['GET', 'POST'],
    OK + OK,
    ['head 0-38', 'body 38-40', 'end 40', 'head 40-78', 'body 78-80', 'end 80'],
  ],
  [
    '9112 6.3 (1): HEAD has no content, whatever the length',
    ['HEAD', 'GET'],
    OK.slice(0, -2) + OK,
    ['head 0-38', 'end 38', 'head 38-76', 'body 76-78', 'end 78'],
  ],
  [
    '9112 6.3 (1): HEAD has no content, chunked or not',
    ['HEAD', 'HEAD'],
    `${CHUNKED}HTTP/1.1 200 \r\n\r\n`,
    ['head 0-47', 'end 47', 'head 47-64', 'end 64'],
  ],
  [
    '9112 6.3 (1): 204 has no content',
    ['GET', 'GET'],
    `HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\n${OK}`,
    ['head 0-38', 'end 38', 'head 38-76', 'body 76-78', 'end 78'],
  ],
  [
    '9112 6.3 (1): 304 has no content',
    ['GET', 'GET'],
    `HTTP/1.1 304 \r\nTransfer-Encoding: chunked\r\n\r\n${OK}`,
    ['head 0-45', 'end 45', 'head 45-83', 'body 83-85', 'end 85'],
  ],
  [
    '9110 15.2: interim responses come before the final one',
    ['POST'],
    `HTTP/1.1 100 \r\n\r\nHTTP/1.1 103 \r\nContent-Length: 9\r\nConnection: close\r\n\r\n${OK}`,
    ['head 0-17', 'end 17', 'head 17-72', 'end 72', 'head 72-110', 'body 110-112', 'end 112'],
  ],
  [
    '9112 6.3 (2): CONNECT 2xx is a tunnel, and its length is ignored',
    ['CONNECT'],
    `HTTP/1.1 204 \r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nxy`,
    ['head 0-64', 'end 64', 'tunnel 64'],
  ],
  [
    '9112 6.3 (2): CONNECT refused is none',
    ['CONNECT', 'GET'],
    `HTTP/1.1 407 \r\nContent-Length: 2\r\n\r\nab${OK}`,
    ['head 0-36', 'body 36-38', 'end 38', 'head 38-76', 'body 76-78', 'end 78'],
  ],
  [
    '9110 7.8: 101 is a tunnel',
    ['UPGRADE'],
    'HTTP/1.1 101 \r\nContent-Length: 2\r\n\r\n\x81\x05hello',
    ['head 0-36', 'end 36', 'tunnel 36'],
  ],
  [
    '9110 7.8: 200 to an Upgrade is none',
    ['UPGRADE', 'GET'],
    OK + OK,
    ['head 0-38', 'body 38-40', 'end 40', 'head 40-78', 'body 78-80', 'end 80'],
  ],
  [
    '9112 6.3 (4): chunks',
    ['GET', 'GET'],
    `${CHUNKED}2;a\r\nab\r\n0\r\nX: y\r\n\r\n${OK}`,
    ['head 0-47', 'body 47-67', 'end 67', 'head 67-105', 'body 105-107', 'end 107'],
  ],
  [
    '9112 6.3 (4): chunked after another coding',
    ['GET'],
    'HTTP/1.1 200 \r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    ['head 0-51', 'body 51-56', 'end 56'],
  ],
  [
    '9112 6.3 (4): another coding lasts until the connection closes',
    ['GET'],
    'HTTP/1.1 200 \r\nTransfer-Encoding: gzip\r\n\r\nxyz',
    ['head 0-42', 'body 42-45', 'end 45'],
  ],
  [
    '9112 6.3 (8): no length lasts until the connection closes',
    ['GET', 'GET'],
    `HTTP/1.1 200 OK\r\n\r\n${OK}`,
    ['head 0-19', 'body 19-59', 'end 59'],
  ],
  [
    '9112 4: a status line without a reason and its space',
    ['GET'],
    'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n',
    ['head 0-35', 'end 35'],
  ],
  ['9112 9.2: no request, no response', [], '', []],
] as const) {
  test(`RFC ${name}`, (t) => {
    t.deepEqual(framed(methods, text), expected);
  });
}

for (const [reason, at, name, methods, text] of [
  ['not-requested', 0, '9112 9.2: a response that nobody asked for', [], OK],
  ['not-requested', 40, '9112 9.2: one response too many', ['GET'], OK + OK],
  ['not-requested', 40, '9112 9.2: octets after the last response', ['GET'], `${OK}\r\n`],
  ['status-line', 40, '9112 6.3: more octets than the length', ['GET', 'GET'], `${OK}c\r\n\r\n`],
  ['status-line', 38, '9112 6.3: content after HEAD', ['HEAD', 'GET'], `${OK}\r\n\r\n`],
  [
    'not-upgraded',
    0,
    '9110 15.2.2: 101 to a request without Upgrade',
    ['GET'],
    'HTTP/1.1 101 \r\n\r\n',
  ],
  ['empty-line', 0, '9112 2.2: an empty line before a response', ['GET'], `\r\n${OK}`],
  ['bare-lf', 15, '9112 2.2: LF alone', ['GET'], OK.replaceAll('\r', '')],
  ['bare-cr', 15, '9112 2.2: CR alone', ['GET'], OK.replaceAll('\n', '')],
  ['obs-fold', 36, '9112 5.2: a folded value', ['GET'], OK.replace('\r\n\r\n', '\r\n x\r\n\r\n')],
  ['space-before-colon', 17, '9112 5.1: a space before the colon', ['GET'], OK.replace(':', ' :')],
  ['control-octet', 33, '9110 5.5: NUL in a value', ['GET'], OK.replace('2\r\n\r\n', '\0\r\n\r\n')],
  ['version', 0, '9112 2.3: HTTP/2.0', ['GET'], OK.replace('1.1', '2.0')],
  ['status-line', 0, '9112 4: two digits', ['GET'], OK.replace('200', '20')],
  ['status-line', 0, '9112 4: four digits', ['GET'], OK.replace('200', '2000')],
  ['status-line', 0, '9110 15: below 100', ['GET'], OK.replace('200', '099')],
  ['status-line', 0, '9112 4: two spaces', ['GET'], OK.replace(' 200', '  200')],
  ['status-line', 0, '9112 4: another protocol', ['GET'], OK.replace('HTTP', 'ICY')],
  ['status-line', 0, '9112 4: no version', ['GET'], OK.replace('/1.1', '')],
  [
    'length-and-coding',
    0,
    '9112 6.3 (3): both length and coding',
    ['GET'],
    CHUNKED.replace('\r\n', '\r\nContent-Length: 0\r\n'),
  ],
  [
    'length-repeated',
    0,
    '9112 6.3 (5): two lengths',
    ['GET'],
    OK.replace('2\r\n', '2\r\nContent-Length: 2\r\n'),
  ],
  ['length-repeated', 0, '9112 6.3 (5): a list of lengths', ['GET'], OK.replace(': 2', ': 2, 2')],
  ['length-invalid', 0, '9112 6.3 (5): a length that is none', ['GET'], OK.replace(': 2', ': +2')],
  [
    'length-invalid',
    0,
    '9112 6.3 (5): even where no content is',
    ['HEAD'],
    OK.replace(': 2', ': +2'),
  ],
  ['content-octets', 0, '9110 8.6: 2^53', ['GET'], OK.replace(': 2', ': 9007199254740992')],
  [
    'coding-version',
    0,
    '9112 6.1: Transfer-Encoding in HTTP/1.0',
    ['GET'],
    CHUNKED.replace('1.1', '1.0'),
  ],
  [
    'coding-not-final',
    0,
    '9112 6.1: chunked twice',
    ['GET'],
    CHUNKED.replace('chunked', 'chunked, chunked'),
  ],
  [
    'coding-not-final',
    0,
    '9112 6.1: chunked not final',
    ['GET'],
    CHUNKED.replace('chunked', 'chunked, x'),
  ],
  [
    'coding-invalid',
    0,
    '9112 7.1: chunked with a parameter',
    ['GET'],
    CHUNKED.replace('chunked', 'chunked ;q'),
  ],
  ['chunk-end', 51, '9112 7.1: a chunk that is too long', ['GET'], `${CHUNKED}1\r\nab\r\n`],
  ['truncated', 39, '9112 8: the stream ends within a content', ['GET'], OK.slice(0, -1)],
  ['truncated', 50, '9112 8: the stream ends within a chunk', ['GET'], `${CHUNKED}2\r\n`],
  ['truncated', 12, '9112 8: the stream ends within a head', ['GET'], 'HTTP/1.1 200'],
  ['truncated', 0, '9112 9.5: the stream ends before a response', ['GET'], ''],
  ['truncated', 40, '9112 9.5: the stream ends before the second response', ['GET', 'GET'], OK],
] as const) {
  test(`RFC ${name}`, (t) => {
    const expected = `reject ${at} 502 ${reason}`;
    const events = framed(methods, text);
    t.is(events.at(-1), expected);
    const state = asked(methods);
    const octets = octetsOf(text);
    const single = cut(octets, [...octets.keys()]).flatMap((each) => frameResponses(state, each));
    t.is([...single, ...finishResponses(state)].map(brief).at(-1), expected, 'octet by octet');
    t.deepEqual(frameResponses(state, octetsOf(OK)), [], 'nothing after a reject');
  });
}

test('a caller that asks for it gets one response, interim ones apart', (t) => {
  const state = asked(['GET', 'GET']);
  const octets = octetsOf(`HTTP/1.1 100 \r\n\r\n${OK}${OK}`);
  t.deepEqual(frameResponses(state, octets, 'message-end').map(brief), ['head 0-17', 'end 17']);
  t.is(state.expected.length, 2);
  frameResponses(state, octets.subarray(17), 'message-end');
  t.is(state.received, 57);
  t.is(state.expected.length, 1);
});

test('no more requests can wait than EXPECTED_MAX', (t) => {
  const state = asked(Array.from({ length: EXPECTED_MAX }, () => 'GET'));
  t.throws(() => expectResponse(state, request('GET')), { instanceOf: RangeError });
});
