/** What the judge makes of answers that a proxy has passed on. */
import test from 'ava';
import { answerersOf, httpAnswersFault } from '../../../conformance/balancer/http-answers.ts';
import { SERVERS } from '../../../conformance/driver/balancer.ts';
import { readAsks } from '../../../conformance/system/request.ts';
import { concat } from '../../../conformance/traffic/octets.ts';
import { answerTo } from '../../../conformance/traffic/site.ts';

const ASKS = readAsks('GET /a/100, HEAD /b/10, GET /c/2500?chunked');
const ANSWERS = [
  answerTo('s1', 'GET', '/a/100'),
  answerTo('s2', 'HEAD', '/b/10'),
  answerTo('s1', 'GET', '/c/2500?chunked'),
];

function faultOf(received: Uint8Array, end: 'open' | 'finished' | 'reset' = 'open') {
  return httpAnswersFault({ received, end }, ASKS, () => SERVERS)?.observed;
}

/** The same octets with one text for another. */
function edited(octets: Uint8Array, from: string, to: string): Uint8Array {
  const text = new TextDecoder('latin1').decode(octets);
  return Uint8Array.from(text.replace(from, to), (letter) => letter.charCodeAt(0));
}

test('answers as the site gives them, and with other framing, have no fault', (t) => {
  const received = concat(...ANSWERS);
  t.is(faultOf(received), undefined);
  t.deepEqual(answerersOf({ received, end: 'open' }, ASKS), ['s1', 's2', 's1']);
  const chunked = edited(received, 'Content-Length: 100\r\n', 'Transfer-Encoding: chunked\r\n');
  const inChunks = edited(
    edited(chunked, '\r\n\r\ns1', '\r\n\r\n64\r\ns1'),
    'HTTP/1.1 200 OK\r\nContent-Length: 10',
    '\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 10',
  );
  t.is(faultOf(inChunks), undefined);
  t.is(faultOf(edited(received, 'X-Backend: s2', 'Via: 1.1 x\r\nx-backend:s2')), undefined);
});

test('an answer of another server than allowed is a fault', (t) => {
  const received = concat(...ANSWERS);
  const fault = httpAnswersFault({ received, end: 'open' }, ASKS, () => ['s1', 's3']);
  t.deepEqual(fault, { expected: 'HEAD /b/10 answered by s1 or s3', observed: 'by s2' });
});

test('an answer that is missing, cut, changed, swapped or doubled is a fault', (t) => {
  const [first, second, third] = ANSWERS;
  if (first === undefined || second === undefined || third === undefined) throw new Error();
  t.is(faultOf(concat(first, second)), '2 of 3 answers; the connection is open');
  t.is(faultOf(concat(first, second), 'reset'), '2 of 3 answers; the connection is reset');
  t.is(faultOf(concat(first, second, third.subarray(0, -7))), '2500 octets of 2500');
  t.is(faultOf(edited(concat(...ANSWERS), 'GET /a/100', 'GET /b/100')), '100 other octets of s1');
  t.is(faultOf(concat(third, second, first)), '2500 other octets of s1');
  t.regex(faultOf(concat(...ANSWERS, second)) ?? '', /^behind the last answer/u);
  t.is(faultOf(edited(first, '200 OK', '500 No')), 'status 500');
  const nobody = 'status 200 of no server';
  t.is(faultOf(edited(first, 'X-Backend: s1', 'X-Backend: s9')), nobody);
  t.is(faultOf(edited(first, 'X-Backend: s1', 'X-Backend: s1\r\nX-Backend: s2')), nobody);
});

test('a connection that was never begun is a fault', (t) => {
  t.is(httpAnswersFault(undefined, ASKS, () => SERVERS)?.expected, 'a connection');
});
