/** How much of a message is read before it is refused; with these, memory is bounded. */

/** Limits of a framer; each is a safe integer. */
export interface HttpLimits {
  /** Most octets of a request or status line, its CRLF not counted. RFC 9112 section 3. */
  readonly startLineOctets: number;
  /** Most octets of a head from its first line to its blank line, and of a trailer section. */
  readonly headOctets: number;
  /** Most field lines of a head, and of a trailer section. */
  readonly fields: number;
  /** Most content octets of one message. */
  readonly contentOctets: number;
  /** Most octets of one message's chunk lines beside digits and CRLF. RFC 9112 section 7.1.1. */
  readonly chunkExtensionOctets: number;
}

/** What is taken where nothing else is said: the limits of the servers in use. */
export const DEFAULT_LIMITS: HttpLimits = {
  startLineOctets: 8192,
  headOctets: 65_536,
  fields: 100,
  contentOctets: Number.MAX_SAFE_INTEGER,
  chunkExtensionOctets: 16_384,
};
