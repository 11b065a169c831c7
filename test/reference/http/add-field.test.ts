/** A field more in a response: the client sees it once, and nothing else changes. */
import test from 'ava';
import fc from 'fast-check';
import { createFieldAdder } from '../../../reference/http/add-field.ts';
import { runs } from '../../runs.ts';
import { response } from './arbitrary.ts';
import { cut, octetsOf } from './bed.ts';

const FIELD = 'Set-Cookie: SRV=b1; path=/\r\n';

/** What comes of a text in pieces that end at `ends`. */
function added(text: string, ends: readonly number[] = []): string {
  const add = createFieldAdder('Set-Cookie', 'SRV=b1; path=/');
  const pieces = cut(octetsOf(text), ends).map((piece) => String.fromCodePoint(...add(piece)));
  return pieces.join('');
}

test('the field is the last of the head, and what follows the head stays', (t) => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n';
  t.is(added(`${head}\r\n\r\n\r\n`), `${head}${FIELD}\r\n\r\n\r\n`);
  t.is(added('HTTP/1.1 204 No Content\r\n\r\n'), `HTTP/1.1 204 No Content\r\n${FIELD}\r\n`);
  t.is(added('HTTP/1.0 304\r\n\r\n'), `HTTP/1.0 304\r\n${FIELD}\r\n`);
});

test('interim responses stay as they are, and so does what comes before their end', (t) => {
  const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
  t.is(added(interim), interim);
  t.is(added(`${interim}HTTP/1.1 200 OK\r\n\r\n`), `${interim}HTTP/1.1 200 OK\r\n${FIELD}\r\n`);
  const add = createFieldAdder('A', 'b');
  const whole = octetsOf('HTTP/1.1 100 Continue\r\n\r\n');
  t.deepEqual(add(whole), whole, 'a client that waits for it gets all of it');
});

test('a response that upgrades is final', (t) => {
  const head = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n';
  t.is(added(`${head}\r\n\r\n\r\n`), `${head}${FIELD}\r\n\r\n\r\n`);
});

test('any response has the field once, however it is cut', (t) => {
  const interim = fc.array(
    fc.constantFrom('HTTP/1.1 100 \r\n\r\n', 'HTTP/1.1 103\r\nA: b\r\n\r\n'),
  );
  const ends = fc.array(fc.nat(400), { maxLength: 12 });
  fc.assert(
    fc.property(interim, response, ends, (before, { head, body }, at) => {
      const first = before.join('');
      const withField = `${head.slice(0, -2)}${FIELD}\r\n`;
      t.is(added(first + head + body, at), first + withField + body);
    }),
    runs(1000),
  );
});
