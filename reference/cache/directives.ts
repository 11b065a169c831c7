/** What the Cache-Control field says. RFC 9111 section 5.2. */
import { valuesOf, type Field } from '../http/fields.ts';

/** Directives by their names in lower case; one without an argument has an empty one. */
export type Directives = ReadonlyMap<string, string>;

/** A token, and perhaps `=` and a token or a quoted string. RFC 9110 section 5.6. */
const DIRECTIVE =
  /\s*(?<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:=(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<token>[^\s,";]*)))?\s*(?:,|$)|[^,]*(?:,|$)/guy;
/** Greater ones are as good. RFC 9111 section 1.2.2. */
const SECONDS_MAX = 2 ** 31;

/**
 * The directives of all Cache-Control fields; of one that comes twice the first counts.
 *
 * RFC 9111 section 4.2.1 lets a cache choose between that and taking such a response for stale.
 */
export function directivesOf(fields: readonly Field[]): Directives {
  const found = new Map<string, string>();
  for (const { groups = {} } of valuesOf(fields, 'cache-control').join(',').matchAll(DIRECTIVE)) {
    const { name, quoted, token } = groups;
    const key = name?.toLowerCase();
    if (key !== undefined && !found.has(key)) found.set(key, quoted ?? token ?? '');
  }
  return found;
}

/** The seconds of a directive; 0 where it is there and says no number; undefined without it. */
export function secondsOf(directives: Directives, name: string): number | undefined {
  const text = directives.get(name);
  if (text === undefined) return undefined;
  return /^\d+$/u.test(text) ? Math.min(SECONDS_MAX, Number(text)) : 0;
}
