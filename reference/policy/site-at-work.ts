/** A site at work: routes as a table, and each pool with its policy. */
import { putToWork, type PolicyAtWork } from './policy-at-work.ts';
import type { DrawBelow, PoolServer } from './scheduler.ts';
import { placesByName } from './session.ts';
import type { Site, SitePool, SiteServer } from './site.ts';
import { createUrlSwitch, type UrlSwitch } from './url-switch.ts';

/** A pool at work. */
export interface PoolAtWork extends PolicyAtWork {
  readonly pool: SitePool;
  /** The places of its servers by name. */
  readonly places: ReadonlyMap<string, number>;
}

/** A site at work. */
export interface SiteAtWork {
  readonly site: Site;
  readonly choosePool: UrlSwitch;
  readonly pools: ReadonlyMap<string, PoolAtWork>;
}

/** Puts a site without fault to work; pools that `former` has too keep what they remember. */
export function openSite(site: Site, draw: DrawBelow, former?: SiteAtWork): SiteAtWork {
  const pools = site.pools.map((pool): readonly [string, PoolAtWork] => {
    const { name, policy, servers } = pool;
    const atWork = putToWork(policy, servers.map(shareOf), draw, former?.pools.get(name));
    return [name, { ...atWork, pool, places: placesByName(servers) }];
  });
  return { site, choosePool: createUrlSwitch(site.urls), pools: new Map(pools) };
}

/** One that is drained has its sessions as one of weight 0 has, and nothing new. */
function shareOf({ name, weight, isDrained }: SiteServer): PoolServer {
  return { name, weight: isDrained ? 0 : weight };
}
