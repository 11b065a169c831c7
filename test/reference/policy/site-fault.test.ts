/** Sites that cannot be, with the place of the fault. */
import test from 'ava';
import fc from 'fast-check';
import { formatSiteFault, siteFault } from '../../../reference/policy/site-fault.ts';
import { siteOf, type Site } from '../../../reference/policy/site.ts';
import { openSite } from '../../../reference/policy/site-at-work.ts';
import { runs } from '../../runs.ts';
import { drawFrom } from './bed.ts';
import { arbitrarySite, BACKENDS, POLICIES, poolOf, siteFor, siteOver } from './sites.ts';

const TURNS = { policy: 'round-robin' } as const;

/** What is wrong with a site. */
function faultOf(site: Site): string | undefined {
  const fault = siteFault(site, BACKENDS);
  return fault && formatSiteFault(fault);
}

test('every policy that looks at a request can be of a site', (t) => {
  for (const [policy] of POLICIES) t.is(faultOf(siteFor(policy, 'b1', 'b2')), undefined);
});

test('what is declared wrongly is found, with its place', (t) => {
  const site = siteFor(TURNS, 'b1');
  t.is(faultOf({ ...site, otherwise: 'none' }), 'otherwise: there is no pool none');
  const routes = [{ prefix: '/', pool: 'none' }];
  t.is(faultOf({ ...site, urls: { ...site.urls, routes } }), '[0].pool: there is no pool none');
  t.is(faultOf(siteFor(TURNS, 'b9')), 'pool all: there is no backend b9');
  t.is(faultOf({ ...site, pools: [...site.pools, ...site.pools] }), 'two pools are called all');
  t.regex(faultOf(siteFor(TURNS, 'b1', 'b1')) ?? '', /^pool all: .*same-name/u);
  t.regex(faultOf(siteOf([{ pathPrefix: 'a', backends: ['b1'] }])) ?? '', /^routes: .*never/u);
  const cache = { octetsMax: 10, entryOctetsMax: 0 };
  t.is(faultOf({ ...site, cache }), 'cache.entryOctetsMax: 0 is no whole number from 1 on');
  const tls = { dead: 'choose', weightless: 'keep', entriesMax: 1, expireMs: 1 } as const;
  t.is(
    faultOf(siteFor({ policy: 'tls-session', ...tls, otherwise: TURNS }, 'b1')),
    'pool all: tls-session looks at what no request has',
  );
  const draws = siteOver(poolOf('all', { policy: 'random', draws: 0 }, 'b1'));
  t.regex(faultOf(draws) ?? '', /^pool all: .*draws/u);
});

test('what has no fault can be put to work', (t) => {
  fc.assert(
    fc.property(arbitrarySite, (site) => {
      if (faultOf(site) === undefined) t.is(openSite(site, drawFrom(1)).pools.size, 2);
    }),
    runs(500),
  );
});
