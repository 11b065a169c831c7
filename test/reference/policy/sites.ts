/** Sites over the backends b1 … b4, requests for them, and what they mean. */
import fc from 'fast-check';
import type { PolicyDeclaration } from '../../../reference/policy/declaration.ts';
import type { RequestBrief } from '../../../reference/policy/brief.ts';
import type { Site, SitePool } from '../../../reference/policy/site.ts';
import {
  HAPROXY_URLS,
  NGINX_URLS,
  RAW_URLS,
  RFC3986_URLS,
} from '../../../reference/policy/url-profile.ts';
import { arbitraryPrecedence, arbitraryRoutes } from './url-routes.ts';

export const BACKENDS: ReadonlySet<string> = new Set(['b1', 'b2', 'b3', 'b4']);
const SESSION = {
  dead: 'choose',
  weightless: 'keep',
  otherwise: { policy: 'round-robin' },
} as const;
const LIMITS = { entriesMax: 9, expireMs: 1000 } as const;

/** Policies of all kinds, and whether all requests of a connection stay with one server. */
export const POLICIES: readonly (readonly [PolicyDeclaration, stays: boolean])[] = [
  [{ policy: 'round-robin' }, true],
  [{ policy: 'weighted-round-robin', order: 'smooth' }, true],
  [{ policy: 'random' }, true],
  [{ policy: 'least-connections', tie: 'first' }, true],
  [{ policy: 'lightest-load', maxAgeMs: 100 }, true],
  [{ policy: 'source-hash', placement: { kind: 'modulo', hash: 'crc32' } }, true],
  [{ policy: 'connection-hash', placement: { kind: 'modulo', hash: 'crc32' } }, true],
  [{ policy: 'source-affinity', ...SESSION, ...LIMITS }, false],
  [{ policy: 'url-hash', input: 'path', placement: { kind: 'modulo', hash: 'crc32' } }, false],
  [{ policy: 'cookie-hash', cookie: 'k', placement: { kind: 'modulo', hash: 'crc32' } }, false],
  [{ policy: 'lard', input: 'path', targets: 9, replicated: false }, false],
  [{ policy: 'lard', input: 'path', targets: 9, replicated: true }, false],
  [{ policy: 'cookie-insert', cookie: 'SRV', ...SESSION }, false],
  [{ policy: 'cookie-learn', cookie: 'SID', ...SESSION, ...LIMITS }, false],
];

/** A pool of backends of weight 1. */
export function poolOf(
  name: string,
  policy: PolicyDeclaration,
  ...servers: readonly string[]
): SitePool {
  return {
    name,
    servers: servers.map((each) => ({ name: each, weight: 1, isDrained: false })),
    policy,
    departed: 'keep',
  };
}

/** A site of one pool for all requests. */
export function siteFor(policy: PolicyDeclaration, ...servers: readonly string[]): Site {
  return siteOver(poolOf('all', policy, ...servers));
}

/** A site of one pool for all requests. */
export function siteOver(pool: SitePool): Site {
  return {
    urls: { profile: RAW_URLS, precedence: 'first', locality: 'request', routes: [] },
    pools: [pool],
    otherwise: pool.name,
  };
}

/** Some routes to the pools x and y. */
export const arbitrarySite: fc.Arbitrary<Site> = fc
  .record({
    routes: arbitraryRoutes,
    precedence: arbitraryPrecedence,
    profile: fc.constantFrom(RAW_URLS, RFC3986_URLS, NGINX_URLS, HAPROXY_URLS),
    policies: fc.tuple(fc.constantFrom(...POLICIES), fc.constantFrom(...POLICIES)),
    otherwise: fc.constantFrom('x', 'y', undefined),
    locality: fc.constantFrom('request', 'request', 'connection'),
  })
  .map(({ policies: [[x], [y]], otherwise, ...urls }) => ({
    urls,
    pools: [poolOf('x', x, 'b1', 'b2'), poolOf('y', y, 'b2', 'b3')],
    otherwise,
  }));

/** Requests over few letters. */
export const arbitraryBrief: fc.Arbitrary<RequestBrief> = fc.record({
  method: fc.constant('GET'),
  path: fc.oneof(
    fc
      .string({ unit: fc.constantFrom('a', 'b', '/', '.', '%41', '?'), maxLength: 6 })
      .map((text) => `/${text}`),
    fc.constantFrom('*', ''),
  ),
  host: fc.constantFrom('a', 'b', 'c', ''),
  port: fc.constantFrom(undefined, 80, 81),
  field: fc.constantFrom(undefined, undefined, 'b', 'c:81'),
  cookie: fc.constantFrom('', 'k=1', 'j=1; k=2'),
});
