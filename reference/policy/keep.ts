/**
 * What an owner may serve without asking: a site seen from one backend.
 *
 * What cannot be said by patterns, because it is the turn of another or another has the session, is
 * not kept: the owner asks, and is told whose the request is.
 */
import { parseHost } from '../http/target.ts';
import { subjectOf, type RequestBrief } from './brief.ts';
import type { PolicyDeclaration } from './declaration.ts';
import type { Site } from './site.ts';
import { RAW_URLS, type UrlProfile } from './url-profile.ts';
import { comparedHost, comparedUrl, type ComparedUrl } from './url-request.ts';
import { placesByPrecedence, type UrlPattern, type UrlRoute } from './url-route.ts';

/** Whether one backend serves the requests of a pattern; its host is as the profile compares it. */
export interface Keep extends UrlPattern {
  readonly keep: boolean;
}

/** What one backend may serve without asking; of the routes the first that fits counts. */
export interface Keeps {
  readonly profile: UrlProfile;
  readonly routes: readonly Keep[];
}

/** Most routes that are told to a backend. */
export const KEEPS_MAX = 4096;

/** Nothing is served without asking. */
export const NO_KEEPS: Keeps = { profile: RAW_URLS, routes: [] };

/** The site as `backend` needs it. */
export function keepsOf({ urls, pools, otherwise }: Site, backend: string): Keeps {
  const { profile, precedence, locality, routes } = urls;
  if (locality === 'connection') return { profile, routes: [{ keep: true }] };
  // One more for each host, and one for what fits no route.
  if (2 * routes.length + 1 > KEEPS_MAX) return NO_KEEPS;
  const kept = new Set(
    pools
      .filter(
        ({ policy, servers }) => stays(policy) && servers.some(({ name }) => name === backend),
      )
      .map(({ name }) => name),
  );
  const keepOf = ({ pool, host, ...pattern }: UrlRoute): Keep => {
    const keep = kept.has(pool);
    return host === undefined
      ? { ...pattern, keep }
      : { ...pattern, host: hostOf(host, profile), keep };
  };
  const last: Keep = { keep: otherwise !== undefined && kept.has(otherwise) };
  const ordered = placesByPrecedence(routes, precedence).flatMap((place) => routes[place] ?? []);
  if (precedence !== 'nginx') return { profile, routes: [...ordered.map(keepOf), last] };
  // A host that is named has only its own routes.
  const named = ordered.filter(({ host }) => host !== undefined).map(keepOf);
  const hosts = [...new Set(named.map(({ host }) => host))];
  const unnamed = ordered.filter(({ host }) => host === undefined).map(keepOf);
  const ends = hosts.map((host): Keep => ({ ...last, host }));
  return { profile, routes: [...named, ...ends, ...unnamed, last] };
}

/** Whether a request may be served without asking; what the profile refuses may not. */
export function mayKeep({ profile, routes }: Keeps, brief: RequestBrief): boolean {
  const url = comparedUrl(subjectOf(brief), profile);
  if (!url.ok) return false;
  return routes.find((route) => fits(route, url.value))?.keep ?? false;
}

function fits(pattern: UrlPattern, { host, path, cookies }: ComparedUrl): boolean {
  return (
    (pattern.host === undefined || pattern.host === host) &&
    path.startsWith(pattern.prefix ?? '') &&
    path.endsWith(pattern.suffix ?? '') &&
    path.includes(pattern.substring ?? '') &&
    (pattern.cookie === undefined || cookies.includes(pattern.cookie))
  );
}

/** Whether all requests of a connection are for the same server, as long as that is there. */
function stays({ policy }: PolicyDeclaration): boolean {
  switch (policy) {
    case 'random':
    case 'round-robin':
    case 'weighted-round-robin':
    case 'least-connections':
    case 'lightest-load':
    case 'connection-hash':
    case 'source-hash':
      return true;
    case 'url-hash':
    case 'cookie-hash':
    case 'lard':
    // Each request is a use of the session, without which it would expire.
    case 'source-affinity':
    case 'cookie-insert':
    case 'cookie-learn':
    case 'tls-session':
      return false;
    default:
      return policy satisfies never;
  }
}

function hostOf(text: string, profile: UrlProfile): string {
  const host = parseHost(text);
  return host === undefined ? '' : comparedHost(host, profile);
}
