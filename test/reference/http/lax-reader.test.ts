/**
 * The negative control: http-parser-js is known to take CL+TE and a bare LF. A table of rejected
 * requests that it passed would show nothing.
 */
import test from 'ava';
import { HTTPParser } from 'http-parser-js';
import { octetsOf } from './bed.ts';
import { REJECTED } from './cases.ts';

/** Whether http-parser-js reads at least one whole request, and nothing that it objects to. */
function isTaken(text: string): boolean {
  const parser = new HTTPParser(HTTPParser.REQUEST);
  let ends = 0;
  parser[HTTPParser.kOnHeadersComplete] = (): void => undefined;
  parser[HTTPParser.kOnMessageComplete] = (): void => void (ends += 1);
  const result = parser.execute(Buffer.from(octetsOf(text)));
  return typeof result === 'number' && ends > 0;
}

test('a lax reader takes much of what is rejected here', (t) => {
  t.true(isTaken('GET / HTTP/1.1\r\nHost: a\r\n\r\n'), 'it reads at all');
  const taken = REJECTED.filter(({ text }) => isTaken(text)).map(({ name }) => name);
  for (const name of [
    'RFC 9112 6.1: Content-Length, then Transfer-Encoding',
    'RFC 9112 6.1: Transfer-Encoding, then Content-Length',
    'RFC 9112 2.2: LF alone ends a field line',
    'RFC 9112 5.1: a space before the colon',
    'RFC 9110 8.6: the same length twice',
  ]) {
    t.true(taken.includes(name), name);
  }
  t.true(taken.length >= 40, `${taken.length} of ${REJECTED.length}`);
});
