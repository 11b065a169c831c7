/** A request that is changed so that the server closes after its answer. RFC 9112 section 9.6. */
import test from 'ava';
import { askToClose } from '../../../reference/http/ask-to-close.ts';

const encoder = new TextEncoder();

function asked(...parts: readonly string[]): string {
  return new TextDecoder().decode(askToClose(parts.map((part) => encoder.encode(part))));
}

test('the field is the last of the head, wherever the octets are cut', (t) => {
  const request = 'POST /a HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\nx\r\n\r\ny';
  const wanted =
    'POST /a HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nConnection: close\r\n\r\nx\r\n\r\ny';
  for (let at = 0; at <= request.length; at += 1) {
    t.is(asked(request.slice(0, at), request.slice(at)), wanted);
  }
});

test('an empty line before the request stays there', (t) => {
  t.is(
    asked('\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n'),
    '\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  );
});

test('octets without a whole head are as they were', (t) => {
  t.is(asked('GET / HTTP/1.1\r\nHost: a\r\n'), 'GET / HTTP/1.1\r\nHost: a\r\n');
  t.is(asked(), '');
});
