/** The judge and the reference read URLs in code of their own, and come to the same pools. */
import test from 'ava';
import fc from 'fast-check';
import { destinationOf } from '../../../conformance/balancer/http-routing.ts';
import { SERVERS, type Pool, type Route } from '../../../conformance/driver/balancer.ts';
import type { UrlChoices } from '../../../conformance/driver/http-profile.ts';
import { routesFault } from '../../../reference/policy/url-fault.ts';
import { RAW_URLS, type UrlProfile } from '../../../reference/policy/url-profile.ts';
import { createUrlSwitch } from '../../../reference/policy/url-switch.ts';
import { runs } from '../../runs.ts';
import { headOf, outcomeOf } from '../../reference/policy/url-bed.ts';

const PRECEDENCES = {
  first: 'first',
  'longest-prefix': 'longest-prefix',
  'host-then-pattern': 'nginx',
} as const;

/** What the routes of a test lead to, and where none does. */
const POOLS: readonly Pool[] = SERVERS.map((name) => {
  return { servers: [name], choosing: 'round-robin' };
});
const OTHER: Pool = { servers: SERVERS, choosing: 'round-robin' };

const choices: fc.Arbitrary<UrlChoices> = fc.record({
  escapes: fc.constantFrom('raw', 'rfc3986', 'decode'),
  dots: fc.constantFrom('keep', 'remove', 'remove-or-refuse'),
  slashes: fc.constantFrom('keep', 'merge'),
  query: fc.constantFrom('ignored', 'matched'),
  hostPort: fc.constantFrom('compared', 'ignored', 'unless-default'),
  finalDot: fc.constantFrom('compared', 'ignored'),
  precedence: fc.constantFrom('first', 'longest-prefix', 'host-then-pattern'),
  // The reference refuses what is no target before it comes to routes.
  numberSign: fc.constant('refused'),
  asterisk: fc.constantFrom('routed', 'refused'),
});

/** There, or not, as often as not. */
function sometimes<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined, freq: 2 });
}

/** What profiles differ in, and letters between it. */
const piece = fc.constantFrom(
  'a',
  'b',
  '/',
  '//',
  '.',
  '..',
  '/../',
  '/./',
  '%61',
  '%2E',
  '%2f',
  '%2',
  '%00',
  'a/b',
  '%3F',
  ';',
  '.php',
);
const path = fc.array(piece, { maxLength: 8 }).map((parts) => `/${parts.join('')}`);
const query = sometimes(fc.array(fc.constantFrom('a', '/', '?', '..', '.php')));
const host = fc.constantFrom('h', 'H', 'h.', 'h:80', 'h.:80', 'h:81', 'x', 'x.h');

const target = fc.record({ path, query, absolute: sometimes(sometimes(host)) }).map((parts) => {
  const written = parts.path + (parts.query === undefined ? '' : `?${parts.query.join('')}`);
  return parts.absolute === undefined ? written : `http://${parts.absolute}${written}`;
});

const text = fc.constantFrom('a', '/a', '/a/', '/', '.php', 'b', '%2F');
const route = fc
  .record({
    host: sometimes(sometimes(fc.constantFrom('h', 'H', 'h.', 'h:80', 'x'))),
    prefix: sometimes(fc.constantFrom('/', '/a', '/a/', '/b', '/a/b')),
    suffix: sometimes(text),
    substring: sometimes(text),
  })
  .map((parts) =>
    Object.fromEntries(Object.entries(parts).filter(([, each]) => each !== undefined)),
  );

function profileOf({ hostPort, asterisk, ...all }: UrlChoices): UrlProfile {
  const isRouted = asterisk === 'routed';
  const { escapes, dots, slashes, query: matched, finalDot } = all;
  const same = { escapes, dots, slashes, query: matched, finalDot };
  return { ...RAW_URLS, ...same, port: hostPort, asterisk: isRouted ? 'match' : 'refuse' };
}

function judged(asked: string, field: string, routes: readonly Route[], own: UrlChoices): string {
  const found = destinationOf({ target: asked, host: field }, { ...OTHER, routes }, own);
  if (found === 'refused') return '400';
  const place = POOLS.indexOf(found.pool);
  return place < 0 ? 'none' : String(place);
}

test('for any profile, routes and request both come to the same pool, or refuse', (t) => {
  const outcomes = new Set<string>();
  fc.assert(
    fc.property(
      choices,
      fc.array(route, { minLength: 1, maxLength: 4 }),
      fc.oneof({ weight: 9, arbitrary: target }, { weight: 1, arbitrary: fc.constant('*') }),
      host,
      (own, patterns, asked, field) => {
        const profile = profileOf(own);
        const named = patterns.map((each, place) => ({ ...each, pool: String(place) }));
        // What can never fit, or is refused by a controller, is not asked about.
        fc.pre(routesFault(named, profile) === undefined);
        const precedence = PRECEDENCES[own.precedence];
        const choose = createUrlSwitch({ profile, precedence, locality: 'request', routes: named });
        const method = asked === '*' ? 'OPTIONS' : 'GET';
        const head = headOf(`${method} ${asked} HTTP/1.1\r\nHost: ${field}\r\n\r\n`);
        const routes = patterns.map((each, place): Route => ({
          ...each,
          pool: POOLS[place] ?? OTHER,
        }));
        const outcome = outcomeOf(choose(), head);
        outcomes.add(outcome);
        t.is(judged(asked, field, routes, own), outcome);
      },
    ),
    runs(2000),
  );
  t.deepEqual([...outcomes].toSorted(), ['0', '1', '2', '3', '400', 'none']);
});
