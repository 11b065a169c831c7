/** The judge of stories: each kind of fault is seen, and what HTTP allows is none. */
import test from 'ava';
import type { ClientOutcome, Execution, PolicyRoute } from '../../../conformance/driver/system.ts';
import {
  answersFault,
  boundFault,
  consumedFault,
  executionFault,
  prefixFault,
  remnantFault,
  rulesFault,
  statusesOf,
  waitFault,
} from '../../../conformance/system/judge.ts';
import { answeredOctets, readAsk, readAsks } from '../../../conformance/system/request.ts';
import { answerTo } from '../../../conformance/traffic/site.ts';

const POLICY: readonly PolicyRoute[] = [
  { pathPrefix: '/a', backends: ['b1'] },
  { pathPrefix: '/b', backends: ['b2'] },
];
const ASKS = readAsks('GET /a/3, HEAD /b/5, POST /a/2 with 4 octets');
/** Written by hand. */
const ANSWERS = [
  'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-Backend: b1\r\n\r\nb1 ',
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Backend: b2\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Backend: b1\r\n\r\nb1',
];
const WHOLE = ANSWERS.join('');

function outcome(text: string, more: Partial<ClientOutcome> = {}): ClientOutcome {
  const received = new TextEncoder().encode(text);
  return { received, end: 'finished', endMs: 10, lastOctetMs: 9, ...more };
}

function executions(...all: readonly (readonly [string, 'b1' | 'b2'])[]): readonly Execution[] {
  return all.map(([words, backend]) => {
    const { method, target, content } = readAsk(words);
    return { backend, method, target, content, atMs: 1 };
  });
}

test('the site answers what is written here', (t) => {
  const text = (...words: Parameters<typeof answerTo>): string | undefined =>
    new TextDecoder().decode(answerTo(...words));
  t.is(text('b1', 'GET', '/a/3'), ANSWERS[0]);
  t.is(text('b2', 'HEAD', '/b/5'), ANSWERS[1]);
  t.is(
    text('b1', 'GET', '/a/4?chunked&last'),
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\nX-Backend: b1\r\n\r\n' +
      '4\r\nb1 G\r\n0\r\n\r\n',
  );
  t.is(text('b2', 'GET', '/b/4?status=204'), 'HTTP/1.1 204 No Content\r\nX-Backend: b2\r\n\r\n');
});

test('requests are the octets that their words say', (t) => {
  const text = (words: string): string => new TextDecoder().decode(readAsk(words).octets);
  t.is(text('GET /a/3'), 'GET /a/3 HTTP/1.1\r\nHost: site.test\r\n\r\n');
  t.is(
    text('GET /x for b.test with cookie k=v closing'),
    'GET /x HTTP/1.1\r\nHost: b.test\r\nCookie: k=v\r\nConnection: close\r\n\r\n',
  );
  t.regex(text('POST /a with 0 octets'), /\r\nContent-Length: 0\r\n\r\n$/u);
  t.regex(
    text('POST /a with 2 octets in chunks'),
    /chunked\r\n\r\n1\r\n.\r\n1\r\n.\r\n0\r\n\r\n$/su,
  );
  t.is(
    readAsks('3 times GET /a/1/#')
      .map(({ target }) => target)
      .join(),
    '/a/1/0,/a/1/1,/a/1/2',
  );
  t.throws(() => readAsk('GET'));
  t.throws(() => readAsk('GET /a quickly'));
});

test('all answers, whole and in order, are no fault', (t) => {
  t.is(answersFault(outcome(WHOLE), ASKS, POLICY), undefined);
  t.is(answeredOctets(POLICY, ASKS), WHOLE.length);
});

test('100 before an answer is no fault', (t) => {
  const received = `HTTP/1.1 100 Continue\r\n\r\n${WHOLE}`;
  t.is(answersFault(outcome(received), ASKS, POLICY), undefined);
});

for (const [name, text] of [
  ['an octet that is missing at the end', WHOLE.slice(0, -1)],
  ['an octet too many', `${WHOLE}x`],
  ['an octet that is wrong', WHOLE.replace('b1 ', 'b2 ')],
  ['answers in another order', [ANSWERS[2], ANSWERS[1], ANSWERS[0]].join('')],
  ['an answer that comes twice', `${ANSWERS[0]}${WHOLE}`],
  ['no answer', ''],
] as const) {
  test(`${name} is a fault`, (t) => {
    t.not(answersFault(outcome(text), ASKS, POLICY), undefined);
  });
}

