/** Cookies: the value that a Cookie or a Set-Cookie field has for a name. RFC 6265 section 4. */

/** Characters of a cookie's name: a token. RFC 6265 section 4.1.1, RFC 9110 section 5.6.2. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Characters of a cookie's value. RFC 6265 section 4.1.1. */
const VALUE = /^[!#-+\--:<-[\]-~]*$/;

/** Whether a text may be the name of a cookie. */
export function isCookieName(text: string): boolean {
  return NAME.test(text);
}

/** Whether a text may be the value of a cookie, without quotes. */
export function isCookieValue(text: string): boolean {
  return VALUE.test(text);
}

/**
 * The value of the first cookie of this very name in a Cookie field; quotes belong to it.
 *
 * Case counts, the order does not, and neither does what the other pairs look like. Undefined when
 * there is none.
 */
export function cookieOf(field: string, name: string): string | undefined {
  for (const pair of pairsOf(field)) {
    const value = valueOf(pair, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The pairs of a Cookie field in order, without the blanks around each. */
export function pairsOf(field: string): readonly string[] {
  return field.split(';').map(trim);
}

/** The value that a Set-Cookie field gives to the cookie of this very name; else undefined. */
export function setCookieOf(field: string, name: string): string | undefined {
  const [pair = ''] = field.split(';', 1);
  return valueOf(pair, name);
}

function valueOf(pair: string, name: string): string | undefined {
  const equals = pair.indexOf('=');
  if (equals < 0 || trim(pair.slice(0, equals)) !== name) return undefined;
  return trim(pair.slice(equals + 1));
}

/** The text without the SP and HTAB around it; other whitespace is not ASCII, and no blank. */
function trim(text: string): string {
  return text.replaceAll(/^[ \t]+|[ \t]+$/gu, '');
}
