import test from 'ava';
import type { RequestHead } from '../../../reference/http/request-head.ts';
import {
  createRequestState,
  finishRequests,
  frameRequests,
  settleTunnel,
} from '../../../reference/http/request.ts';
import { brief, octetsOf } from './bed.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** The events of one stream, in brief. */
function framed(text: string): readonly string[] {
  return frameRequests(createRequestState(), octetsOf(text)).map(brief);
}

/** The only head in a stream. */
function headOf(text: string): RequestHead {
  const [event] = frameRequests(createRequestState(), octetsOf(text));
  if (event?.kind !== 'head') throw new Error(event === undefined ? 'no event' : brief(event));
  return event.head;
}

test('RFC 9112 3: a head is taken apart, names and values as they were sent', (t) => {
  const text =
    'PUT /a?b=c HTTP/1.1\r\nHost: Example.COM:8080\r\n' +
    'cookie:  \t x=y \t\r\nCOOKIE: \x80\xa0\xff \xa0\r\n\r\n';
  t.deepEqual(headOf(text), {
    method: 'PUT',
    target: '/a?b=c',
    form: 'origin',
    path: '/a?b=c',
    version: '1.1',
    fields: [
      { name: 'Host', value: 'Example.COM:8080' },
      { name: 'cookie', value: 'x=y' },
      { name: 'COOKIE', value: '\x80\xa0\xff \xa0' },
    ],
    host: { name: 'example.com', port: 8080 },
    framing: { kind: 'none' },
    keepAlive: true,
    expectContinue: false,
    upgrade: false,
  });
});

for (const [name, line, expected] of [
  [
    '9112 3.2.1: origin-form',
    'GET /a//../b?c=d|{"e"}',
    { form: 'origin', path: '/a//../b?c=d|{"e"}' },
  ],
  ['9112 3.2.2: absolute-form', 'GET http://a/x?y', { form: 'absolute', path: '/x?y' }],
  ['9112 3.2.2: absolute-form, case', 'GET HTTPS://A/', { form: 'absolute', path: '/' }],
  ['9112 3.2.2: absolute-form, no path', 'GET http://a', { form: 'absolute', path: '/' }],
  ['9112 3.2.2: absolute-form, query', 'GET http://a?b', { form: 'absolute', path: '/?b' }],
  ['9112 3.2.3: authority-form', 'CONNECT a:443', { form: 'authority', path: '' }],
  ['9112 3.2.3: authority-form goes before Host', 'CONNECT A:1', { host: { name: 'a', port: 1 } }],
  ['9112 3.2.4: asterisk-form', 'OPTIONS *', { form: 'asterisk', path: '*' }],
  ['9110 9.1: a method that nobody knows', "!#$%&'*+-.^_`|~a0 /", { form: 'origin', path: '/' }],
] as const) {
  test(`RFC ${name}`, (t) => {
    t.like(headOf(`${line} HTTP/1.1\r\nHost: a\r\n\r\n`), { host: { name: 'a' }, ...expected });
  });
}

for (const [text, name, port] of [
  ['a.example', 'a.example', undefined],
  ['A.Example:', 'a.example', undefined],
  ['10.0.0.1:65535', '10.0.0.1', 65_535],
  ['[2001:DB8::1]:80', '[2001:db8::1]', 80],
  ["a-b_c~%4a!$&'()*+,;=", "a-b_c~%4a!$&'()*+,;=", undefined],
] as const) {
  test(`RFC 3986 3.2.2: Host ${text}`, (t) => {
    t.deepEqual(headOf(`GET / HTTP/1.1\r\nHost: ${text}\r\n\r\n`).host, { name, port });
  });
}

test('RFC 9112 3.2: HTTP/1.0 needs no Host, and may have one', (t) => {
  t.is(headOf('GET / HTTP/1.0\r\n\r\n').host, undefined);
  t.deepEqual(headOf('GET / HTTP/1.0\r\nHost: a\r\n\r\n').host, { name: 'a', port: undefined });
  t.deepEqual(headOf('GET http://b:1/ HTTP/1.0\r\n\r\n').host, { name: 'b', port: 1 });
});

