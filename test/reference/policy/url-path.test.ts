import test from 'ava';
import fc from 'fast-check';
import { comparedPath, normalPath, type PathProfile } from '../../../reference/policy/url-path.ts';
import { NGINX_URLS, RAW_URLS, RFC3986_URLS } from '../../../reference/policy/url-profile.ts';
import { runs } from '../../runs.ts';

const UNITS = 'a B / / / . . .. ; ~ %2e %2E %2f %2F %41 %7e %7E %c3 %25 %00 % %4 1 f'.split(' ');
const path = fc
  .array(fc.constantFrom(...UNITS), { maxLength: 14 })
  .map((units) => `/${units.join('')}`);

/** Profiles that make a path of a path. */
const profile: fc.Arbitrary<PathProfile> = fc.record({
  escapes: fc.constantFrom('raw', 'rfc3986'),
  dots: fc.constantFrom('keep', 'remove', 'remove-or-refuse'),
  slashes: fc.constantFrom('keep', 'merge'),
  query: fc.constant('ignored'),
});

/** The characters that a path means, an escape being itself where it means something else. */
function meaningOf(text: string): readonly string[] {
  return (text.match(/%[0-9A-Fa-f]{2}|./gsu) ?? []).map((unit) => {
    if (unit.length === 1) return unit;
    const character = String.fromCharCode(Number.parseInt(unit.slice(1), 16));
    return /[\w.~-]/u.test(character) ? character : unit.toUpperCase();
  });
}

/** The path as the URL Standard resolves it, which knows dot segments, and escapes for dots. */
function resolved(text: string): string {
  return new URL(`http://host${text}`).pathname;
}

test('URL-6 a normal path is its own normal form', (t) => {
  fc.assert(
    fc.property(path, profile, (text, each) => {
      const normal = normalPath(text, each);
      if (normal !== undefined) t.is(normalPath(normal, each), normal);
    }),
    runs(3000),
  );
});

test('URL-6 the normal form means what the path means, and resolves to itself', (t) => {
  fc.assert(
    fc.property(path, (text) => {
      const normal = normalPath(text, RFC3986_URLS);
      if (normal === undefined) return;
      t.deepEqual(meaningOf(normal), meaningOf(resolved(text)));
      t.is(resolved(normal), normal);
    }),
    runs(3000),
  );
});

test('URL-6 the same meaning has the same normal form', (t) => {
  fc.assert(
    fc.property(path, fc.infiniteStream(fc.boolean()), (text, choices) => {
      fc.pre(normalPath(text, RFC3986_URLS) !== undefined);
      const other = meaningOf(text)
        .map((unit) => {
          const isOther = choices.next().value;
          if (!isOther || unit === '/' || unit === ';') return unit;
          if (unit.length > 1) return unit.toLowerCase();
          return `%${unit.charCodeAt(0).toString(16)}`;
        })
        .join('');
      t.is(normalPath(other, RFC3986_URLS), normalPath(text, RFC3986_URLS));
    }),
    runs(2000),
  );
});

test('URL-6 the examples of RFC 3986', (t) => {
  t.is(normalPath('/a/b/c/./../../g', RFC3986_URLS), '/a/g');
  t.is(normalPath('/./b/../b/%63/%7bfoo%7d', RFC3986_URLS), '/b/c/%7Bfoo%7D');
  for (const [text, normal] of [
    ['/b/c/.', '/b/c/'],
    ['/b/c/..', '/b/'],
    ['/b/c/../../g', '/g'],
    ['/b/c/../../../g', '/g'],
    ['/../g', '/g'],
    ['/b/c/g.', '/b/c/g.'],
    ['/b/c/..g', '/b/c/..g'],
    ['/b/c/g;x=1/../y', '/b/c/y'],
    ['/..', '/'],
    ['//..//g', '//g'],
  ] as const) {
    t.is(normalPath(text, RFC3986_URLS), normal, text);
  }
});

test('URL-6 raw changes nothing', (t) => {
  fc.assert(
    fc.property(path, (text) => t.is(normalPath(text, RAW_URLS), text)),
    runs(300),
  );
});

test('URL-6 slashes are merged before dot segments are removed, where that is declared', (t) => {
  const merging: PathProfile = { ...RFC3986_URLS, slashes: 'merge' };
  t.is(normalPath('/a//../b', merging), '/b');
  t.is(normalPath('/a//../b', RFC3986_URLS), '/a/b');
  t.is(normalPath('//a///b/', merging), '/a/b/');
});

test('URL-6 decoding is done once, and before slashes and dots are looked at', (t) => {
  t.is(normalPath('/%2541', NGINX_URLS), '/%41');
  t.is(normalPath('/a%2F%2F%2e%2e%2Fb', NGINX_URLS), '/b');
  t.is(normalPath('/caf%C3%A9', NGINX_URLS), '/caf\u00c3\u00a9');
});

test('URL-6 what is malformed is refused where escapes are read', (t) => {
  for (const text of ['/%', '/%4', '/%4g', '/%%34%31', '/a/%zz/../b']) {
    t.is(normalPath(text, RAW_URLS), text);
    t.is(normalPath(text, RFC3986_URLS), undefined, text);
    t.is(normalPath(text, NGINX_URLS), undefined, text);
  }
  t.is(normalPath('/%00', RFC3986_URLS), '/%00');
  t.is(normalPath('/%00', NGINX_URLS), undefined);
});

test('URL-6 a path above the root is the root, or refused', (t) => {
  t.is(normalPath('/a/../../b', NGINX_URLS), undefined);
  t.is(normalPath('/a/../b', NGINX_URLS), '/b');
});

test('URL-4 the query is left out, or compared as it came', (t) => {
  const matching: PathProfile = { ...RFC3986_URLS, query: 'matched' };
  t.is(comparedPath('/a/../b?x=/../%41?%', RFC3986_URLS), '/b');
  t.is(comparedPath('/a/../b?x=/../%41?%', matching), '/b?x=/../%41?%');
  t.is(comparedPath('/b?', matching), '/b?');
});

test('the paths of OPTIONS * and of CONNECT stay what they are', (t) => {
  for (const text of ['*', '']) t.is(comparedPath(text, NGINX_URLS), text);
});
