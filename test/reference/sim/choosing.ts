/** What says in a schedule which backend has a request. */
import { schedulerOf, type PolicyDeclaration } from '../../../reference/policy/declaration.ts';
import { siteOf, type Site } from '../../../reference/policy/site.ts';
import { choiceOf, drawFrom, poolNamed } from '../policy/bed.ts';
import { siteFor } from '../policy/sites.ts';

/** Its path, its cookie, or the hash of its URL. */
export type Choosing = 'route' | 'cookie' | 'url';

const URLS: PolicyDeclaration = {
  policy: 'url-hash',
  input: 'path-and-query',
  placement: { kind: 'modulo', hash: 'crc32' },
};
/** A site over `b1` and `b2` for each. */
export const SITES: Readonly<Record<Choosing, Site>> = {
  route: siteOf([
    { pathPrefix: '/a', backends: ['b1'] },
    { pathPrefix: '/b', backends: ['b2'] },
  ]),
  cookie: siteFor(
    {
      policy: 'cookie-insert',
      cookie: 'SRV',
      dead: 'choose',
      weightless: 'keep',
      otherwise: { policy: 'round-robin' },
    },
    'b1',
    'b2',
  ),
  url: siteFor(URLS, 'b1', 'b2'),
};

/** A target whose hash is that of a backend. */
export function hashedTo(backend: string, target: string): string {
  const scheduler = schedulerOf(URLS, poolNamed('b1', 'b2'), drawFrom(1));
  const place = backend === 'b1' ? 0 : 1;
  for (let count = 0; ; count += 1) {
    const asked = `${target}?${count}`;
    if (scheduler.choose(choiceOf({ key: asked })) === place) return asked;
  }
}
