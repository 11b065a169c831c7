import test from 'ava';
import fc from 'fast-check';
import { ROUTES_MAX, routesFault, type UrlFault } from '../../../reference/policy/url-fault.ts';
import { comparedPath } from '../../../reference/policy/url-path.ts';
import {
  NGINX_URLS,
  RAW_URLS,
  RFC3986_URLS,
  type UrlProfile,
} from '../../../reference/policy/url-profile.ts';
import type { UrlPattern } from '../../../reference/policy/url-route.ts';
import { runs } from '../../runs.ts';
import { ROUTES } from './url-cases.ts';
import { fitsUrl } from './url-routes.ts';

const PROFILES: readonly UrlProfile[] = [RAW_URLS, RFC3986_URLS, NGINX_URLS];
const MATCHING: UrlProfile = { ...RFC3986_URLS, query: 'matched' };

function faultOf(pattern: UrlPattern, profile: UrlProfile): UrlFault | undefined {
  return routesFault([...ROUTES, { ...pattern, pool: 'x' }], profile);
}

/** The profiles in which a pattern can never fit: `r`aw, RFC 398`6`, `n`ginx, with the `q`uery. */
function neverIn(pattern: UrlPattern): string {
  return [...PROFILES, MATCHING]
    .map((profile, at) => (faultOf(pattern, profile)?.kind === 'never' ? 'r6nq'.charAt(at) : ''))
    .join('');
}

test('routes without fault have none', (t) => {
  for (const profile of PROFILES) t.is(routesFault(ROUTES, profile), undefined);
});

test('a text that no compared path has is told, by profile', (t) => {
  const cases: readonly (readonly [UrlPattern, string])[] = [
    [{ prefix: 'static' }, 'r6nq'],
    [{ prefix: '*' }, 'n'],
    [{ prefix: '/a b' }, 'r6q'],
    [{ prefix: '/caf\u00e9' }, 'r6q'],
    [{ prefix: '/\u20ac' }, 'r6nq'],
    [{ prefix: '/\0' }, 'r6nq'],
    [{ prefix: '/a?b' }, 'r6'],
    [{ prefix: '/a#b' }, 'r6q'],
    [{ prefix: '/%73tatic' }, '6q'],
    [{ prefix: '/%2f' }, '6q'],
    [{ prefix: '/%2F' }, ''],
    [{ prefix: '/%2' }, ''],
    [{ prefix: '/%zz' }, '6q'],
    [{ prefix: '/a/../b' }, '6nq'],
    [{ prefix: '/a/..' }, ''],
    [{ prefix: '//a' }, 'n'],
    [{ suffix: '/..' }, '6n'],
    [{ suffix: '..' }, ''],
    [{ suffix: '.ph%70' }, '6'],
    [{ suffix: '%4' }, '6'],
    [{ substring: '//' }, 'n'],
    [{ substring: '/./' }, '6n'],
    [{ substring: '%4' }, ''],
    [{ substring: '?' }, 'r6'],
  ];
  for (const [pattern, never] of cases) t.is(neverIn(pattern), never, JSON.stringify(pattern));
});

test('what is told to fit never fits no path', (t) => {
  const units = ['a', '/', '/', '.', '..', '%2e', '%2F', '%2f', '%41', '%', '2', '?'] as const;
  const text = fc
    .array(fc.constantFrom(...units), { minLength: 1, maxLength: 4 })
    .map((each) => each.join(''));
  const kind = fc.constantFrom('prefix', 'suffix', 'substring');
  const profile = fc.constantFrom(...PROFILES, MATCHING, { ...NGINX_URLS, query: 'matched' });
  fc.assert(
    fc.property(kind, text, text, text, profile, (which, own, before, after, each) => {
      const pattern: UrlPattern = { [which]: own };
      const path = comparedPath(
        which === 'prefix' ? own + after : `/${before}${own}${after}`,
        each,
      );
      if (path === undefined || !fitsUrl(pattern, { host: undefined, path, cookies: [] })) return;
      if (which === 'prefix' && !own.startsWith('/')) return;
      t.is(faultOf(pattern, each), undefined, path);
    }),
    runs(5000),
  );
});

test('what is told to fit never has a place and a name', (t) => {
  t.deepEqual(faultOf({ prefix: '/a', suffix: '/../' }, RFC3986_URLS), {
    kind: 'never',
    field: '[5].suffix',
    text: '/../',
  });
});

test('a text has 1 to 255 octets', (t) => {
  for (const kind of ['prefix', 'suffix', 'substring'] as const) {
    const field = `[5].${kind}.length`;
    const fault: UrlFault = { kind: 'range', field, least: 1, most: 255 };
    t.deepEqual(faultOf({ [kind]: '' }, RAW_URLS), fault);
    t.deepEqual(faultOf({ [kind]: '/'.repeat(256) }, RAW_URLS), fault);
    t.is(faultOf({ [kind]: '/'.repeat(255) }, RAW_URLS), undefined);
  }
});

test('a host is a host, and has no port that is ignored', (t) => {
  const field = '[5].host';
  t.deepEqual(faultOf({ host: 'a b' }, RAW_URLS), { kind: 'host', field, text: 'a b' });
  t.deepEqual(faultOf({ host: '' }, RAW_URLS), { kind: 'host', field, text: '' });
  t.deepEqual(faultOf({ host: 'a:80' }, NGINX_URLS), { kind: 'port', field, text: 'a:80' });
  t.is(faultOf({ host: 'a:80' }, RAW_URLS), undefined);
});

test('a cookie is a name and a value', (t) => {
  for (const cookie of ['k', '=v', 'k v=1', 'k=a b', 'k=a;b']) {
    const fault: UrlFault = { kind: 'cookie', field: '[5].cookie', text: cookie };
    t.deepEqual(faultOf({ cookie }, RAW_URLS), fault);
  }
  for (const cookie of ['k=', 'k=v', 'k=a=b']) t.is(faultOf({ cookie }, RAW_URLS), undefined);
});

test('there are not more routes than are told', (t) => {
  const routes = Array.from({ length: ROUTES_MAX + 1 }, () => ({ pool: 'x' }));
  t.is(routesFault(routes, RAW_URLS)?.kind, 'range');
  t.is(routesFault(routes.slice(1), RAW_URLS), undefined);
});
