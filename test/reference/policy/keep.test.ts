/** What a backend may keep: never a request that the site gives to another. */
import test from 'ava';
import fc from 'fast-check';
import { subjectOf, type RequestBrief } from '../../../reference/policy/brief.ts';
import { keepsOf, mayKeep, NO_KEEPS } from '../../../reference/policy/keep.ts';
import { siteOf, type Site } from '../../../reference/policy/site.ts';
import { RAW_URLS } from '../../../reference/policy/url-profile.ts';
import { createUrlSwitch } from '../../../reference/policy/url-switch.ts';
import { runs } from '../../runs.ts';
import { arbitraryBrief, arbitrarySite, POLICIES } from './sites.ts';

/** The name of the pool of a request; undefined when it is refused, or has none. */
function poolFor({ urls, otherwise }: Site, brief: RequestBrief): string | undefined {
  const chosen = createUrlSwitch(urls)()(subjectOf(brief));
  return chosen.ok ? (chosen.value ?? otherwise) : undefined;
}

test('a backend keeps the requests of its pools whose policies stay, and no others', (t) => {
  fc.assert(
    fc.property(arbitrarySite, arbitraryBrief, (site, brief) => {
      if (site.urls.locality === 'connection') return;
      const pool = site.pools.find(({ name }) => name === poolFor(site, brief));
      const stays = POLICIES.some(([policy, each]) => each && policy === pool?.policy);
      for (const backend of ['b1', 'b2', 'b3', 'b4']) {
        const isOfPool = pool?.servers.some(({ name }) => name === backend) === true;
        t.is(mayKeep(keepsOf(site, backend), brief), stays && isOfPool, backend);
      }
    }),
    runs(3000),
  );
});

test('where a connection has one pool, its server keeps all that is not refused', (t) => {
  fc.assert(
    fc.property(arbitrarySite, arbitraryBrief, ({ urls, ...rest }, brief) => {
      const site: Site = { ...rest, urls: { ...urls, locality: 'connection' } };
      const { ok } = createUrlSwitch(urls)()(subjectOf(brief));
      t.is(mayKeep(keepsOf(site, 'b1'), brief), ok);
    }),
    runs(500),
  );
});

test('more routes than are told, and nothing is kept', (t) => {
  const site = siteOf([{ backends: ['b1'] }]);
  const brief = { method: 'GET', path: '/', host: 'a', cookie: '' };
  t.true(mayKeep(keepsOf(site, 'b1'), brief));
  const routes = Array.from({ length: 3000 }, () => ({ prefix: '/', pool: '0' }));
  t.is(keepsOf({ ...site, urls: { ...site.urls, routes } }, 'b1'), NO_KEEPS);
});

test('a cookie counts as a whole pair, whatever is beside it', (t) => {
  const keeps = { profile: RAW_URLS, routes: [{ cookie: 'shop=b', keep: true }] };
  const keepsCookie = (cookie: string): boolean =>
    mayKeep(keeps, { method: 'GET', path: '/', host: 'a', cookie });
  t.true(keepsCookie('a=1; shop=b'));
  t.false(keepsCookie('shop=bc'));
  t.false(keepsCookie('xshop=b'));
  t.false(keepsCookie(''));
});
