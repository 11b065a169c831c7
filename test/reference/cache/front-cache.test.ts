import test from 'ava';
import fc from 'fast-check';
import { createFrontCache, type FrontCache } from '../../../reference/cache/front-cache.ts';
import { parseRequestHead, type RequestHead } from '../../../reference/http/request-head.ts';

const LIMITS = { octetsMax: 10_000, entryOctetsMax: 2000 };
const NOW = Date.UTC(2026, 0, 1);
const FRESH = 'Cache-Control: max-age=60';

function octets(letters: string): Uint8Array {
  return Uint8Array.from(letters, (letter) => letter.codePointAt(0) ?? 0);
}

function text(stored: Uint8Array | undefined): string | undefined {
  return stored && new TextDecoder('latin1').decode(stored);
}

function request(line: string, ...fields: readonly string[]): RequestHead {
  const host = /http:\/\/(?<host>[^/]+)/u.exec(line)?.groups?.['host'] ?? 'a.test';
  const head = parseRequestHead([`${line} HTTP/1.1`, `Host: ${host}`, ...fields].join('\r\n'));
  if (!head.ok) throw new Error(head.error.reason);
  return head.value;
}

function response(content: string, ...fields: readonly string[]): Uint8Array {
  const length = `Content-Length: ${content.length}`;
  return octets(['HTTP/1.1 200 OK', ...fields, length, '', content].join('\r\n'));
}

const GET = request('GET /a');

/** What is found for `again` when `asked` was answered so, a second later. */
function found(
  answered: Uint8Array,
  asked: RequestHead = GET,
  again: RequestHead = asked,
): string | undefined {
  const cache = createFrontCache(LIMITS);
  cache.record(asked, NOW).push(answered);
  return text(cache.find(again, NOW + 1000));
}

test('what is fresh is found, with its age and its own fields', (t) => {
  t.is(
    found(response('hello', FRESH, 'X-Backend: b1', 'Connection: X-Hop', 'X-Hop: 1', 'Age: 3')),
    `HTTP/1.1 200 OK\r\n${FRESH}\r\nX-Backend: b1\r\nContent-Length: 5\r\nAge: 4\r\n\r\nhello`,
  );
  const closing = request('GET /a', 'Connection: close');
  t.regex(
    found(response('hello', FRESH), GET, closing) ?? '',
    /\r\nConnection: close\r\n\r\nhello$/u,
  );
});

// RFC 9111 section 3, and what this cache does not take on itself.
const UNKEPT: readonly (readonly [string, readonly string[]])[] = [
  ['no-store', ['Cache-Control: max-age=60, no-store']],
  ['no-store in another field', [FRESH, 'Cache-Control: No-Store']],
  ['private', ['Cache-Control: private, max-age=60']],
  ['private for a field', ['Cache-Control: private="Set-Cookie, X", max-age=60']],
  ['no-cache', ['Cache-Control: no-cache, max-age=60']],
  ['nothing said', []],
  ['max-age 0', ['Cache-Control: max-age=0']],
  ['no number', ['Cache-Control: max-age=soon']],
  ['s-maxage before max-age', ['Cache-Control: max-age=60, s-maxage=0']],
  ['the first of two', ['Cache-Control: max-age=0, max-age=60']],
  ['old already', [FRESH, 'Age: 60']],
  ['of long ago', [FRESH, `Date: ${new Date(NOW - 61_000).toUTCString()}`]],
  ['expired', [`Date: ${new Date(NOW).toUTCString()}`, `Expires: ${new Date(NOW).toUTCString()}`]],
  ['Expires 0', [`Date: ${new Date(NOW).toUTCString()}`, 'Expires: 0']],
  ['Set-Cookie', [FRESH, 'Set-Cookie: a=b']],
  ['Vary: *', [FRESH, 'Vary: X, *']],
];

for (const [name, fields] of UNKEPT) {
  test(`not kept: ${name}`, (t) => {
    t.is(found(response('hello', ...fields)), undefined);
  });
}

const KEPT: readonly (readonly [string, readonly string[]])[] = [
  ['max-age', [FRESH]],
  ['s-maxage', ['Cache-Control: s-maxage=60, max-age=0']],
  ['a quoted number', ['Cache-Control: max-age="60"']],
  ['a directive nobody knows', ['Cache-Control: x="no-store", max-age=60']],
  [
    'Expires after Date',
    [`Date: ${new Date(NOW).toUTCString()}`, `Expires: ${new Date(NOW + 60_000).toUTCString()}`],
  ],
  ['an enormous age', [`Cache-Control: max-age=${'9'.repeat(400)}`]],
];

for (const [name, fields] of KEPT) {
  test(`kept: ${name}`, (t) => {
    t.regex(found(response('hello', ...fields)) ?? '', /\r\n\r\nhello$/u);
  });
}

test('not kept: another status, chunks, or what ends with its connection', (t) => {
  const framed = [
    'HTTP/1.1 200 OK',
    FRESH,
    'Transfer-Encoding: chunked',
    '',
    '1',
    'a',
    '0',
    '',
    '',
  ];
  t.is(found(octets(framed.join('\r\n'))), undefined);
  t.is(found(octets(`HTTP/1.1 404 Not Found\r\n${FRESH}\r\nContent-Length: 0\r\n\r\n`)), undefined);
  t.is(found(octets(`HTTP/1.1 200 OK\r\n${FRESH}\r\n\r\nhello`)), undefined);
});

