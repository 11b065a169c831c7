/** The Host field of a request whose target names its host. RFC 9112 section 3.2.2. */
import test from 'ava';
import fc from 'fast-check';
import { parseRequestHead } from '../../../reference/http/request-head.ts';
import { hostToSay, replaceHost } from '../../../reference/http/replace-host.ts';
import { runs } from '../../runs.ts';
import { cut, octetsOf } from './bed.ts';

/** What the field of a head has to say. */
function saidFor(text: string): string | undefined {
  const head = parseRequestHead(text);
  if (!head.ok) throw new Error(head.error.reason);
  return hostToSay(head.value);
}

test('the target says the host, whatever the field says', (t) => {
  t.is(saidFor('GET http://A.example/ HTTP/1.1\r\nHost: b'), 'a.example');
  t.is(saidFor('GET http://a:81/ HTTP/1.1\r\nHost: a'), 'a:81');
  t.is(saidFor('GET http://[::1]:81/ HTTP/1.1\r\nHost: a'), '[::1]:81');
});

test('a field that says the same stays, and where there is none, none comes', (t) => {
  t.is(saidFor('GET http://a:81/ HTTP/1.1\r\nHost: A:81'), undefined);
  t.is(saidFor('GET http://a/ HTTP/1.0\r\nAccept: b'), undefined);
  t.is(saidFor('GET / HTTP/1.1\r\nHost: b'), undefined);
  t.is(saidFor('CONNECT a:1 HTTP/1.1\r\nHost: b'), undefined);
});

test('nothing but the field changes, wherever the octets are cut', (t) => {
  const head = 'POST http://a/ HTTP/1.1\r\nX-Host: x\r\n';
  const rest = '\r\nContent-Length: 9\r\n\r\n\r\nHost: y\r\n\r\n';
  fc.assert(
    fc.property(
      fc.constantFrom('Host: b', 'host:b', 'HOST:  b:81 ', 'hOsT: '),
      fc.array(fc.nat(90)),
      (field, ends) => {
        const parts = cut(octetsOf(head + field + rest), ends);
        const said = String.fromCodePoint(...replaceHost(parts, 'a'));
        t.is(said, `${head}Host: a${rest}`);
      },
    ),
    runs(300),
  );
});
