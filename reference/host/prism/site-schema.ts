/**
 * A site as a plan declares it; whether it can be is another question (`siteFault`).
 *
 *   { "urls": { "profile": "rfc3986", "precedence": "longest-prefix", "locality": "request",
 *               "routes": [{ "prefix": "/img/", "pool": "images" }] },
 *     "pools": [{ "name": "images", "policy": { "policy": "round-robin" },
 *                 "check": { "probe": { "kind": "connect" } },
 *                 "servers": [{ "name": "b1", "weight": 3 }, { "name": "b2" }] }],
 *     "otherwise": "images" }
 */
import { z } from 'zod';
import { policy } from '../../balancer/document/policy-schema.ts';
import { check } from '../../balancer/document/schema.ts';
import { urlProfile } from '../../handoff/schema.ts';
import {
  HAPROXY_URLS,
  NGINX_URLS,
  RAW_URLS,
  RFC3986_URLS,
  type UrlProfile,
} from '../../policy/url-profile.ts';
import type { CheckOptions } from '../../health/check.ts';
import { siteOf, type Site, type SitePool } from '../../policy/site.ts';

/** Profiles that have a name. */
const PROFILES: Readonly<Record<string, UrlProfile>> = {
  raw: RAW_URLS,
  rfc3986: RFC3986_URLS,
  haproxy: HAPROXY_URLS,
  nginx: NGINX_URLS,
};

const named = z.enum(['raw', 'rfc3986', 'haproxy', 'nginx']).transform((name): UrlProfile => {
  return PROFILES[name] ?? RAW_URLS;
});

const text = z.string().exactOptional();

const route = z.strictObject({
  host: text,
  prefix: text,
  suffix: text,
  substring: text,
  cookie: text,
  pool: z.string(),
});

const server = z.strictObject({
  name: z.string(),
  weight: z.number().default(1),
  isDrained: z.boolean().default(false),
});

const pool = z.strictObject({
  name: z.string(),
  servers: z.array(server),
  policy,
  departed: z.enum(['keep', 'reset']).default('keep'),
  check: check.exactOptional(),
});

const whole = z.strictObject({
  urls: z.strictObject({
    profile: z.union([named, urlProfile]).default(RFC3986_URLS),
    precedence: z.enum(['first', 'longest-prefix', 'nginx']).default('first'),
    locality: z.enum(['request', 'connection']).default('request'),
    routes: z.array(route).default([]),
  }),
  pools: z.array(pool),
  otherwise: text,
  cache: z.strictObject({ octetsMax: z.number(), entryOctetsMax: z.number() }).exactOptional(),
});

/** Routes with backends are a site in short. */
const routes = z.array(
  z.strictObject({
    host: z.string().optional(),
    pathPrefix: z.string().optional(),
    cookie: z.string().optional(),
    backends: z.array(z.string()).min(1),
  }),
);

/** A site, and the checks of its pools by their names. */
export interface PlannedSite {
  readonly site: Site;
  readonly checks: ReadonlyMap<string, CheckOptions>;
}

/** Reads a list of routes, or a site: what is wrong is said of what it looks like. */
export function readPolicy(value: unknown, context: z.RefinementCtx): PlannedSite {
  const read = (Array.isArray(value) ? inShort : inFull).safeParse(value);
  if (read.success) return read.data;
  for (const { message, path } of read.error.issues) {
    context.addIssue({ code: 'custom', message, path });
  }
  return z.NEVER;
}

const inShort = routes.transform((each): PlannedSite => ({
  site: siteOf(each),
  checks: new Map(),
}));

/** The site knows nothing of checks. */
function withoutCheck({ name, servers, policy: declared, departed }: SitePool): SitePool {
  return { name, servers, policy: declared, departed };
}

const inFull = whole.transform(({ pools, ...rest }): PlannedSite => {
  return {
    site: { ...rest, pools: pools.map(withoutCheck) },
    checks: new Map(
      pools.flatMap(({ name, check: options }): [string, CheckOptions][] =>
        options === undefined ? [] : [[name, options]],
      ),
    ),
  };
});
