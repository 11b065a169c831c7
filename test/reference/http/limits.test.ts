import test from 'ava';
import fc from 'fast-check';
import type { HttpLimits } from '../../../reference/http/limits.ts';
import { DEFAULT_LIMITS } from '../../../reference/http/limits.ts';
import { createRequestState, frameRequests } from '../../../reference/http/request.ts';
import {
  createResponseState,
  expectResponse,
  frameResponses,
} from '../../../reference/http/response.ts';
import { runs } from '../../runs.ts';
import { brief, octetsOf } from './bed.ts';

const CHUNKED = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';

/** The last event of a stream under limits, in brief; '' if there is none. */
function lastOf(text: string, limits: Partial<HttpLimits>): string {
  const octets = octetsOf(text);
  const last = frameRequests(createRequestState(limits), octets).at(-1);
  const state = createRequestState(limits);
  const single = Array.from(octets, (octet) => frameRequests(state, Uint8Array.of(octet))).flat();
  const found = last === undefined ? '' : brief(last);
  const again = single.at(-1);
  if (found !== (again === undefined ? '' : brief(again))) throw new Error('splits differ');
  return found;
}

test('RFC 9112 3: a request line of as many octets as are allowed, and of one more', (t) => {
  const limits = { startLineOctets: 20 };
  const rest = '\r\nHost: a\r\n\r\n';
  t.is(lastOf(`GET /123456 HTTP/1.1${rest}`, limits), 'end 33');
  t.is(lastOf(`GET /1234567 HTTP/1.1${rest}`, limits), 'reject 20 414 start-line-octets');
  t.is(lastOf(`\r\nGET /123456 HTTP/1.1${rest}`, limits), 'end 35');
  t.is(lastOf(`\r\nGET /1234567 HTTP/1.1${rest}`, limits), 'reject 22 414 start-line-octets');
  t.is(lastOf('x'.repeat(21), limits), 'reject 20 414 start-line-octets');
  t.is(lastOf('x'.repeat(20), limits), '');
});

test('PRISM-CTRL-13 a head of as many octets as are allowed, and of one more', (t) => {
  const head = 'GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n';
  for (const text of [head, `\r\n${head}`]) {
    t.is(lastOf(text, { headOctets: text.length }), `end ${text.length}`);
    for (let octets = text.length - 8; octets < text.length; octets += 1) {
      t.regex(lastOf(text, { headOctets: octets }), /^reject [0-9]+ 431 head-octets$/);
    }
  }
});

test('RFC 6585 5: as many fields as are allowed, and one more', (t) => {
  const line = 'GET / HTTP/1.1\r\nHost: a\r\n';
  t.is(lastOf(`${line}X: y\r\nX: y\r\n\r\n`, { fields: 3 }), 'end 39');
  t.is(lastOf(`${line}X: y\r\nX: y\r\nX: y\r\n\r\n`, { fields: 3 }), 'reject 37 431 field-count');
});

test('RFC 9112 7.1.2: trailers have the limits of a head', (t) => {
  const start = `${CHUNKED}0\r\n`;
  const at = start.length;
  t.is(lastOf(`${start}X: y\r\nX: y\r\n\r\n`, { fields: 2 }), `end ${at + 14}`);
  t.is(
    lastOf(`${start}X: y\r\nX: y\r\nX: y\r\n\r\n`, { fields: 2 }),
    `reject ${at + 12} 431 field-count`,
  );
  const size = CHUNKED.length;
  t.is(
    lastOf(`${start}X: ${'y'.repeat(size - 7)}\r\n\r\n`, { headOctets: size }),
    `end ${at + size}`,
  );
  const reject = `reject ${at + size - 2} 431 head-octets`;
  t.is(lastOf(`${start}X: ${'y'.repeat(size)}\r\n\r\n`, { headOctets: size }), reject);
});

test('RFC 9110 15.5.14: as much content as is allowed, and one octet more', (t) => {
  const post = (length: number): string =>
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;
  t.is(lastOf(`${post(5)}abcde`, { contentOctets: 5 }), 'end 52');
  t.is(lastOf(post(6), { contentOctets: 5 }), 'reject 0 413 content-octets');
  t.is(lastOf(`\r\n${post(6)}`, { contentOctets: 5 }), 'reject 2 413 content-octets');
  const at = CHUNKED.length;
  t.is(
    lastOf(`${CHUNKED}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`, { contentOctets: 5 }),
    `end ${at + 20}`,
  );
  t.is(
    lastOf(`${CHUNKED}3\r\nabc\r\n3\r\ndef`, { contentOctets: 5 }),
    `reject ${at + 8} 413 content-octets`,
  );
});

