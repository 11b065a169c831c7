/**
 * Which backend a request is for: an ordered list of routes, of which the first that fits counts.
 *
 * A policy is data, so that what a backend may keep can be told to it: `keepsOf` is the policy
 * seen from one backend.
 */

/** What of a request a policy looks at. */
export interface RequestBrief {
  readonly method: string;
  /** The path with its query, as it came. */
  readonly path: string;
  /** Host without port, in lower case; empty in an HTTP/1.0 request that names none. */
  readonly host: string;
  /** The Cookie field; empty when there is none. */
  readonly cookie: string;
}

/** Which requests are meant; what is left out fits everything. */
export interface RequestPattern {
  readonly host?: string | undefined;
  readonly pathPrefix?: string | undefined;
  /** `name=value`, one whole pair of the Cookie field. RFC 6265 section 4.2.1. */
  readonly cookie?: string | undefined;
}

/** Requests of one pattern, and the backends that serve them in turn. */
export interface Route extends RequestPattern {
  /** Names of backends. */
  readonly backends: readonly string[];
}

/** The routes, the first that fits counting. */
export type Policy = readonly Route[];

/** Whether one backend serves the requests of a pattern; in a list the first that fits counts. */
export interface Keep extends RequestPattern {
  readonly keep: boolean;
}

/** How often each route has been used, by its place. */
export type Turns = Map<number, number>;

/** Whether `brief` fits a pattern. */
export function fits(pattern: RequestPattern, brief: RequestBrief): boolean {
  const { host, pathPrefix, cookie } = pattern;
  return (
    (host === undefined || host === brief.host) &&
    (pathPrefix === undefined || brief.path.startsWith(pathPrefix)) &&
    (cookie === undefined || brief.cookie.split(';').some((pair) => pair.trim() === cookie))
  );
}

/**
 * The backend for a request: of the route's backends that are not `absent`, the next in turn.
 *
 * `present` is the backend that has the connection; it is kept where the route names it. Undefined
 * when no route fits, or none of its backends is there.
 */
export function choose(
  policy: Policy,
  turns: Turns,
  brief: RequestBrief,
  absent: ReadonlySet<string>,
  present?: string,
): string | undefined {
  const place = policy.findIndex((route) => fits(route, brief));
  const able = policy[place]?.backends.filter((name) => !absent.has(name)) ?? [];
  if (present !== undefined && able.includes(present)) return present;
  const turn = turns.get(place) ?? 0;
  turns.set(place, turn + 1);
  return able[turn % able.length];
}

/** The policy as the backend `name` needs it: what it may serve without asking. */
export function keepsOf(policy: Policy, name: string): readonly Keep[] {
  return policy.map(({ host, pathPrefix, cookie, backends }) => ({
    host,
    pathPrefix,
    cookie,
    keep: backends.includes(name),
  }));
}

/** Whether the first of `keeps` that fits says that the request may be kept. */
export function mayKeep(keeps: readonly Keep[], brief: RequestBrief): boolean {
  return keeps.find((each) => fits(each, brief))?.keep ?? false;
}
