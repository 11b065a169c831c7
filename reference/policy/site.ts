/**
 * A site: which requests are for which pool, and which server of the pool has each of them.
 *
 *   request ─▶ route (`UrlDeclaration`) ─▶ pool ─▶ policy (`PolicyDeclaration`) ─▶ server
 *
 * It is data: what an operator declares, what a controller is given, also anew while it runs.
 */
import type { PolicyDeclaration } from './declaration.ts';
import type { PoolServer } from './scheduler.ts';
import { RAW_URLS } from './url-profile.ts';
import type { UrlDeclaration } from './url-switch.ts';

/** A server of a pool; its name is that of a backend, which may be in several pools. */
export interface SiteServer extends PoolServer {
  /** Takes nothing new, and keeps what it has. */
  readonly isDrained: boolean;
}

/** Servers of which any can answer the same requests. */
export interface SitePool {
  /** Unique in its site; what routes call it. */
  readonly name: string;
  readonly servers: readonly SiteServer[];
  readonly policy: PolicyDeclaration;
  /** What becomes of the connections of a server that is down, or is taken out of the pool. */
  readonly departed: 'keep' | 'reset';
}

/** How much a cache in front of the backends keeps, in octets; both 1 or more. */
export interface SiteCache {
  readonly octetsMax: number;
  /** Of the longest response. */
  readonly entryOctetsMax: number;
}

/** A whole site. */
export interface Site {
  readonly urls: UrlDeclaration;
  readonly pools: readonly SitePool[];
  /** The pool of the requests that fit no route; where there is none they are answered with 503. */
  readonly otherwise?: string | undefined;
  /** Answers that pass the controller are kept, as far as they may be: `reference/cache`. */
  readonly cache?: SiteCache | undefined;
}

/** Requests of one pattern, and the backends that serve them in turn; a site in short. */
export interface BackendRoute {
  readonly host?: string | undefined;
  readonly pathPrefix?: string | undefined;
  /** `name=value`, one whole pair of the Cookie field. RFC 6265 section 4.2.1. */
  readonly cookie?: string | undefined;
  /** Names of backends, each once. */
  readonly backends: readonly string[];
}

/**
 * The site of some routes of which the first that fits counts: hosts without port and targets as
 * they came are compared, and each request has the pool of its own route.
 */
export function siteOf(routes: readonly BackendRoute[]): Site {
  return {
    urls: {
      profile: { ...RAW_URLS, port: 'ignored', query: 'matched' },
      precedence: 'first',
      locality: 'request',
      routes: routes.map(({ host, pathPrefix, cookie }, place) => {
        return { host, prefix: pathPrefix, cookie, pool: `${place}` };
      }),
    },
    pools: routes.map(({ backends }, place) => ({
      name: `${place}`,
      servers: backends.map((name) => ({ name, weight: 1, isDrained: false })),
      policy: { policy: 'round-robin' },
      departed: 'keep',
    })),
  };
}
