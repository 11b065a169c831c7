import test from 'ava';
import fc from 'fast-check';
import { createLogReader, parseLogLine } from '../../../reference/study/access-log.ts';
import { runs } from '../../runs.ts';

const COMMON = '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326';

function request(path: string, octets: number): ReturnType<typeof parseLogLine> {
  return { kind: 'request', path, octets };
}

test('Common and Combined Log Format are read', (t) => {
  t.deepEqual(parseLogLine(COMMON), request('/a.gif', 2326));
  t.deepEqual(parseLogLine(`${COMMON} "http://e.org/" "Mozilla/4.08"`), request('/a.gif', 2326));
  const line = (middle: string, tail = '200 5'): string => `h - - [t] "${middle}" ${tail}`;
  t.deepEqual(parseLogLine(line('GET /a?b=1 HTTP/1.1')), request('/a?b=1', 5));
  t.deepEqual(parseLogLine(line('GET /a')), request('/a', 5));
  t.deepEqual(parseLogLine(line('GET /a b HTTP/1.0')), request('/a b', 5));
  t.deepEqual(parseLogLine(line('GET /\\"a HTTP/1.0')), request('/\\"a', 5));
  t.deepEqual(parseLogLine(line('GET /a\\\\')), request('/a\\\\', 5));
  t.deepEqual(parseLogLine(line('GET /\\\\\\"a')), request('/\\\\\\"a', 5));
  t.deepEqual(parseLogLine(line('GET /a HTTP/1.0', '304 -')), request('/a', 0));
  t.deepEqual(parseLogLine('::1 - a user [x] [t] "GET / HTTP/1.0" 200 1'), request('/', 1));
});

test('what asks for no file is neither a request nor bad', (t) => {
  for (const [first, status] of [
    ['POST /a HTTP/1.1', '200'],
    ['HEAD /a HTTP/1.1', '200'],
    ['GET /a HTTP/1.1', '404'],
    ['GET /a HTTP/1.1', '302'],
    ['-', '408'],
    ['\\x16\\x03', '400'],
    ['GET  HTTP/1.1', '200'],
  ]) {
    t.deepEqual(parseLogLine(`h - - [t] "${first}" ${status} 7`), { kind: 'other' }, first);
  }
});

test('a line in another format says what it lacks', (t) => {
  const why = (line: string): string => {
    const read = parseLogLine(line);
    return read.kind === 'bad' ? read.why : read.kind;
  };
  t.is(why(''), 'no [time] before a "request"');
  t.is(why('GET / HTTP/1.0'), 'no [time] before a "request"');
  t.is(why('h - [t] "GET / HTTP/1.0" 200 1'), 'no host, identity and user');
  t.is(why('h - - [t] "GET / HTTP/1.0 200 1'), 'the request has no closing quotation mark');
  t.is(why('h - - [t] "GET / HTTP/1.0" 2000 1'), 'no status of three digits after the request');
  t.is(why('h - - [t] "GET / HTTP/1.0" 200 x'), 'no number of octets after the status');
  t.is(why('h - - [t] "GET / HTTP/1.0" 200'), 'no number of octets after the status');
});

test('any text is read as something, and what was written is read again', (t) => {
  const pieces = fc.constantFrom(
    'h',
    ' - ',
    '- ',
    '[',
    ']',
    ' [t] "',
    '"',
    'GET /',
    ' HTTP/',
    '200',
  );
  const lines = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(lines, (line) => {
      t.true(['request', 'other', 'bad'].includes(parseLogLine(line).kind));
    }),
    runs(1000),
  );
  const paths = fc.stringMatching(/^\/[\w.~%?=/-]{0,30}$/u);
  fc.assert(
    fc.property(paths, fc.nat(), (path, octets) => {
      const line = `h - - [t] "GET ${path} HTTP/1.1" 200 ${octets} "-" "-"`;
      t.deepEqual(parseLogLine(line), request(path, octets));
    }),
    runs(300),
  );
});

test('a file has the size of its largest answer, and one of unknown size is left out', (t) => {
  const reader = createLogReader();
  for (const [path, tail] of [
    ['/a', '206 100'],
    ['/b', '304 -'],
    ['/a', '200 2000'],
    ['/c', '304 0'],
    ['/a', '304 -'],
    ['/b', '200 7'],
  ]) {
    reader.take(`h - - [t] "GET ${path} HTTP/1.1" ${tail}`);
  }
  reader.take('h - - [t] "POST /a HTTP/1.1" 200 9');
  reader.take('nonsense');
  reader.refuse('longer than allowed');
  const { trace, tally } = reader.finish();
  t.deepEqual([...trace.requests], [0, 1, 0, 0, 1]);
  t.deepEqual([...trace.sizes], [2000, 7, 0]);
  t.deepEqual(tally, {
    lines: 9,
    requests: 5,
    others: 1,
    unsized: 1,
    bad: 2,
    firstBad: [
      { line: 8, why: 'no [time] before a "request"' },
      { line: 9, why: 'longer than allowed' },
    ],
  });
});

test('of many bad lines all are counted and the first five named', (t) => {
  const reader = createLogReader();
  for (let line = 0; line < 100; line += 1) reader.take('nonsense');
  const { tally } = reader.finish();
  t.is(tally.bad, 100);
  t.deepEqual(
    tally.firstBad.map(({ line }) => line),
    [1, 2, 3, 4, 5],
  );
});

test('more requests than the first piece of memory holds are all there, in order', (t) => {
  const reader = createLogReader();
  const count = 200_000;
  for (let at = 0; at < count; at += 1) {
    reader.take(`h - - [t] "GET /${at % 1000} HTTP/1.1" 200 1`);
  }
  const { requests } = reader.finish().trace;
  t.is(requests.length, count);
  t.true(requests.every((file, at) => file === at % 1000));
});