for (const [version, fields, keepAlive] of [
  ['1.1', '', true],
  ['1.1', 'Connection: close\r\n', false],
  ['1.1', 'Connection: x, CLOSE\r\n', false],
  ['1.1', 'Connection: x\r\nconnection: close\r\n', false],
  ['1.1', 'Connection: closed\r\n', true],
  ['1.0', '', false],
  ['1.0', 'Connection: keep-alive\r\n', true],
  ['1.0', 'Connection: Keep-Alive, close\r\n', false],
] as const) {
  const title = `RFC 9112 9.3: HTTP/${version} ${fields.trimEnd().replaceAll('\r\n', ' | ')}`;
  test(`${title} ${keepAlive ? 'goes on' : 'ends, and nothing is taken after it'}`, (t) => {
    const state = createRequestState();
    const text = `GET / HTTP/${version}\r\nHost: a\r\n${fields}\r\n`;
    const [first, ...others] = frameRequests(state, octetsOf(text + GET));
    t.true(first?.kind === 'head' && first.head.keepAlive === keepAlive);
    t.is(others.length, keepAlive ? 3 : 1);
    t.is(state.received, keepAlive ? text.length + GET.length : text.length);
    t.deepEqual(finishRequests(state), []);
  });
}

for (const [framing, fields, expected] of [
  ['no field', '', false],
  ['a length', 'Content-Length: 1\r\nExpect: 100-Continue\r\n', true],
  ['chunks', 'Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n', true],
  ['another expectation', 'Content-Length: 1\r\nExpect: x\r\n', false],
  ['no content', 'Content-Length: 0\r\nExpect: 100-continue\r\n', false],
] as const) {
  test(`RFC 9110 10.1.1: Expect with ${framing}`, (t) => {
    t.is(headOf(`PUT / HTTP/1.1\r\nHost: a\r\n${fields}\r\n`).expectContinue, expected);
  });
}

test('RFC 9110 10.1.1: Expect is ignored in HTTP/1.0', (t) => {
  const text = 'PUT / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n';
  t.false(headOf(text).expectContinue);
});

for (const [name, text, expected] of [
  ['9112 2.2: one empty line is ignored', `\r\n${GET}`, ['head 0-29', 'end 29']],
  [
    '9112 2.2: one empty line before each request',
    `${GET}\r\n${GET}`,
    ['head 0-27', 'end 27', 'head 27-56', 'end 56'],
  ],
  [
    '9112 6.3: the content has as many octets as it says',
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 005\r\n\r\nabcde${GET}`,
    ['head 0-49', 'body 49-54', 'end 54', 'head 54-81', 'end 81'],
  ],
  [
    '9112 6.3: a content of no octet',
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n${GET}`,
    ['head 0-47', 'end 47', 'head 47-74', 'end 74'],
  ],
  [
    '9112 6.3: GET may have content',
    `GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 27\r\n\r\n${GET}`,
    ['head 0-47', 'body 47-74', 'end 74'],
  ],
  [
    '9112 7.1: chunks, extensions, trailers, and what follows',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n' +
      `5\r\nabc\r\n\r\nA ; a ; b = c;d="\\"\xe9;\\\\"\r\n0123456789\r\n000\r\nX: y\r\n\r\n${GET}`,
    ['head 0-56', 'body 56-117', 'end 117', 'head 117-144', 'end 144'],
  ],
] as const) {
  test(`RFC ${name}`, (t) => {
    t.deepEqual(framed(text), expected);
  });
}

test('RFC 9112 7.1.2: trailers come with the end', (t) => {
  const text =
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nDigest:  x \r\nE:\r\n\r\n';
  const last = frameRequests(createRequestState(), octetsOf(text)).at(-1);
  const trailers = [
    { name: 'Digest', value: 'x' },
    { name: 'E', value: '' },
  ];
  t.deepEqual(last, { kind: 'end', at: text.length, trailers });
});

test('PRISM-PIPE-08 a caller that asks for it gets one message, cut exactly', (t) => {
  const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc';
  const octets = octetsOf(post + GET + GET);
  const state = createRequestState();
  t.deepEqual(frameRequests(state, octets, 'message-end').map(brief), [
    'head 0-47',
    'body 47-50',
    'end 50',
  ]);
  t.is(state.received, 50);
  const rest = octets.subarray(50);
  t.deepEqual(frameRequests(state, rest, 'message-end').map(brief), ['head 50-77', 'end 77']);
  t.is(state.received, 77);
  t.deepEqual(frameRequests(state, rest.subarray(27)).map(brief), ['head 77-104', 'end 104']);
});

