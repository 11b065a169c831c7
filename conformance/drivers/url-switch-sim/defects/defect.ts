/** A defect of a URL switch. */
import type { Site, SitePool } from '../../../../reference/policy/site.ts';
import type { HealthCheck, Setup } from '../../../driver/balancer.ts';
import type { UrlSwitchAlteration } from '../url-switch-sim.ts';

/** A URL switch with one thing wrong. */
export interface UrlSwitchDefect extends UrlSwitchAlteration {
  /** Unique; small letters and hyphens. */
  readonly name: string;
  /** What it does, in a sentence. */
  readonly sentence: string;
  /** Id of the requirement that has to fail. */
  readonly breaks: string;
}

/** A URL switch that is right in another way than the reference. */
export interface UrlSwitchVariation extends UrlSwitchAlteration {
  readonly name: string;
}

/** Nothing is handed off. */
export const PASSING_ON: NonNullable<UrlSwitchAlteration['controller']> = {
  handOffFromOctets: Number.MAX_SAFE_INTEGER,
  handOffFromRequests: Number.MAX_SAFE_INTEGER,
};

/** What a defect makes of a site. */
export type Configure = (site: Site) => Site;

/** Each pool as `edit` makes it. */
export function poolsAs(edit: (pool: SitePool) => SitePool): Configure {
  return (site) => ({ ...site, pools: site.pools.map(edit) });
}

type Policy = SitePool['policy'];
type PolicyOf<Name extends Policy['policy']> = Extract<Policy, { readonly policy: Name }>;

/** The policies of a name as `edit` makes them. */
export function policies<Name extends Policy['policy']>(
  name: Name,
  edit: (policy: PolicyOf<Name>) => Policy,
): Configure {
  const isMeant = (policy: Policy): policy is PolicyOf<Name> => policy.policy === name;
  return poolsAs((pool) => {
    return isMeant(pool.policy) ? { ...pool, policy: edit(pool.policy) } : pool;
  });
}

/** How URLs are read as `edit` makes it. */
export function urlsAs(edit: (urls: Site['urls']) => Partial<Site['urls']>): Configure {
  return (site) => ({ ...site, urls: { ...site.urls, ...edit(site.urls) } });
}

/** The checks of services as `edit` makes them; undefined is none. */
export function checksAs(
  edit: (check: HealthCheck) => HealthCheck | undefined,
): (setup: Setup) => Setup {
  return (setup) => ({
    ...setup,
    services: setup.services.map(({ check, ...service }) => {
      const other = check === undefined ? undefined : edit(check);
      return other === undefined ? service : { ...service, check: other };
    }),
  });
}
