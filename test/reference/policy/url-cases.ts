/**
 * Requests that switches understand differently, and the pool or the status that came of each.
 *
 * HAProxy 2.6.12 and nginx 1.22.1 of Debian 12 were asked on loopback, with ROUTES as
 *
 *   HAProxy   path_beg, path_end, path_sub and hdr(host) -i as conditions of use_backend, in order
 *   nginx     location /static/, ~ \.php$, ~ /api/ and /, and a server of its own for h.example
 *
 * and answers that name the pool. `waits` is a request that is not whole; HAProxy says 408 after
 * 2 s, and nginx closes, as both were told.
 */
import {
  HAPROXY_URLS,
  NGINX_URLS,
  RAW_URLS,
  RFC3986_URLS,
} from '../../../reference/policy/url-profile.ts';
import type { UrlRoute } from '../../../reference/policy/url-route.ts';
import type { UrlDeclaration } from '../../../reference/policy/url-switch.ts';

/** Who was asked. */
export type Peer = 'haproxy' | 'nginx';

/** One stream of a client, and what came of it. */
export interface UrlCase {
  readonly name: string;
  readonly text: string;
  /** From the reference, nothing normalised, the first route counting. */
  readonly raw: string;
  /** From the reference, normalised as RFC 3986 has it, the longest prefix counting. */
  readonly rfc3986: string;
  readonly haproxy: string;
  readonly nginx: string;
  /** Who reads message or field otherwise than the reference, before a profile comes to it. */
  readonly readOtherwise: readonly Peer[];
}

/** What all were told to do. */
export const ROUTES: readonly UrlRoute[] = [
  { prefix: '/static/', pool: 'static' },
  { suffix: '.php', pool: 'php' },
  { substring: '/api/', pool: 'api' },
  { host: 'h.example', pool: 'host' },
  { pool: 'other' },
];

/** The declarations by the columns of the table. */
export const DECLARATIONS: Readonly<Record<Peer | 'raw' | 'rfc3986', UrlDeclaration>> = {
  raw: { profile: RAW_URLS, precedence: 'first', locality: 'request', routes: ROUTES },
  rfc3986: {
    profile: RFC3986_URLS,
    precedence: 'longest-prefix',
    locality: 'request',
    routes: ROUTES,
  },
  haproxy: { profile: HAPROXY_URLS, precedence: 'first', locality: 'request', routes: ROUTES },
  nginx: { profile: NGINX_URLS, precedence: 'nginx', locality: 'request', routes: ROUTES },
};

