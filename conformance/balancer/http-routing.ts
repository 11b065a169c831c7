/**
 * Which pool a request is for, by the routes of a service and by what its switch declares of how
 * it reads URLs.
 *
 *   target ─▶ host, path ─▶ both as the switch compares them ─▶ the routes that fit ─▶ one of them
 */
import type { Pool, Route, VirtualService } from '../driver/balancer.ts';
import type { UrlChoices } from '../driver/http-profile.ts';

/** What a switch reads of a request; `host` is the value of its Host field, if it has one. */
export interface Addressed {
  readonly target: string;
  readonly host: string | undefined;
}

/** What is to become of a request: it is for a pool, or is refused with status 400. */
export type Destination = { readonly pool: Pool } | 'refused';

const ABSOLUTE = /^https?:\/\/(?<authority>[^/?#]*)(?<rest>.*)$/isu;
const ESCAPE = /%([0-9A-Fa-f]{2})/gu;
const NO_ESCAPE = /%(?![0-9A-Fa-f]{2})/u;
const UNRESERVED = /^[A-Za-z0-9\-._~]$/u;
const DEFAULT_PORT = '80';

function unescaped(path: string, escapes: UrlChoices['escapes']): string | undefined {
  if (escapes === 'raw') return path;
  if (NO_ESCAPE.test(path)) return undefined;
  if (escapes === 'decode' && path.includes('%00')) return undefined;
  return path.replaceAll(ESCAPE, (escape, digits: string) => {
    const letter = String.fromCharCode(Number.parseInt(digits, 16));
    return escapes === 'decode' || UNRESERVED.test(letter) ? letter : escape.toUpperCase();
  });
}

/** RFC 3986 section 5.2.4, segment by segment; undefined for what leads above the root. */
function withoutDots(path: string, dots: UrlChoices['dots']): string | undefined {
  if (dots === 'keep' || !path.startsWith('/')) return path;
  const output: string[] = [];
  const input = path.slice(1).split('/');
  for (const [nth, segment] of input.entries()) {
    const isDots = segment === '.' || segment === '..';
    if (segment === '..' && output.pop() === undefined && dots === 'remove-or-refuse') {
      return undefined;
    }
    if (!isDots) output.push(segment);
    else if (nth === input.length - 1) output.push('');
  }
  return `/${output.join('/')}`;
}

/** The path as routes see it; undefined where it is refused. */
function comparedPath(written: string, choices: UrlChoices): string | undefined {
  const [beforeMark = ''] = choices.numberSign === 'cut' ? written.split('#', 1) : [written];
  const [path = '', ...rest] = beforeMark.split('?');
  const plain = unescaped(path, choices.escapes);
  if (plain === undefined) return undefined;
  const merged = choices.slashes === 'merge' ? plain.replaceAll(/\/+/gu, '/') : plain;
  const direct = withoutDots(merged, choices.dots);
  if (direct === undefined || choices.query === 'ignored' || rest.length === 0) return direct;
  return `${direct}?${rest.join('?')}`;
}

/** A host as it is compared. */
function comparedHost(written: string, { hostPort, finalDot }: UrlChoices): string {
  const { name = '', port } = /^(?<name>.*?)(?::(?<port>\d*))?$/su.exec(written)?.groups ?? {};
  const isDotted = finalDot === 'ignored' && name.endsWith('.');
  const plain = (isDotted ? name.slice(0, -1) : name).toLowerCase();
  const isNamed =
    port !== undefined &&
    hostPort !== 'ignored' &&
    !(hostPort === 'unless-default' && (port === DEFAULT_PORT || port === ''));
  return isNamed ? `${plain}:${port}` : plain;
}

function fits(
  { host, prefix = '', suffix = '', substring = '' }: Route,
  asked: { readonly host: string | undefined; readonly path: string },
  choices: UrlChoices,
): boolean {
  const isHost = host === undefined || comparedHost(host, choices) === asked.host;
  const { path } = asked;
  return isHost && path.startsWith(prefix) && path.endsWith(suffix) && path.includes(substring);
}

function longest(routes: readonly Route[]): Route | undefined {
  const length = ({ prefix = '' }: Route): number => prefix.length;
  const most = Math.max(...routes.map(length));
  return routes.find((route) => length(route) === most);
}

/** The one that counts of routes that fit; `all` are those of the service. */
function preferred(
  fitting: readonly Route[],
  all: readonly Route[],
  asked: string | undefined,
  choices: UrlChoices,
): Route | undefined {
  if (choices.precedence === 'first') return fitting[0];
  if (choices.precedence === 'longest-prefix') return longest(fitting);
  const isKnown = all.some(
    ({ host }) => host !== undefined && comparedHost(host, choices) === asked,
  );
  const own = fitting.filter(({ host }) => (host !== undefined) === isKnown);
  const pattern = own.find(({ suffix, substring }) => suffix ?? substring);
  return pattern ?? longest(own);
}

/** Where a request belongs. RFC 9112 section 3.2.2: the host of a target goes before the field's. */
export function destinationOf(
  { target, host }: Addressed,
  service: Pick<VirtualService, 'routes'> & Pool,
  choices: UrlChoices,
): Destination {
  if (target.includes('#') && choices.numberSign === 'refused') return 'refused';
  if (target === '*' && choices.asterisk === 'refused') return 'refused';
  const { authority, rest = '' } = ABSOLUTE.exec(target)?.groups ?? {};
  const written = authority === undefined ? target : rest.replace(/^(?!\/)/u, '/');
  const named = authority ?? host;
  const path = comparedPath(written, choices);
  if (path === undefined) return 'refused';
  const asked = {
    path,
    host: named === undefined ? undefined : comparedHost(named, choices),
  };
  const { routes = [] } = service;
  const fitting = routes.filter((route) => fits(route, asked, choices));
  return { pool: preferred(fitting, routes, asked.host, choices)?.pool ?? service };
}
