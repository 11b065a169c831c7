/**
 * URL profiles: what a switch declares about how it reads a request before it looks for a route.
 *
 * Products differ in every line of it, and a request that two readers understand differently comes
 * to a pool that was not meant for it. So nothing here is a default: a profile says all of it.
 */

/** What a switch declares. */
export interface UrlProfile {
  /**
   * Percent-escapes of the path: as they came; as RFC 3986 section 6.2.2 has them, hexadecimal
   * digits in capitals and unreserved characters unescaped; or all decoded, and NUL is refused.
   * Where they are not left as they came, a malformed one is refused.
   */
  readonly escapes: 'raw' | 'rfc3986' | 'decode';
  /**
   * `.` and `..`, RFC 3986 section 5.2.4: kept; removed; or removed, and a path that leads above
   * the root is refused.
   */
  readonly dots: 'keep' | 'remove' | 'remove-or-refuse';
  /** Slashes without anything between them: several, or one. Not equivalent in RFC 3986. */
  readonly slashes: 'keep' | 'merge';
  /** Whether texts of routes are looked for in the query too, which comes after the path. */
  readonly query: 'ignored' | 'matched';
  /**
   * The port of a host: part of its name as it is written; ignored; or part of it unless it is
   * `defaultPort`. RFC 9110 section 4.2.3.
   */
  readonly port: 'compared' | 'ignored' | 'unless-default';
  /** The port of the scheme: 80, and 443 behind TLS. RFC 9110 sections 4.2.1 and 4.2.2. */
  readonly defaultPort: number;
  /** One dot after a host: part of its name, or not. RFC 1034 section 3.1. */
  readonly finalDot: 'compared' | 'ignored';
  /**
   * Whose host counts when the target has one and a Host field is there: the target's, as RFC 9112
   * section 3.2.2 has it; the field's; or either, and where they differ the request is refused.
   */
  readonly absolute: 'target' | 'field' | 'same';
  /** `OPTIONS *`: matched with `*` for its path, or refused. RFC 9112 section 3.2.4. */
  readonly asterisk: 'match' | 'refuse';
}

/** Nothing is changed before it is compared, but that a host has no case. RFC 9110 4.2.3. */
export const RAW_URLS: UrlProfile = {
  escapes: 'raw',
  dots: 'keep',
  slashes: 'keep',
  query: 'ignored',
  port: 'compared',
  defaultPort: 80,
  finalDot: 'compared',
  absolute: 'target',
  asterisk: 'match',
};

/** All that RFC 3986 section 6.2.2 and RFC 9110 section 4.2.3 call equivalent is equal. */
export const RFC3986_URLS: UrlProfile = {
  ...RAW_URLS,
  escapes: 'rfc3986',
  dots: 'remove',
  port: 'unless-default',
};

/** HAProxy 2.6.12 with `path_beg`, `path_end`, `path_sub` and `hdr(host) -i`, as it was seen. */
export const HAPROXY_URLS: UrlProfile = { ...RAW_URLS, absolute: 'same' };

/** nginx 1.22.1 with `location`, `server_name` and `merge_slashes on`, as it was seen. */
export const NGINX_URLS: UrlProfile = {
  ...RAW_URLS,
  escapes: 'decode',
  dots: 'remove-or-refuse',
  slashes: 'merge',
  port: 'ignored',
  finalDot: 'ignored',
  asterisk: 'refuse',
};
