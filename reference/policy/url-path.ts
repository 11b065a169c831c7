/**
 * Paths as a profile compares them.
 *
 *   escapes ─▶ slashes ─▶ dot segments
 *
 * In this order a second time changes nothing, for `%2e` may be a dot, and a dot segment may stand
 * between two slashes. The one exception is `decode`: what it makes is no path any more but its
 * octets, which must not be decoded twice (`%2541` is `%41`, and not `A`).
 *
 * A path with a `%` that begins no escape is refused where escapes are read: unescaping beside it
 * would make new ones (`%%34%31`).
 */
import type { UrlProfile } from './url-profile.ts';

/** What of a profile is about paths. */
export type PathProfile = Pick<UrlProfile, 'escapes' | 'dots' | 'slashes' | 'query'>;

const ESCAPE = /%([0-9A-Fa-f]{2})/gu;
const MALFORMED = /%(?![0-9A-Fa-f]{2})/u;
const NUL = '%00';
/** RFC 3986 section 2.3. */
const UNRESERVED = /[A-Za-z0-9\-._~]/u;

/**
 * What the texts of routes are looked for in: the normal path, and the query as it came where a
 * profile has it so. Undefined when the profile refuses the path.
 *
 * `target` is path and query of a request, one character an octet; `*` and the empty path of
 * CONNECT stay what they are.
 */
export function comparedPath(target: string, profile: PathProfile): string | undefined {
  const mark = target.indexOf('?');
  const end = mark < 0 ? target.length : mark;
  const path = normalPath(target.slice(0, end), profile);
  if (path === undefined || profile.query === 'ignored') return path;
  return path + target.slice(end);
}

/** The normal form of a path without query; undefined when the profile refuses it. */
export function normalPath(path: string, profile: PathProfile): string | undefined {
  const { escapes } = profile;
  if (escapes === 'raw') return resolvePath(path, profile);
  if (MALFORMED.test(path) || (escapes === 'decode' && path.includes(NUL))) return undefined;
  return resolvePath(escapes === 'decode' ? decodeEscapes(path) : normalEscapes(path), profile);
}

/** A path whose escapes are settled, with its slashes and dot segments as the profile has them. */
export function resolvePath(
  path: string,
  { slashes, dots }: Pick<PathProfile, 'slashes' | 'dots'>,
): string | undefined {
  const merged = slashes === 'merge' ? path.replaceAll(/\/{2,}/gu, '/') : path;
  return dots === 'keep' ? merged : removeDotSegments(merged, dots === 'remove-or-refuse');
}

/** RFC 3986 sections 6.2.2.1 and 6.2.2.2. */
function normalEscapes(text: string): string {
  return text.replaceAll(ESCAPE, (escape, digits: string) => {
    const character = String.fromCharCode(Number.parseInt(digits, 16));
    return UNRESERVED.test(character) ? character : escape.toUpperCase();
  });
}

function decodeEscapes(text: string): string {
  return text.replaceAll(ESCAPE, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

/** RFC 3986 section 5.2.4, for a path that begins with a slash. */
function removeDotSegments(path: string, isStrict: boolean): string | undefined {
  if (!path.includes('/.')) return path;
  const segments = path.slice(1).split('/');
  const last = segments.at(-1);
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === '.') continue;
    if (segment !== '..') kept.push(segment);
    else if (kept.pop() === undefined && isStrict) return undefined;
  }
  // A directory stays one: what a last dot segment leaves ends in a slash.
  if (last === '.' || last === '..') kept.push('');
  return `/${kept.join('/')}`;
}
