/**
 * URL switching: which pool a request is for.
 *
 * All that a switch may do differently from another is declared, so that a suite can hold it to it.
 */
import type { Result } from 'scapy-ts';
import type { UrlProfile } from './url-profile.ts';
import { comparedUrl, type UrlRefusal, type UrlSubject } from './url-request.ts';
import type { UrlPrecedence, UrlRoute } from './url-route.ts';
import { createUrlTable } from './url-table.ts';

/** URL switching as an operator declares it. */
export interface UrlDeclaration {
  readonly profile: UrlProfile;
  readonly precedence: UrlPrecedence;
  /** Whether each request of a connection has a pool of its own, or all have that of the first. */
  readonly locality: 'request' | 'connection';
  readonly routes: readonly UrlRoute[];
}

/**
 * Says which pool the next request of one connection is for: undefined when it fits no route, or
 * why it is refused with status 400.
 *
 * With locality `connection` the first request that has a pool decides; a later one that is refused
 * is refused all the same.
 */
export type PoolChoice = (request: UrlSubject) => Result<string | undefined, UrlRefusal>;

/** Begins a connection, or goes on with one that has the pool `first` already. */
export type UrlSwitch = (first?: string) => PoolChoice;

/** A switch of a declaration without fault. */
export function createUrlSwitch({
  profile,
  precedence,
  locality,
  routes,
}: UrlDeclaration): UrlSwitch {
  const table = createUrlTable(routes, precedence, profile);
  return (known) => {
    let first = locality === 'connection' ? known : undefined;
    return (request) => {
      const url = comparedUrl(request, profile);
      if (!url.ok) return url;
      if (first !== undefined) return { ok: true, value: first };
      const place = table(url.value);
      const pool = place === undefined ? undefined : routes[place]?.pool;
      if (locality === 'connection') first = pool;
      return { ok: true, value: pool };
    };
  };
}