function get(target: string, host = 'a'): string {
  return `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
}

/** A row: the outcomes in the order raw, RFC 3986, HAProxy, nginx, or one for all. */
function row(
  name: string,
  text: string,
  outcomes: string,
  readOtherwise: readonly Peer[] = [],
): UrlCase {
  const [raw = '', rfc3986 = raw, haproxy = raw, nginx = raw] = outcomes.split(' ');
  return { name, text, raw, rfc3986, haproxy, nginx, readOtherwise };
}

const BOTH: readonly Peer[] = ['haproxy', 'nginx'];

/** The cases in which the text of a route is where it should be, or is not. */
const MATCHING: readonly UrlCase[] = [
  row('a prefix', get('/static/a'), 'static'),
  row('a suffix', get('/a.php'), 'php'),
  row('a substring', get('/a/api/b'), 'api'),
  row('a host', get('/a', 'h.example'), 'host'),
  row('nothing that a route names', get('/a'), 'other'),
  row('a path has case', get('/STATIC/a'), 'other'),
  row('a host has no case', get('/a', 'H.Example'), 'host'),
  row('a prefix in the query', get('/?/static/'), 'other'),
  row('a suffix in the query', get('/a?b.php'), 'other'),
  row('a suffix before the query', get('/a.php?b'), 'php'),
  row('a substring in the query', get('/a?/api/'), 'other'),
  row('dot segments in the query', get('/a?x=/../static/'), 'other'),
  row('a suffix, and a parameter behind it', get('/a.php;j=1'), 'other'),
  row('a prefix and a suffix of two routes', get('/static/a.php'), 'static static static php'),
  row(
    'a host and a prefix of two routes',
    get('/static/a', 'h.example'),
    'static static static host',
  ),
];

/** The cases that a profile is about. */
const READING: readonly UrlCase[] = [
  row('dot segments out of a prefix', get('/static/../x'), 'static other static other'),
  row('dot segments into a prefix', get('/x/../static/a'), 'other static other static'),
  row('dot segments as escapes', get('/static/%2e%2E/x'), 'static other static other'),
  row('dot segments above the root', get('/../static/a'), 'other static other 400'),
  row('dot segments above the root, later', get('/a/../../static/a'), 'other static other 400'),
  row('an unreserved character as an escape', get('/%73tatic/a'), 'other static other static'),
  row('the same in a suffix', get('/a.ph%70'), 'other php other php'),
  row('two slashes', get('//static/a'), 'other other other static'),
  row('two slashes around a substring', get('/a//api//b'), 'api'),
  row('a slash as an escape', get('/static%2Fa'), 'other other other static'),
  row('an escape of an escape', get('/%2573tatic/a'), 'other'),
  row('an escape with other digits', get('/static/%zz'), 'static 400 static 400'),
  row('an escape that is cut off', get('/static/%2'), 'static 400 static 400'),
  row('NUL as an escape', get('/static/%00'), 'static static static 400'),
  row('a question mark as an escape', get('/a%3F.php'), 'php'),
  row('a number sign as an escape', get('/a%23.php'), 'php'),
  row('a host with the default port', get('/a', 'h.example:80'), 'other host other host'),
  row('a host with another port', get('/a', 'h.example:8443'), 'other other other host'),
  row('a host with an empty port', get('/a', 'h.example:'), 'host host other host', ['haproxy']),
  row('a host with a dot', get('/a', 'h.example.'), 'other other other host'),
  row('a host with dot and port', get('/a', 'h.example.:80'), 'other other other host'),
  row('absolute-form with the same host', get('http://h.example/a', 'h.example'), 'host'),
  row('absolute-form with the host in capitals', get('http://H.EXAMPLE/a', 'h.example'), 'host'),
  row('absolute-form without path', get('http://h.example', 'h.example'), 'host'),
  row('absolute-form and a prefix', get('http://a/static/a'), 'static'),
  row('absolute-form with another host', get('http://h.example/a'), 'host host 400 host'),
  row('the same the other way round', get('http://a/a', 'h.example'), 'other other 400 other'),
  row(
    'absolute-form with a port',
    get('http://h.example:80/a', 'h.example'),
    'other host host host',
  ),
  row('OPTIONS *', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', 'other other other 400'),
  row('OPTIONS * of a host', 'OPTIONS * HTTP/1.1\r\nHost: h.example\r\n\r\n', 'host host host 400'),
];

/** The cases that are decided where a message is read, before any route. */
const MESSAGES: readonly UrlCase[] = [
  row('no Host in HTTP/1.1', 'GET /static/a HTTP/1.1\r\n\r\n', '400 400 static 400', ['haproxy']),
  row('two Host fields', 'GET /static/a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', '400'),
  row(
    'the same Host twice',
    'GET /static/a HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n',
    '400 400 static 400',
    ['haproxy'],
  ),
  row('an empty Host', get('/static/a', ''), '400 400 static 400', ['haproxy']),
  row('NUL in the target', get('/static/\0'), '400'),
  row('a space in the target', get('/static/a b'), '400'),
  row('a number sign in the target', get('/static/a#b'), '400 400 400 static', ['nginx']),
  row('no Host in HTTP/1.0', 'GET /static/a HTTP/1.0\r\n\r\n', 'static'),
  row(
    'lines that end in LF alone',
    'GET /static/a HTTP/1.1\nHost: a\n\n',
    '400 400 static static',
    BOTH,
  ),
  row(
    'Content-Length and Transfer-Encoding',
    'POST /static/a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n' +
      '0\r\n\r\n',
    '400 400 static 400',
    ['haproxy'],
  ),
  row('a target of 8,000 octets', get(`/static/${'a'.repeat(7992)}`), 'static'),
  row('a target of 10,008 octets', get(`/static/${'a'.repeat(10_000)}`), '414 414 static 414', [
    'haproxy',
  ]),
  row('a target of 20,008 octets', get(`/static/${'a'.repeat(20_000)}`), '414 414 400 414', [
    'haproxy',
  ]),
  row('a head without end', 'GET /static/a HTTP/1.1\r\nHost: a\r\n', 'waits'),
  row(
    'three requests at once',
    get('/static/a') + get('/a.php') + get('/x/api/'),
    'static,php,api',
  ),
];

/** All cases. */
export const URL_CASES: readonly UrlCase[] = [...MATCHING, ...READING, ...MESSAGES];