test('an interim response is not part of what is kept', (t) => {
  const interim = octets('HTTP/1.1 103 Early Hints\r\nCache-Control: no-store\r\n\r\n');
  t.regex(
    found(Uint8Array.from([...interim, ...response('hello', FRESH)])) ?? '',
    /^HTTP\/1\.1 200 OK\r\nCache-Control: max-age=60\r\nContent/u,
  );
});

test('who asks for something particular is not answered from here, and his answer not kept', (t) => {
  const particular = [
    'Authorization: Basic eA==',
    'Range: bytes=0-1',
    'If-None-Match: "x"',
    'Cache-Control: no-cache',
    'Cache-Control: max-age=0',
    'Cache-Control: no-store',
    'Pragma: no-cache',
  ];
  for (const field of particular) {
    const asked = request('GET /a', field);
    t.is(found(response('hello', FRESH), GET, asked), undefined, field);
    t.is(found(response('hello', FRESH), asked, GET), undefined, field);
  }
});

test('another target, host or method is another resource', (t) => {
  const answered = response('hello', FRESH);
  t.is(found(answered, GET, request('GET /a?b')), undefined);
  t.is(found(answered, GET, request('GET http://b.test/a')), undefined);
  t.is(found(answered, GET, request('HEAD /a')), undefined);
  t.not(found(answered, GET, request('GET http://A.test/a')), undefined);
});

test('what varies is found by who asks alike', (t) => {
  const answered = response('hello', FRESH, 'Vary: Accept-Language, X');
  const german = request('GET /a', 'Accept-Language: de');
  t.is(found(answered, german, GET), undefined);
  t.is(found(answered, german, request('GET /a', 'Accept-Language: de', 'X: 1')), undefined);
  t.not(found(answered, german, request('GET /a', 'accept-language: de', 'Y: 1')), undefined);
});

test('it is found until its time is over', (t) => {
  const cache = createFrontCache(LIMITS);
  cache.record(GET, NOW).push(response('hello', FRESH, 'Age: 10'));
  t.regex(text(cache.find(GET, NOW + 49_999)) ?? '', /\r\nAge: 59\r\n/u);
  t.is(cache.find(GET, NOW + 50_000), undefined);
  t.is(cache.octets(), 0);
});

test('a change is not answered with what was before; a refused one changes nothing', (t) => {
  const after = (status: string): string | undefined => {
    const cache = createFrontCache(LIMITS);
    cache.record(GET, NOW).push(response('hello', FRESH));
    const changed = request('POST /a', 'Content-Length: 0');
    cache.record(changed, NOW).push(octets(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`));
    return text(cache.find(GET, NOW));
  };
  t.is(after('204 No Content'), undefined);
  t.is(after('303 See Other'), undefined);
  t.not(after('403 Forbidden'), undefined);
});

function fill(cache: FrontCache, name: string, size: number): void {
  cache.record(request(`GET /${name}`), NOW).push(response('x'.repeat(size), FRESH));
}

test('the least used goes when there is no more room', (t) => {
  const cache = createFrontCache({ octetsMax: 2500, entryOctetsMax: 2000 });
  fill(cache, 'a', 1000);
  fill(cache, 'b', 1000);
  cache.find(request('GET /a'), NOW);
  fill(cache, 'c', 1000);
  t.deepEqual(
    ['a', 'b', 'c'].map((name) => cache.find(request(`GET /${name}`), NOW) !== undefined),
    [true, false, true],
  );
});

test('however responses come, no more is kept than may be', (t) => {
  const sizes = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(2500)), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(sizes, (filled) => {
      const cache = createFrontCache({ octetsMax: 4000, entryOctetsMax: 2000 });
      for (const [name, size] of filled) {
        fill(cache, name, size);
        t.true(cache.octets() <= 4000);
        const hit = cache.find(request(`GET /${name}`), NOW);
        if (size > 2000) continue;
        if (hit !== undefined) t.is(text(hit)?.split('\r\n\r\n')[1], 'x'.repeat(size));
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('a response is the same however it is cut', (t) => {
  const whole = response('hello, hello', FRESH, 'X: 1');
  fc.assert(
    fc.property(fc.infiniteStream(fc.integer({ min: 1, max: 40 })), (cuts) => {
      const cache = createFrontCache(LIMITS);
      const recorder = cache.record(GET, NOW);
      for (let at = 0; at < whole.length;) {
        const to = at + cuts.next().value;
        t.is(cache.find(GET, NOW), undefined);
        recorder.push(whole.subarray(at, to));
        at = to;
      }
      t.regex(text(cache.find(GET, NOW)) ?? '', /\r\n\r\nhello, hello$/u);
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('no text in Cache-Control takes long, or throws', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii', maxLength: 200 }), (said) => {
      const value = said.replaceAll(/[\r\n\0]/gu, ' ');
      const answered = response('hello', `Cache-Control: ${value}`);
      t.notThrows(() => found(answered));
    }),
    { seed: 1, numRuns: 500 },
  );
  const long = `Cache-Control: ${'a="\\'.repeat(2000)}`;
  t.is(found(response('hello', long)), undefined);
});
