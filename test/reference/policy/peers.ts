/**
 * What HAProxy and nginx did with keys, and which keys.
 *
 * HAProxy 2.6.12 and nginx 1.22.1 of Debian 12, one worker each, on loopback, with servers a, b, c,
 * d at 127.0.0.1:18100 … 18103 that answer with their letters; one request for each key.
 */

/** Request targets. */
export const URLS: readonly string[] = [
  '/',
  '/index.html',
  '/a',
  '/b',
  '/c',
  '/a/b/c',
  '/img/logo.png',
  '/img/logo.png?v=2',
  '/search?q=prism',
  '/search?q=switch',
  '/A',
  '/%41',
  '/x;j=1',
  '/caf%C3%A9',
  '/0',
  '/1',
  '/2',
  '/3',
  '/very/long/path/that/goes/on/and/on/0123456789',
  '/cgi-bin/s.php',
  '/s.php?id=17',
  '/~user/',
  '//double',
  '/favicon.ico',
];

/** Values of a field `X-Key`. */
export const KEYS: readonly string[] = [
  'a',
  'b',
  'abc',
  'session-1',
  'session-2',
  'session-3',
  '0123456789abcdef',
  'Zq',
  'x'.repeat(40),
];

/** The servers, as nginx's ring knows them. */
export function addressesOf(...weights: readonly number[]): readonly {
  readonly name: string;
  readonly weight: number;
}[] {
  return weights.map((weight, place) => ({ name: `127.0.0.1:${18_100 + place}`, weight }));
}