test('RFC 9110 15.5.14: a response that lasts until the connection closes has the limit too', (t) => {
  const state = createResponseState({ contentOctets: 5 });
  expectResponse(state, { method: 'GET', upgrade: false });
  t.is(frameResponses(state, octetsOf('HTTP/1.0 200 \r\n\r\nabc')).length, 2);
  t.deepEqual(frameResponses(state, octetsOf('def')).map(brief), [
    'body 20-22',
    'reject 22 502 content-octets',
  ]);
});

test('RFC 9112 7.1.1: chunk extensions are counted over the whole message', (t) => {
  const limits = { chunkExtensionOctets: 4 };
  const at = CHUNKED.length;
  t.is(lastOf(`${CHUNKED}1;a\r\na\r\n0;b\r\n\r\n`, limits), `end ${at + 15}`);
  t.is(
    lastOf(`${CHUNKED}1;a\r\na\r\n0;bc\r\n`, limits),
    `reject ${at + 8} 413 chunk-extension-octets`,
  );
  t.is(
    lastOf(`${CHUNKED}1;${'a'.repeat(30)}`, limits),
    `reject ${at + 20} 413 chunk-extension-octets`,
  );
  t.is(
    lastOf(`${CHUNKED}${'0'.repeat(19)}1`, { chunkExtensionOctets: 0 }),
    `reject ${at + 16} 413 chunk-extension-octets`,
  );
});

test('content and extensions are counted anew for each message', (t) => {
  const text = `${CHUNKED}3;a=b\r\nabc\r\n0\r\n\r\n`;
  const limits = { contentOctets: 3, chunkExtensionOctets: 4 };
  t.is(lastOf(text + text, limits), `end ${2 * text.length}`);
});

for (const [name, start, endless] of [
  ['request line', '', 'a'],
  ['field', 'GET / HTTP/1.1\r\nHost: a\r\nX: ', 'y'],
  ['head', 'GET / HTTP/1.1\r\nHost: a\r\n', 'X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n'],
  ['chunk line', `${CHUNKED}1;`, 'a'],
  ['chunk size', CHUNKED, '0'],
  ['trailer', `${CHUNKED}0\r\nX: `, 'y'],
] as const) {
  test(`PRISM-CTRL-13 an endless ${name} is rejected, kept once, and no octet of it scanned twice`, (t) => {
    const limits = {
      headOctets: 4096,
      startLineOctets: 2048,
      chunkExtensionOctets: 2048,
      fields: 50,
    };
    const state = createRequestState(limits);
    frameRequests(state, octetsOf(start));
    const unit = octetsOf(endless);
    for (let sent = 0; state.phase !== 'rejected'; sent += 1) {
      if (sent > 5000) return t.fail('not rejected');
      frameRequests(state, unit.subarray(sent % unit.length, (sent % unit.length) + 1));
      const { section } = state;
      if (section.length - section.scanned > 1) return t.fail('scanned again');
      if (section.kept.length > 4098) return t.fail('too much is kept');
    }
    t.is(state.section.kept.length, 0);
    return t.pass();
  });
}

test('one huge portion is not kept beyond the limit', (t) => {
  const state = createRequestState();
  frameRequests(state, octetsOf('GET'));
  const events = frameRequests(state, new Uint8Array(1_000_000).fill(97));
  t.deepEqual(events.map(brief), [
    `reject ${DEFAULT_LIMITS.startLineOctets} 414 start-line-octets`,
  ]);
});

test('lines of any length around the limits are decided the same in any two pieces', (t) => {
  fc.assert(
    fc.property(fc.nat(40), fc.nat(40), fc.nat(90), (target, value, at) => {
      const text = `GET /${'a'.repeat(target)} HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(value)}\r\n\r\n`;
      const limits = { startLineOctets: 30, headOctets: 64 };
      const octets = octetsOf(text);
      const whole = frameRequests(createRequestState(limits), octets).map(brief);
      const state = createRequestState(limits);
      const first = frameRequests(state, octets.subarray(0, at));
      const second = frameRequests(state, octets.subarray(at));
      t.deepEqual([...first, ...second].map(brief), whole);
      const isGood = target + 14 <= 30 && text.length <= 64;
      t.is(whole.at(-1)?.split(' ')[0], isGood ? 'end' : 'reject');
    }),
    runs(500),
  );
});
