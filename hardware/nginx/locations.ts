/**
 * Routes as nginx's locations: patterns in their order first, then the longest prefix
 * (nginx.org/en/docs/http/ngx_http_core_module.html, location).
 */
import type { Route } from '../../conformance/driver/balancer.ts';

/** A word between quotation marks in which no character means anything else. */
export function quoted(word: string): string {
  return `"${word.replaceAll(/[\\"]/gu, String.raw`\$&`)}"`;
}

function literal(text: string): string {
  return text.replaceAll(/[^\w/]/gu, String.raw`\$&`);
}

/** The paths of a route: each of its words has to fit somewhere, whatever the others take. */
function patternOf({ prefix = '', suffix = '', substring = '' }: Route): string {
  return String.raw`(?s)^(?=${literal(prefix)})(?=.*${literal(substring)})(?=.*${literal(suffix)}\z)`;
}

/** A route of a server, and the upstream of its pool. */
export interface Location {
  readonly route: Route;
  readonly upstream: string;
}

function isPattern({ route }: Location): boolean {
  return (route.suffix ?? route.substring) !== undefined;
}

/** Where nginx would look for `path`: in the first pattern that fits, else by the longest prefix. */
function upstreamOf(path: string, locations: readonly Location[], otherwise: string): string {
  const fitting = locations.filter(({ route: { prefix = '', suffix = '', substring = '' } }) => {
    return path.startsWith(prefix) && path.endsWith(suffix) && path.includes(substring);
  });
  const byLength = fitting.toSorted(
    ({ route: one }, { route: other }) => (other.prefix?.length ?? 0) - (one.prefix?.length ?? 0),
  );
  return (fitting.find(isPattern) ?? byLength[0])?.upstream ?? otherwise;
}

/** Where requests go that reach one server; `otherwise` is the upstream of what no route fits. */
export function locationLines(
  locations: readonly Location[],
  otherwise: string,
): readonly string[] {
  const line = (match: string, upstream: string): string => {
    return `location ${match} { proxy_pass http://${upstream}; }`;
  };
  const patterns = locations
    .filter(isPattern)
    .map(({ route, upstream }) => line(`~ ${quoted(patternOf(route))}`, upstream));
  const prefixes = [...new Set(['/', ...locations.map(({ route: { prefix = '/' } }) => prefix)])];
  return [
    ...patterns,
    ...prefixes.flatMap((prefix) => {
      const fitting = locations.filter((each) => !isPattern(each));
      const own = fitting.find(({ route }) => (route.prefix ?? '/') === prefix)?.upstream;
      if (own === undefined) return prefix === '/' ? [line('/', otherwise)] : [];
      const short = prefix.slice(0, -1);
      // Else nginx would tell who leaves out the last slash of a prefix to come again with it.
      const exact = prefix.length > 1 && prefix.endsWith('/');
      const alone = exact
        ? [line(`= ${quoted(short)}`, upstreamOf(short, locations, otherwise))]
        : [];
      return [line(quoted(prefix), own), ...alone];
    }),
  ];
}
