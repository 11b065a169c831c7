/** What of a request the routes of a URL switch are held against. */
import type { Result } from 'scapy-ts';
import { valuesOf } from '../http/fields.ts';
import type { RequestHead } from '../http/request-head.ts';
import { parseHost, type Host } from '../http/target.ts';
import { pairsOf } from './cookie.ts';
import { comparedPath } from './url-path.ts';
import type { UrlProfile } from './url-profile.ts';

/** A request as a profile reads it. */
export interface ComparedUrl {
  /** Undefined when the request names no host, as in HTTP/1.0 it need not. */
  readonly host: string | undefined;
  readonly path: string;
  /** The pairs of the Cookie fields, as they are written. RFC 6265 section 4.2.1. */
  readonly cookies: readonly string[];
}

/** What of the head of a request is looked at. */
export type UrlSubject = Pick<RequestHead, 'form' | 'path' | 'host' | 'fields'>;

/** Why a profile refuses a request; each is status 400. */
export type UrlRefusal = 'path' | 'two-hosts' | 'asterisk';

/** Reads a request as a profile does. */
export function comparedUrl(
  head: UrlSubject,
  profile: UrlProfile,
): Result<ComparedUrl, UrlRefusal> {
  if (head.form === 'asterisk' && profile.asterisk === 'refuse') {
    return { ok: false, error: 'asterisk' };
  }
  const [field] = valuesOf(head.fields, 'host');
  const named = field === undefined ? undefined : parseHost(field);
  const isOfTarget = head.form === 'absolute' || head.form === 'authority';
  const differs = isOfTarget && named !== undefined && head.host !== undefined;
  if (differs && profile.absolute === 'same' && !isSame(head.host, named, profile.defaultPort)) {
    return { ok: false, error: 'two-hosts' };
  }
  const host = isOfTarget && profile.absolute === 'target' ? head.host : (named ?? head.host);
  const path = comparedPath(head.path, profile);
  if (path === undefined) return { ok: false, error: 'path' };
  const cookies = valuesOf(head.fields, 'cookie').flatMap(pairsOf);
  return { ok: true, value: { host: host && comparedHost(host, profile), path, cookies } };
}

/** A host's name as a profile compares it, with its port where that counts. */
export function comparedHost(
  { name, port }: Host,
  profile: Pick<UrlProfile, 'port' | 'defaultPort' | 'finalDot'>,
): string {
  const isDotted = profile.finalDot === 'ignored' && name.endsWith('.') && name !== '.';
  const bare = isDotted ? name.slice(0, -1) : name;
  const isPlain =
    port === undefined ||
    profile.port === 'ignored' ||
    (profile.port === 'unless-default' && port === profile.defaultPort);
  return isPlain ? bare : `${bare}:${port}`;
}

function isSame(a: Host, b: Host, defaultPort: number): boolean {
  return a.name === b.name && (a.port ?? defaultPort) === (b.port ?? defaultPort);
}
