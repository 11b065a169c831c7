/** URL switches that must fail, and others that are right in another way than the reference. */
import type { SitePool } from '../../../../reference/policy/site.ts';
import { RAW_URLS, NGINX_URLS } from '../../../../reference/policy/url-profile.ts';
import { CLAIMS } from '../hello.ts';
import {
  PASSING_ON,
  poolsAs,
  urlsAs,
  type UrlSwitchDefect,
  type UrlSwitchVariation,
} from './defect.ts';
import { REQUEST_DEFECTS } from './requests.ts';
import { SERVER_DEFECTS } from './servers.ts';
import { SESSION_DEFECTS } from './sessions.ts';

/** Each breaks at least one requirement. */
export const URL_SWITCH_DEFECTS: readonly UrlSwitchDefect[] = [
  ...REQUEST_DEFECTS,
  ...SESSION_DEFECTS,
  ...SERVER_DEFECTS,
];

/** Other orders and ties, other hashes, and cookies that are refused. */
function otherwise(policy: SitePool['policy']): SitePool['policy'] {
  switch (policy.policy) {
    case 'weighted-round-robin':
      return { ...policy, order: 'haproxy-static' };
    case 'least-connections':
      return { ...policy, tie: 'turn' };
    case 'url-hash':
      return { ...policy, input: 'path-and-query', placement: { kind: 'modulo', hash: 'djb2' } };
    case 'cookie-hash':
      return { ...policy, placement: { kind: 'modulo', hash: 'crc32' } };
    case 'cookie-insert':
      return { ...policy, dead: 'refuse' };
    default:
      return policy;
  }
}

/** Whoever fails one of these judges the reference, and not the requirements. */
export const URL_SWITCH_VARIATIONS: readonly UrlSwitchVariation[] = [
  {
    // As HAProxy reads, but for what it does with two hosts.
    name: 'a proxy that compares what came',
    claims: CLAIMS.filter((each) => each !== 'HANDOFF'),
    controller: PASSING_ON,
    site: urlsAs(() => ({ profile: RAW_URLS, precedence: 'first' })),
    http: { escapes: 'raw', dots: 'keep', hostPort: 'compared', precedence: 'first' },
  },
  {
    // What is handed off passes no store.
    name: 'a Prism that hands off all, and reads as nginx does',
    claims: CLAIMS.filter((each) => each !== 'CACHE'),
    controller: { handOffFromOctets: 0 },
    site: urlsAs(() => ({
      profile: { ...NGINX_URLS, absolute: 'target' },
      precedence: 'nginx',
    })),
    http: {
      escapes: 'decode',
      dots: 'remove-or-refuse',
      slashes: 'merge',
      hostPort: 'ignored',
      finalDot: 'ignored',
      precedence: 'host-then-pattern',
      asterisk: 'refused',
    },
  },
  {
    name: 'a Prism that chooses otherwise',
    site: poolsAs((pool) => ({ ...pool, policy: otherwise(pool.policy) })),
    choices: { turns: 'haproxy-static', ties: 'next' },
    http: {
      deadCookie: 'refused',
      urlHashInput: 'path-and-query',
      urlHash: 'djb2',
      cookieHashMoves: 1,
    },
  },
];
