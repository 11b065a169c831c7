/** Routes and requests over few letters, so that they fit often, and what they mean one by one. */
import fc from 'fast-check';
import type { ComparedUrl } from '../../../reference/policy/url-request.ts';
import type { UrlPattern, UrlPrecedence, UrlRoute } from '../../../reference/policy/url-route.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), minLength: 1, maxLength: 3 });
const host = fc.constantFrom('a', 'b');
const cookie = fc.constantFrom('k=1', 'k=2');

function sometimes<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined });
}

/** Some routes. */
export const arbitraryRoutes: fc.Arbitrary<readonly UrlRoute[]> = fc.array(
  fc.record({
    host: sometimes(host),
    prefix: sometimes(text.map((each) => `/${each.slice(1)}`)),
    suffix: sometimes(text),
    substring: sometimes(text),
    cookie: sometimes(cookie),
    pool: fc.constantFrom('x', 'y'),
  }),
  { maxLength: 12 },
);

/** A request that routes are held against. */
export const arbitraryUrl: fc.Arbitrary<ComparedUrl> = fc.record({
  host: sometimes(fc.constantFrom('a', 'b', 'c')),
  path: fc.oneof(
    fc
      .string({ unit: fc.constantFrom('a', 'b', '/', 'z'), maxLength: 9 })
      .map((letters) => `/${letters}`),
    fc.constant('*'),
  ),
  cookies: fc.array(fc.constantFrom('k=1', 'k=2', 'j=1', ''), { maxLength: 3 }),
});

/** A precedence. */
export const arbitraryPrecedence: fc.Arbitrary<UrlPrecedence> = fc.constantFrom(
  'first',
  'longest-prefix',
  'nginx',
);

/** Whether a request fits a pattern, each part by itself. */
export function fitsUrl(pattern: UrlPattern, url: ComparedUrl): boolean {
  return (
    (pattern.host === undefined || pattern.host === url.host) &&
    url.path.startsWith(pattern.prefix ?? '') &&
    url.path.endsWith(pattern.suffix ?? '') &&
    url.path.includes(pattern.substring ?? '') &&
    (pattern.cookie === undefined || url.cookies.includes(pattern.cookie))
  );
}

/** The place of the route that counts, found by going through all of them. */
export function scan(
  routes: readonly UrlRoute[],
  precedence: UrlPrecedence,
  url: ComparedUrl,
): number | undefined {
  const isNamed = routes.some((route) => route.host !== undefined && route.host === url.host);
  const fitting = [...routes.entries()].filter(([, route]) => {
    const isMeant = precedence !== 'nginx' || (route.host !== undefined) === isNamed;
    return isMeant && fitsUrl(route, url);
  });
  const [first] = fitting;
  if (precedence === 'first') return first?.[0];
  const expression = fitting.find(
    ([, { suffix, substring }]) => suffix !== undefined || substring !== undefined,
  );
  if (precedence === 'nginx' && expression !== undefined) return expression[0];
  const longest = Math.max(...fitting.map(([, { prefix = '' }]) => prefix.length));
  return fitting.find(([, { prefix = '' }]) => prefix.length === longest)?.[0];
}