test('whole answers and a close are a prefix, and nothing else is', (t) => {
  const prefix = `${ANSWERS[0]}${ANSWERS[1]}`;
  t.is(prefixFault(outcome(prefix), ASKS, POLICY), undefined);
  t.not(prefixFault(outcome(prefix, { end: 'open' }), ASKS, POLICY), undefined);
  t.not(prefixFault(outcome(prefix, { end: 'reset' }), ASKS, POLICY), undefined);
  t.not(prefixFault(outcome(prefix.slice(0, -1)), ASKS, POLICY), undefined);
  t.not(prefixFault(outcome(''), ASKS, POLICY), undefined);
});

test('of parts that died a client may see a part of an answer, or 5xx, and no other octet', (t) => {
  t.is(remnantFault(outcome(WHOLE.slice(0, 70)), ASKS, POLICY), undefined);
  t.is(remnantFault(outcome(`${ANSWERS[0]}HTTP/1.1 503 No\r\n\r\n`), ASKS, POLICY), undefined);
  t.is(remnantFault(outcome(''), ASKS, POLICY), undefined);
  t.not(remnantFault(outcome(`${ANSWERS[0]}HTTP/1.1 404 No\r\n\r\n`), ASKS, POLICY), undefined);
  t.not(remnantFault(outcome(`${WHOLE}HTTP/1.1 503 No\r\n\r\n`), ASKS, POLICY), undefined);
  t.not(remnantFault(outcome(`${ANSWERS[0]}xx`), ASKS, POLICY), undefined);
});

test('each request is executed once, by the backend of the policy', (t) => {
  const all = executions(
    ['GET /a/3', 'b1'],
    ['HEAD /b/5', 'b2'],
    ['POST /a/2 with 4 octets', 'b1'],
  );
  const fault = (done: readonly Execution[], exactly: boolean): unknown =>
    executionFault({ executions: done }, [[ASKS]], POLICY, exactly);
  t.is(fault(all, true), undefined);
  t.not(fault(all.slice(1), true), undefined);
  t.is(fault(all.slice(1), false), undefined);
  t.not(fault([...all, ...all.slice(0, 1)], false), undefined);
  t.not(fault([...all.slice(1), ...executions(['GET /a/3', 'b2'])], false), undefined);
});

test('what a server got is what a client sent', (t) => {
  const seen = (done: readonly Execution[]): unknown =>
    consumedFault(
      { clients: [], executions: done, frames: [], messages: [], notes: [], rules: 0, endMs: 0 },
      [[ASKS]],
    );
  t.is(seen(executions(['POST /a/2 with 4 octets', 'b1'])), undefined);
  t.not(seen(executions(['POST /a/2 with 3 octets', 'b1'])), undefined);
  t.not(seen(executions(['GET /a/hidden', 'b1'])), undefined);
});

test('a rule that is left is a fault', (t) => {
  const none = { clients: [], executions: [], frames: [], messages: [], notes: [], endMs: 0 };
  t.is(rulesFault({ ...none, rules: 0 }), undefined);
  t.not(rulesFault({ ...none, rules: 1 }), undefined);
});

test('an octet, a FIN or a RST in time is within the bound, and a timeout is not', (t) => {
  const hello = { bounds: { answerMs: 100, ruleMs: 1, headMs: 1 } };
  const at = (more: Partial<ClientOutcome>): unknown =>
    boundFault(outcome('', { lastOctetMs: undefined, ...more }), 0, hello);
  t.is(at({ end: 'finished', endMs: 100 }), undefined);
  t.is(at({ end: 'reset', endMs: 100 }), undefined);
  t.is(at({ end: 'open', endMs: 9000, lastOctetMs: 100 }), undefined);
  t.not(at({ end: 'open', endMs: 9000 }), undefined);
  t.not(at({ end: 'timeout', endMs: 50 }), undefined);
  t.not(at({ end: 'finished', endMs: 101 }), undefined);
});

test('who has not all answers has an end in time, and who has them may stay', (t) => {
  const hello = { bounds: { answerMs: 100, ruleMs: 1, headMs: 1 } };
  const wait = (text: string, more: Partial<ClientOutcome>): unknown =>
    waitFault(outcome(text, more), ASKS, POLICY, hello);
  const part = WHOLE.slice(0, 90);
  t.is(wait(WHOLE, { end: 'open', endMs: 9000 }), undefined);
  t.is(wait(part, { end: 'reset', endMs: 150, lastOctetMs: 60 }), undefined);
  t.not(wait(part, { end: 'reset', endMs: 170, lastOctetMs: 60 }), undefined);
  t.not(wait(part, { end: 'open', endMs: 150, lastOctetMs: 60 }), undefined);
  t.not(wait(part, { end: 'timeout', endMs: 150, lastOctetMs: 60 }), undefined);
});

test('statuses are those of the heads', (t) => {
  t.deepEqual(statusesOf(outcome(`${WHOLE}HTTP/1.1 503 No\r\n\r\n`)), [200, 200, 200, 503]);
});
