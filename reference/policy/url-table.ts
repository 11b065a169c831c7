/** The routes of a URL switch as a table in which the one that counts is looked up. */
import { parseHost } from '../http/target.ts';
import {
  createPatternIndex,
  type IndexSubject,
  type LevelTexts,
  type PatternIndex,
} from './url-index.ts';
import type { UrlProfile } from './url-profile.ts';
import { comparedHost, type ComparedUrl } from './url-request.ts';
import {
  placesByPrecedence,
  type UrlPattern,
  type UrlPrecedence,
  type UrlRoute,
} from './url-route.ts';

/** A route of which no request is ever for its pool, and the one that is in its way. */
export interface ShadowedRoute {
  /** The place of the route that is never used. */
  readonly place: number;
  /** The place of the first route, by precedence, that fits all that this one fits. */
  readonly by: number;
}

interface RankedRoutes {
  readonly index: PatternIndex;
  /** The places of the routes by their ranks. */
  readonly places: readonly number[];
}

/** Says for a request which of the routes counts, by its place; undefined when none fits. */
export type UrlTable = (url: ComparedUrl) => number | undefined;

/** A table of routes without fault. */
export function createUrlTable(
  routes: readonly UrlRoute[],
  precedence: UrlPrecedence,
  profile: UrlProfile,
): UrlTable {
  const { index, places } = rank(routes, precedence, profile);
  return ({ host = '', path, cookies }) => {
    const hosts = hostsFor(host, precedence, index);
    const found = index.find({ hosts, start: path, end: path, texts: [path], cookies });
    return found === undefined ? undefined : places[found];
  };
}

/**
 * The routes that no request ever comes to because one other route goes before them and fits all
 * that they fit, in the order of the list.
 *
 * A route that only several others together leave nothing for is not found.
 */
export function findShadowed(
  routes: readonly UrlRoute[],
  precedence: UrlPrecedence,
  profile: UrlProfile,
): readonly ShadowedRoute[] {
  const { index, places } = rank(routes, precedence, profile);
  return places
    .flatMap((place, ownRank): readonly ShadowedRoute[] => {
      const texts = textsOf(routes[place] ?? {}, profile);
      const found = index.find(subjectOf(texts, precedence));
      const by = found === undefined || found === ownRank ? undefined : places[found];
      return by === undefined ? [] : [{ place, by }];
    })
    .toSorted((a, b) => a.place - b.place);
}

function rank(
  routes: readonly UrlRoute[],
  precedence: UrlPrecedence,
  profile: UrlProfile,
): RankedRoutes {
  const places = placesByPrecedence(routes, precedence);
  const index = createPatternIndex();
  for (const [at, place] of places.entries()) index.add(textsOf(routes[place] ?? {}, profile), at);
  return { index, places };
}

/** A host that routes name has only these routes in nginx, and no others. */
function hostsFor(host: string, precedence: UrlPrecedence, index: PatternIndex): readonly string[] {
  if (precedence !== 'nginx') return [host, ''];
  return [index.names(host) ? host : ''];
}

function textsOf(
  { host, prefix = '', suffix = '', substring = '', cookie = '' }: UrlPattern,
  profile: UrlProfile,
): LevelTexts {
  const named = host === undefined ? undefined : parseHost(host);
  return [
    named === undefined ? '' : comparedHost(named, profile),
    prefix,
    suffix,
    substring,
    cookie,
  ];
}

/** A pattern, so that what fits it fits all that fits the pattern. */
function subjectOf(
  [host, prefix, suffix, substring, cookie]: LevelTexts,
  precedence: UrlPrecedence,
): IndexSubject {
  // Every path begins with a slash but `*` and the empty one of CONNECT.
  const isRooted = `${suffix}${substring}`.replaceAll('*', '') !== '';
  const start = prefix === '' && isRooted ? '/' : prefix;
  return {
    hosts: precedence === 'nginx' ? [host] : [host, ''],
    start,
    end: suffix,
    texts: [start, suffix, substring],
    cookies: [cookie],
  };
}
