/** How the reference is told what a service of a setup is: as the site of a controller. */
import type { Site, SitePool } from '../../../reference/policy/site.ts';
import { RFC3986_URLS, type UrlProfile } from '../../../reference/policy/url-profile.ts';
import type { UrlPrecedence } from '../../../reference/policy/url-route.ts';
import type { Pool, VirtualService } from '../../driver/balancer.ts';
import { policyOf } from '../virtual-bed/policy.ts';

/** How URLs are read, and which route counts: what products do differently. */
export interface Reading {
  readonly profile: UrlProfile;
  readonly precedence: UrlPrecedence;
}

/** All that RFC 3986 calls equivalent is equal, and the longest prefix counts. */
export const READING: Reading = { profile: RFC3986_URLS, precedence: 'longest-prefix' };

/** A site without pools: all that is asked is answered with 503. */
export const EMPTY_SITE: Site = {
  urls: { ...READING, locality: 'request', routes: [] },
  pools: [],
};

/** The pool of what fits no route. */
export const OTHERWISE = 'otherwise';

/** The pool of a route, by its place. */
export function routePool(place: number): string {
  return `route-${place}`;
}

function poolOf(name: string, pool: Pool): SitePool {
  const { servers, weights = {} } = pool;
  return {
    name,
    servers: servers.map((each) => ({ name: each, weight: weights[each] ?? 1, isDrained: false })),
    policy: policyOf(pool),
    departed: 'keep',
  };
}

/** The site of a service. */
export function siteOf(service: VirtualService, reading: Reading = READING): Site {
  const { routes = [], locality = 'request', cache } = service;
  return {
    urls: {
      ...reading,
      locality,
      routes: routes.map(({ host, prefix, suffix, substring }, place) => {
        return { host, prefix, suffix, substring, pool: routePool(place) };
      }),
    },
    pools: [
      ...routes.map(({ pool }, place) => poolOf(routePool(place), pool)),
      poolOf(OTHERWISE, service),
    ],
    otherwise: OTHERWISE,
    ...(cache === undefined
      ? {}
      : { cache: { octetsMax: cache.octets, entryOctetsMax: cache.octets } }),
  };
}
