/** Why a site cannot be used, said before anything is built of it. */
import { declarationFault, poolFault, type PolicyFault } from './fault.ts';
import type { Site, SitePool } from './site.ts';
import { routesFault, type UrlFault } from './url-fault.ts';

/** What is wrong, and where it can be found. */
export type SiteFault =
  | { readonly at: 'routes'; readonly fault: UrlFault }
  | { readonly at: 'pool'; readonly pool: string; readonly fault: PolicyFault }
  /** Two pools have the name. */
  | { readonly at: 'pools'; readonly pool: string }
  /** A route, or `otherwise`, names a pool that there is not. */
  | { readonly at: 'route'; readonly field: string; readonly pool: string }
  /** A server is no backend. */
  | { readonly at: 'server'; readonly pool: string; readonly server: string }
  /** The limits of a cache: integers from 1 on. */
  | { readonly at: 'cache'; readonly field: string; readonly limit: number }
  /** The policy looks at what no request has. */
  | { readonly at: 'policy'; readonly pool: string; readonly policy: string };

/** The first fault of a site over these backends; undefined when there is none. */
export function siteFault(site: Site, backends: ReadonlySet<string>): SiteFault | undefined {
  const { urls, pools, otherwise } = site;
  const names = new Set<string>();
  for (const pool of pools) {
    if (names.has(pool.name)) return { at: 'pools', pool: pool.name };
    names.add(pool.name);
    const fault = sitePoolFault(pool, backends);
    if (fault !== undefined) return fault;
  }
  for (const [place, { pool }] of urls.routes.entries()) {
    if (!names.has(pool)) return { at: 'route', field: `[${place}].pool`, pool };
  }
  if (otherwise !== undefined && !names.has(otherwise)) {
    return { at: 'route', field: 'otherwise', pool: otherwise };
  }
  const limit = Object.entries(site.cache ?? {}).find(
    ([, most]) => !Number.isSafeInteger(most) || most < 1,
  );
  if (limit !== undefined) return { at: 'cache', field: limit[0], limit: limit[1] };
  const fault = routesFault(urls.routes, urls.profile);
  return fault && { at: 'routes', fault };
}

/** A fault as a sentence for people. */
export function formatSiteFault(fault: SiteFault): string {
  switch (fault.at) {
    case 'routes':
      return `routes: ${JSON.stringify(fault.fault)}`;
    case 'pool':
      return `pool ${fault.pool}: ${JSON.stringify(fault.fault)}`;
    case 'pools':
      return `two pools are called ${fault.pool}`;
    case 'route':
      return `${fault.field}: there is no pool ${fault.pool}`;
    case 'server':
      return `pool ${fault.pool}: there is no backend ${fault.server}`;
    case 'cache':
      return `cache.${fault.field}: ${fault.limit} is no whole number from 1 on`;
    case 'policy':
      return `pool ${fault.pool}: ${fault.policy} looks at what no request has`;
    default:
      return fault satisfies never;
  }
}

function sitePoolFault(
  { name, servers, policy }: SitePool,
  backends: ReadonlySet<string>,
): SiteFault | undefined {
  const unknown = servers.find((server) => !backends.has(server.name));
  if (unknown !== undefined) return { at: 'server', pool: name, server: unknown.name };
  if (policy.policy === 'tls-session') return { at: 'policy', pool: name, policy: policy.policy };
  const fault = poolFault(servers) ?? declarationFault(policy, servers);
  return fault && { at: 'pool', pool: name, fault };
}
