/**
 * Routes of a URL switch: which requests are for which pool, and which route counts of several that
 * fit.
 */

/**
 * Which requests are meant; what is left out fits everything, and all that is there has to fit.
 *
 * Texts have one character an octet and are compared as they are, the profile's normal form.
 */
export interface UrlPattern {
  /** A name, and perhaps a port, in any case. */
  readonly host?: string | undefined;
  /** What the path begins with. */
  readonly prefix?: string | undefined;
  /** What the path ends in. */
  readonly suffix?: string | undefined;
  /** What is somewhere in the path. */
  readonly substring?: string | undefined;
  /** `name=value`, one whole pair of the Cookie field. RFC 6265 section 4.2.1. */
  readonly cookie?: string | undefined;
}

/** Requests of one pattern, and their pool. */
export interface UrlRoute extends UrlPattern {
  readonly pool: string;
}

/**
 * Which route counts:
 *
 *   first            the first in the list that fits; so HAProxy 2.6.12
 *   longest-prefix   the one with the longest prefix, none being the shortest; the first of equals
 *   nginx            of the routes that name this host, or else of those that name none, the first
 *                    with suffix or substring; else the one with the longest prefix (1.22.1)
 */
export type UrlPrecedence = 'first' | 'longest-prefix' | 'nginx';

/** The places of the routes, those first that go before others. */
export function placesByPrecedence(
  routes: readonly UrlRoute[],
  precedence: UrlPrecedence,
): readonly number[] {
  const places = [...routes.keys()];
  if (precedence === 'first') return places;
  return places.toSorted((a, b) => {
    const [one, other] = [routes[a], routes[b]];
    const byClass = precedence === 'nginx' ? classOf(one) - classOf(other) : 0;
    if (byClass !== 0 || (precedence === 'nginx' && classOf(one) === 0)) return byClass || a - b;
    return prefixLength(other) - prefixLength(one) || a - b;
  });
}

/** What is a regular expression in nginx, 0, goes before what is not, 1. */
function classOf(route: UrlPattern | undefined): 0 | 1 {
  return route?.suffix === undefined && route?.substring === undefined ? 1 : 0;
}

function prefixLength(route: UrlPattern | undefined): number {
  return route?.prefix?.length ?? 0;
}
