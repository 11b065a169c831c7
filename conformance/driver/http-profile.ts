/**
 * Choices of server switches that read requests: where several ways are right, or the RFCs say
 * nothing, a switch declares its own, and the suite holds it to that.
 */

/** Which route counts of several that fit. */
export type Precedence =
  /** The first in the list. */
  | 'first'
  /** The one with the longest prefix, none being the shortest; the first of equals. */
  | 'longest-prefix'
  /**
   * Of those that name the host, or else of those that name none, the first with a suffix or a
   * substring; else the one with the longest prefix. So nginx 1.22 with server names and locations.
   */
  | 'host-then-pattern';

/** How the octets of a URL or of a cookie become a number, from which a server follows. */
export type KeyHash =
  /** 32 bits, h · 65599 + octet, from 0; the server is that modulo the pool's size. */
  | 'sdbm'
  /** 32 bits, h · 33 + octet, from 5381; modulo the pool's size. */
  | 'djb2'
  /** CRC-32 of ISO 3309; modulo the pool's size. */
  | 'crc32'
  /** Bits 16 to 30 of CRC-32; modulo the pool's size. So `hash` of nginx 1.22. */
  | 'crc32-high'
  /** Another one, which is not judged but by what is always the same. */
  | 'own';

/** How a switch reads what a route is held against. */
export interface UrlChoices {
  /**
   * Percent-escapes of a path: compared as they came; with unreserved characters unescaped, RFC
   * 3986 section 6.2.2.2; or all unescaped, and NUL refused. Who reads them refuses what is none.
   */
  readonly escapes: 'raw' | 'rfc3986' | 'decode';
  /** Dot segments, RFC 3986 section 5.2.4; what leads above the root is refused, or the root. */
  readonly dots: 'keep' | 'remove' | 'remove-or-refuse';
  /** Slashes with nothing between them; one and several are not equivalent in RFC 3986. */
  readonly slashes: 'keep' | 'merge';
  /** Whether the texts of routes are looked for behind `?` too. */
  readonly query: 'ignored' | 'matched';
  /** A port in a host: part of its name, no part, or none if it is 80. RFC 9110 section 4.2.3. */
  readonly hostPort: 'compared' | 'ignored' | 'unless-default';
  /** One dot at the end of a host. RFC 1034 section 3.1. */
  readonly finalDot: 'compared' | 'ignored';
  readonly precedence: Precedence;
  /** `#` in a target, which no target may have: refused, or path and query end before it. */
  readonly numberSign: 'refused' | 'cut';
  /** `OPTIONS *`: routed with `*` for its path, or refused. RFC 9110 section 9.3.7. */
  readonly asterisk: 'routed' | 'refused';
}

/** What a server switch that claims HTTP declares beside; all of it. */
export interface HttpProfile extends UrlChoices {
  /** The longest request line that is read, in octets, CRLF not counted. RFC 9112 section 3. */
  readonly requestLineOctets: number;
  /** Seconds after which a client that has not sent a whole head is given up. */
  readonly headSeconds: number;
  /** A cookie that names a server which is down: another is chosen, or the answer is 5xx. */
  readonly deadCookie: 'another' | 'refused';
  /** With URLHASH: what is hashed. */
  readonly urlHashInput: 'path' | 'path-and-query';
  /** With URLHASH. */
  readonly urlHash: KeyHash;
  /**
   * With COOKIEHASH: the largest share of keys that change servers although theirs is still there,
   * when one server of several is taken away; 1 where nothing is promised.
   */
  readonly cookieHashMoves: number;
  /** With LARD: the most targets that are remembered; the one asked for longest ago goes first. */
  readonly lardTargets: number;
}
