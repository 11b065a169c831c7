/** What of a connection or a request a policy takes for its key. */
import type { RequestBrief } from './brief.ts';
import { cookieOf } from './cookie.ts';
import type { PolicyDeclaration } from './declaration.ts';
import { NO_OCTETS, octetsOf } from './octets.ts';

/** What is known where a server is chosen: of a SYN less than of a request. */
export interface KeySubject {
  /** The client's address, 4 or 16 octets. */
  readonly source: Uint8Array;
  /** The addresses, ports and protocol of the connection, in an order that is always the same. */
  readonly connection: Uint8Array;
  readonly request?: Pick<RequestBrief, 'path' | 'cookie'>;
  /** The session ID of a TLS ClientHello. */
  readonly tlsSession?: Uint8Array;
}

/** The key for a choice; empty when the policy looks at none, or there is none. */
export function keyOf(declaration: PolicyDeclaration, subject: KeySubject): Uint8Array {
  const { source, connection, request, tlsSession } = subject;
  switch (declaration.policy) {
    case 'source-hash':
    case 'source-affinity':
      return source;
    case 'connection-hash':
      return connection;
    case 'url-hash':
    case 'lard':
      return request === undefined ? NO_OCTETS : urlOctets(request.path, declaration.input);
    case 'cookie-hash':
    case 'cookie-insert':
    case 'cookie-learn':
      return octetsOf(cookieOf(request?.cookie ?? '', declaration.cookie) ?? '');
    case 'tls-session':
      return tlsSession ?? NO_OCTETS;
    default:
      return NO_OCTETS;
  }
}

function urlOctets(path: string, input: 'path' | 'path-and-query'): Uint8Array {
  const query = path.indexOf('?');
  return octetsOf(input === 'path' && query >= 0 ? path.slice(0, query) : path);
}
