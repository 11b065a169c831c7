import test from 'ava';
import fc from 'fast-check';
import { octetsOf } from '../../../reference/policy/octets.ts';
import {
  NGINX_URLS,
  RAW_URLS,
  RFC3986_URLS,
  type UrlProfile,
} from '../../../reference/policy/url-profile.ts';
import { comparedUrl } from '../../../reference/policy/url-request.ts';
import type { UrlDeclaration } from '../../../reference/policy/url-switch.ts';
import { runs } from '../../runs.ts';
import { requestStream } from '../http/arbitrary.ts';
import { cut } from '../http/bed.ts';
import { headOf, outcomesOf } from './url-bed.ts';
import { DECLARATIONS } from './url-cases.ts';

const DECLARATION: UrlDeclaration = DECLARATIONS.rfc3986;

function get(target: string, host = 'a'): string {
  return `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
}

function outcomes(declaration: UrlDeclaration, ...texts: readonly string[]): string {
  return outcomesOf(declaration, [octetsOf(texts.join(''))]);
}

function hostOf(text: string, profile: UrlProfile): string | undefined {
  const url = comparedUrl(headOf(text), profile);
  return url.ok ? url.value.host : url.error;
}

test('URL-2 the pools of a stream do not depend on how it is cut', (t) => {
  const ends = fc.array(fc.nat(300), { maxLength: 12 });
  const requests = fc.array(
    fc.constantFrom(get('/static/../x'), get('/a.ph%70'), get('/', 'h.example'), get('/api/')),
  );
  fc.assert(
    fc.property(requests, requestStream, ends, (some, more, at) => {
      const octets = octetsOf(some.join('') + more);
      const whole = outcomesOf(DECLARATION, [octets]);
      t.is(outcomesOf(DECLARATION, cut(octets, at)), whole);
      t.true(whole.split(',').length >= some.length);
    }),
    runs(1000),
  );
});

test('URL-14 each request has its pool, or all have that of the first', (t) => {
  const texts = [get('/static/a'), get('/a.php'), get('/x/api/')];
  t.is(outcomes(DECLARATION, ...texts), 'static,php,api');
  t.is(outcomes({ ...DECLARATION, locality: 'connection' }, ...texts), 'static,static,static');
});

test('URL-14 what fits no route binds nothing, and what is refused is refused later too', (t) => {
  const declaration: UrlDeclaration = {
    ...DECLARATION,
    locality: 'connection',
    routes: [{ prefix: '/b', pool: 'x' }],
  };
  const texts = [get('/a'), get('/b'), get('/a'), get('/%zz'), get('/a')];
  t.is(outcomes(declaration, ...texts), 'none,x,x,400,x');
  t.is(outcomes({ ...declaration, locality: 'request' }, ...texts), 'none,x,none,400,none');
});

test('URL-8 the host of the target goes before the field, or as is declared', (t) => {
  const text = get('http://b/', 'a');
  t.is(hostOf(text, RAW_URLS), 'b');
  t.is(hostOf(text, { ...RAW_URLS, absolute: 'field' }), 'a');
  t.is(hostOf(text, { ...RAW_URLS, absolute: 'same' }), 'two-hosts');
  t.is(hostOf(get('http://a:80/', 'a'), { ...RAW_URLS, absolute: 'same' }), 'a');
  t.is(hostOf(get('http://a:443/', 'a'), { ...RAW_URLS, absolute: 'same' }), 'two-hosts');
});

test('URL-8 without a Host field the target says the host, whatever is declared', (t) => {
  for (const absolute of ['target', 'field', 'same'] as const) {
    t.is(hostOf('GET http://b/ HTTP/1.0\r\n\r\n', { ...RAW_URLS, absolute }), 'b');
    t.is(hostOf('GET / HTTP/1.0\r\n\r\n', { ...RAW_URLS, absolute }), undefined);
  }
});

test('the host of CONNECT is that of the target, as its field may lack the port', (t) => {
  const text = 'CONNECT b:443 HTTP/1.1\r\nHost: a\r\n\r\n';
  t.is(hostOf(text, RAW_URLS), 'b:443');
  t.is(hostOf(text, { ...RAW_URLS, absolute: 'field' }), 'a');
  t.is(hostOf(text, { ...RAW_URLS, absolute: 'same' }), 'two-hosts');
});

test('URL-6 ports and dots of hosts are compared as is declared', (t) => {
  const behindTls: UrlProfile = { ...RFC3986_URLS, defaultPort: 443 };
  for (const [host, raw, rfc3986, tls, nginx] of [
    ['A', 'a', 'a', 'a', 'a'],
    ['a:80', 'a:80', 'a', 'a:80', 'a'],
    ['a:443', 'a:443', 'a:443', 'a', 'a'],
    ['a:', 'a', 'a', 'a', 'a'],
    ['a.', 'a.', 'a.', 'a.', 'a'],
    ['a.:80', 'a.:80', 'a.', 'a.:80', 'a'],
    ['.', '.', '.', '.', '.'],
    ['[::A]:80', '[::a]:80', '[::a]', '[::a]:80', '[::a]'],
  ] as const) {
    t.deepEqual(
      [RAW_URLS, RFC3986_URLS, behindTls, NGINX_URLS].map((each) => hostOf(get('/', host), each)),
      [raw, rfc3986, tls, nginx],
      host,
    );
  }
});
