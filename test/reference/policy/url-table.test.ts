import test from 'ava';
import fc from 'fast-check';
import { RAW_URLS, RFC3986_URLS } from '../../../reference/policy/url-profile.ts';
import type { ComparedUrl } from '../../../reference/policy/url-request.ts';
import type { UrlPrecedence, UrlRoute } from '../../../reference/policy/url-route.ts';
import { createUrlTable, findShadowed } from '../../../reference/policy/url-table.ts';
import { runs } from '../../runs.ts';
import { arbitraryPrecedence, arbitraryRoutes, arbitraryUrl, fitsUrl, scan } from './url-routes.ts';

/** The places of the routes that count for some paths. */
function placesFor(
  routes: readonly UrlRoute[],
  precedence: UrlPrecedence,
  ...paths: readonly string[]
): readonly (number | undefined)[] {
  const table = createUrlTable(routes, precedence, RAW_URLS);
  return paths.map((path) => table({ host: 'h', path, cookies: [] }));
}

/** A request that fits a route, and that fits another only if that fits all that the route fits. */
function plainest({ host = 'c', prefix, suffix, substring, cookie }: UrlRoute): ComparedUrl {
  const isBare = prefix === undefined && suffix === undefined && substring === undefined;
  return {
    host,
    path: isBare ? '*' : `${prefix ?? '/'}z${substring ?? ''}z${suffix ?? ''}`,
    cookies: cookie === undefined ? [] : [cookie],
  };
}

test('URL-5 the index finds the route that a scan finds', (t) => {
  fc.assert(
    fc.property(arbitraryRoutes, arbitraryPrecedence, arbitraryUrl, (routes, precedence, url) => {
      const table = createUrlTable(routes, precedence, RAW_URLS);
      t.is(table(url), scan(routes, precedence, url));
    }),
    runs(5000),
  );
});

test('URL-5 the first that fits, or the longest prefix', (t) => {
  const routes = [
    { prefix: '/a', pool: 'x' },
    { prefix: '/a/b', pool: 'x' },
    { suffix: '.php', pool: 'x' },
    { pool: 'x' },
  ];
  const paths = ['/a/b/c', '/ab', '/a/b.php', '/x.php', '/'];
  t.deepEqual(placesFor(routes, 'first', ...paths), [0, 0, 0, 2, 3]);
  t.deepEqual(placesFor(routes, 'longest-prefix', ...paths), [1, 0, 1, 2, 3]);
  t.deepEqual(placesFor(routes, 'nginx', ...paths), [1, 0, 2, 2, 3]);
});

test('URL-5 all parts of a pattern have to fit, and may overlap', (t) => {
  const routes = [{ host: 'H', prefix: '/ab', suffix: 'bc', substring: 'abc', pool: 'x' }];
  const paths = ['/abc', '/ab/abc', '/abbc', '/abc/', '/b/abc'];
  t.deepEqual(placesFor(routes, 'first', ...paths), [0, 0, undefined, undefined, undefined]);
  const table = createUrlTable(routes, 'first', RAW_URLS);
  t.is(table({ host: 'i', path: '/abc', cookies: [] }), undefined);
  t.is(table({ host: undefined, path: '/abc', cookies: [] }), undefined);
});

test('URL-5 in nginx a host that is named has only its own routes', (t) => {
  const routes = [
    { prefix: '/a', pool: 'x' },
    { host: 'h', prefix: '/b', pool: 'x' },
  ];
  t.deepEqual(placesFor(routes, 'first', '/a', '/b'), [0, 1]);
  t.deepEqual(placesFor(routes, 'nginx', '/a', '/b'), [undefined, 1]);
});

test('URL-6 hosts of routes are read as those of requests are', (t) => {
  const routes = [{ host: 'H.Example:80', pool: 'x' }];
  const url = { host: 'h.example', path: '/', cookies: [] };
  t.is(createUrlTable(routes, 'first', RFC3986_URLS)(url), 0);
  t.is(createUrlTable(routes, 'first', RAW_URLS)(url), undefined);
});

test('URL-5 a route is shadowed if its plainest request comes to another', (t) => {
  fc.assert(
    fc.property(arbitraryRoutes, arbitraryPrecedence, (routes, precedence) => {
      const expected = [...routes.entries()].flatMap(([place, route]) => {
        const by = scan(routes, precedence, plainest(route));
        return by === undefined || by === place ? [] : [{ place, by }];
      });
      t.deepEqual(findShadowed(routes, precedence, RAW_URLS), expected);
    }),
    runs(5000),
  );
});

test('URL-5 no request comes to a shadowed route, and all that fit it fit what shadows it', (t) => {
  fc.assert(
    fc.property(arbitraryRoutes, arbitraryPrecedence, arbitraryUrl, (routes, precedence, url) => {
      const chosen = scan(routes, precedence, url);
      for (const { place, by } of findShadowed(routes, precedence, RAW_URLS)) {
        t.not(chosen, place);
        const [shadowed, other] = [routes[place], routes[by]];
        if (shadowed === undefined || other === undefined) throw new Error(`${place}, ${by}`);
        if (fitsUrl(shadowed, url)) t.true(fitsUrl(other, url));
      }
    }),
    runs(2000),
  );
});

test('URL-5 the usual mistakes are found', (t) => {
  const routes = [
    { prefix: '/', pool: 'x' },
    { suffix: '.php', pool: 'x' },
    { prefix: '/static/', pool: 'x' },
    { host: 'h', prefix: '/static/', pool: 'x' },
    { pool: 'x' },
  ];
  const by = 0;
  t.deepEqual(findShadowed(routes, 'first', RAW_URLS), [
    { place: 1, by },
    { place: 2, by },
    { place: 3, by },
  ]);
  t.deepEqual(findShadowed(routes, 'longest-prefix', RAW_URLS), [
    { place: 1, by },
    { place: 3, by: 2 },
  ]);
  t.deepEqual(findShadowed(routes, 'nginx', RAW_URLS), []);
});

test('URL-5 100,000 routes are told apart', (t) => {
  const routes = Array.from({ length: 100_000 }, (_, place) => ({
    host: `h${place % 100}.example`,
    prefix: `/p${place}/`,
    ...(place % 3 === 0 ? { suffix: `.s${place % 1000}` } : {}),
    ...(place % 7 === 0 ? { substring: `/t${place % 500}/` } : {}),
    pool: 'x',
  }));
  const table = createUrlTable(routes, 'longest-prefix', RAW_URLS);
  for (let place = 0; place < routes.length; place += 997) {
    const { host, prefix, suffix = '', substring = '' } = routes[place] ?? { host: '', prefix: '' };
    const path = `${prefix}a${substring}b${suffix}`;
    t.is(table({ host, path, cookies: [] }), place);
    t.is(table({ host: 'h.example', path: prefix, cookies: [] }), undefined);
  }
});