const UPGRADE = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Upgrade\r\nUpgrade: websocket\r\n\r\n';
const CONNECT = 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n';

for (const [name, text] of [
  ['9110 7.8: after Upgrade', UPGRADE],
  ['9110 9.3.6: after CONNECT', CONNECT],
] as const) {
  test(`PRISM-CTRL-09 RFC ${name} nothing is taken before the response`, (t) => {
    const end = text.length;
    for (const isTunnel of [true, false]) {
      const state = createRequestState();
      const octets = octetsOf(text + GET);
      t.deepEqual(frameRequests(state, octets).map(brief), [`head 0-${end}`, `end ${end}`]);
      t.is(state.received, end);
      t.deepEqual(frameRequests(state, octets.subarray(end)), []);
      t.deepEqual(settleTunnel(state, isTunnel).map(brief), isTunnel ? [`tunnel ${end}`] : []);
      t.deepEqual(
        frameRequests(state, octets.subarray(end)).map(brief),
        isTunnel ? [] : [`head ${end}-${end + 27}`, `end ${end + 27}`],
      );
      t.deepEqual(settleTunnel(state, true), [], 'settled once');
    }
  });
}

test('RFC 9110 7.8: a response that comes before the request has ended settles it then', (t) => {
  const text = UPGRADE.replace('Host', 'Content-Length: 3\r\nHost');
  for (const isTunnel of [true, false]) {
    const state = createRequestState();
    frameRequests(state, octetsOf(`${text}a`));
    t.deepEqual(settleTunnel(state, isTunnel), []);
    const end = text.length + 3;
    const expected = [`body ${end - 2}-${end}`, `end ${end}`];
    const after = isTunnel ? [`tunnel ${end}`] : [`head ${end}-${end + 27}`, `end ${end + 27}`];
    t.deepEqual(frameRequests(state, octetsOf(`bc${GET}`)).map(brief), [...expected, ...after]);
  }
});

test('RFC 9110 7.8: no response makes a tunnel of a request that did not ask for one', (t) => {
  const state = createRequestState();
  frameRequests(state, octetsOf('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na'));
  t.deepEqual(settleTunnel(state, true), []);
  t.deepEqual(frameRequests(state, octetsOf(`b${GET}`)).map(brief), [
    'body 48-49',
    'end 49',
    'head 49-76',
    'end 76',
  ]);
});

test('RFC 9110 7.8: a refused Upgrade with Connection: close is the last request', (t) => {
  const state = createRequestState();
  frameRequests(state, octetsOf(UPGRADE.replace('x,', 'close,')));
  settleTunnel(state, false);
  t.deepEqual(frameRequests(state, octetsOf(GET)), []);
});

for (const [name, text] of [
  ['without Connection', UPGRADE.replace('Connection', 'X')],
  ['in HTTP/1.0', UPGRADE.replace('HTTP/1.1', 'HTTP/1.0').replace('x,', 'keep-alive,')],
  ['that names no protocol', UPGRADE.replace('websocket', '')],
] as const) {
  test(`RFC 9110 7.8: an Upgrade ${name} is none`, (t) => {
    t.is(framed(text + GET).length, 4);
    t.false(headOf(text).upgrade);
  });
}

for (const [name, text, expected] of [
  ['before a request', '', []],
  ['between requests', GET, []],
  ['after an empty line', `${GET}\r\n`, []],
  ['within an empty line', '\r', []],
  ['within a request line', 'GET /', ['reject 5 400 truncated']],
  ['within a request line after an empty line', '\r\nG', ['reject 3 400 truncated']],
  ['before the blank line', GET.slice(0, -2), ['reject 25 400 truncated']],
  [
    'within a content',
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcd`,
    ['reject 51 400 truncated'],
  ],
  [
    'before the last chunk',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n',
    ['reject 62 400 truncated'],
  ],
] as const) {
  test(`RFC 9112 8: the stream ends ${name}`, (t) => {
    const state = createRequestState();
    frameRequests(state, octetsOf(text));
    t.deepEqual(finishRequests(state).map(brief), expected);
    t.deepEqual(frameRequests(state, octetsOf(GET)), []);
    t.deepEqual(finishRequests(state), []);
  });
}
