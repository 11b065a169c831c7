/** Why routes cannot be used with a profile, said before a table is built of them. */
import { parseHost } from '../http/target.ts';
import { isCookieName, isCookieValue } from './cookie.ts';
import { comparedPath, resolvePath } from './url-path.ts';
import type { UrlProfile } from './url-profile.ts';
import type { UrlPattern, UrlRoute } from './url-route.ts';

/** The most routes of one switch. */
export const ROUTES_MAX = 1_048_576;
/** The most octets of a prefix, a suffix or a substring; a look-up is bounded by it. */
export const ROUTE_TEXT_MAX = 255;

/** What is wrong, and where it can be found. */
export type UrlFault =
  | {
      readonly kind: 'range';
      readonly field: string;
      readonly least: number;
      readonly most: number;
    }
  /** The text is no host, or it has a port that the profile ignores. */
  | { readonly kind: 'host' | 'port'; readonly field: string; readonly text: string }
  /** The text is no `name=value`. */
  | { readonly kind: 'cookie'; readonly field: string; readonly text: string }
  /** No path that this profile compares has the text there. */
  | { readonly kind: 'never'; readonly field: string; readonly text: string };

type TextKind = 'prefix' | 'suffix' | 'substring';

const KINDS: readonly TextKind[] = ['prefix', 'suffix', 'substring'];
const VISIBLE = /^[!"$->@-~]+$/u;
const VISIBLE_WITH_QUERY = /^[!"$-~]+$/u;
/** An escape that goes on behind the text. */
const OPEN_ESCAPE = /%[0-9A-Fa-f]?$/u;

/** The first fault of routes; undefined when there is none. */
export function routesFault(
  routes: readonly UrlRoute[],
  profile: UrlProfile,
): UrlFault | undefined {
  if (routes.length > ROUTES_MAX) {
    return { kind: 'range', field: 'length', least: 0, most: ROUTES_MAX };
  }
  for (const [place, route] of routes.entries()) {
    const fault =
      hostFault(route, place, profile) ??
      textFault(route, place, profile) ??
      cookieFault(route, place);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function hostFault(
  { host }: UrlPattern,
  place: number,
  { port }: UrlProfile,
): UrlFault | undefined {
  if (host === undefined) return undefined;
  const field = `[${place}].host`;
  const named = parseHost(host);
  if (named === undefined) return { kind: 'host', field, text: host };
  const isIgnored = named.port !== undefined && port === 'ignored';
  return isIgnored ? { kind: 'port', field, text: host } : undefined;
}

function cookieFault({ cookie }: UrlPattern, place: number): UrlFault | undefined {
  if (cookie === undefined) return undefined;
  const [name = '', ...value] = cookie.split('=');
  const isPair = value.length > 0 && isCookieName(name) && isCookieValue(value.join('='));
  return isPair ? undefined : { kind: 'cookie', field: `[${place}].cookie`, text: cookie };
}

function textFault(pattern: UrlPattern, place: number, profile: UrlProfile): UrlFault | undefined {
  for (const kind of KINDS) {
    const text = pattern[kind];
    if (text === undefined) continue;
    const field = `[${place}].${kind}`;
    if (text === '' || text.length > ROUTE_TEXT_MAX) {
      return { kind: 'range', field: `${field}.length`, least: 1, most: ROUTE_TEXT_MAX };
    }
    if (isNever(kind, text, profile)) return { kind: 'never', field, text };
  }
  return undefined;
}

/** Whether no compared path has this text; false where it cannot be told. */
function isNever(kind: TextKind, text: string, profile: UrlProfile): boolean {
  if (kind === 'prefix' && !text.startsWith('/')) {
    return text !== '*' || profile.asterisk === 'refuse';
  }
  if (!isSpelt(text, profile)) return true;
  // In a query, which is compared as it came, everything may be.
  if (kind !== 'prefix' && profile.query === 'matched') return false;
  const path = kind === 'prefix' ? comparedPart(text, profile) : `/x${text}`;
  // A path that has the text; the last letter keeps a dot at its end from being a dot segment.
  const sample = kind === 'suffix' ? path : `${path.replace(OPEN_ESCAPE, '')}x`;
  return normalForm(sample, profile) !== sample;
}

/** Whether a path may have these letters: in a target they are visible, decoded any but NUL. */
function isSpelt(text: string, { escapes, query }: UrlProfile): boolean {
  if (escapes !== 'decode') return (query === 'matched' ? VISIBLE_WITH_QUERY : VISIBLE).test(text);
  return Array.from(text, (letter) => letter.codePointAt(0) ?? 0).every(
    (code) => code > 0 && code <= 0xff,
  );
}

/** What of a prefix is surely of the path: a decoded `?` may be of the path or begin the query. */
function comparedPart(prefix: string, { escapes, query }: UrlProfile): string {
  const [before = ''] = prefix.split('?', 1);
  return escapes === 'decode' && query === 'matched' ? before : prefix;
}

/** The normal form of a sample; of a decoded one the escapes are settled. */
function normalForm(sample: string, profile: UrlProfile): string | undefined {
  return profile.escapes === 'decode'
    ? resolvePath(sample, profile)
    : comparedPath(sample, profile);
}
