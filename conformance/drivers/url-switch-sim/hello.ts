/** The introduction of the reference Prism as a URL switch. */
import type { BalancerCapability } from '../../catalogue/capability.ts';
import type { BalancerHello, BalancerProfile } from '../../driver/balancer.ts';
import type { HttpProfile } from '../../driver/http-profile.ts';
import { balancerHello } from '../virtual-bed/hello.ts';
import { LARD_TARGETS } from '../virtual-bed/policy.ts';
import { HEAD_SECONDS } from './controllers.ts';

/** What it declares that it can do. */
export const CLAIMS: readonly BalancerCapability[] = [
  'HTTP',
  'WEIGHTS',
  'LEAST',
  'RANDOM',
  'SRCHASH',
  'URLHASH',
  'MAGLEV',
  'CHECK',
  'STICKY',
  'COOKIE',
  'COOKIEHASH',
  'LARD',
  'HANDOFF',
  'CACHE',
];

const HTTP: HttpProfile = {
  escapes: 'rfc3986',
  dots: 'remove',
  slashes: 'keep',
  query: 'ignored',
  hostPort: 'unless-default',
  finalDot: 'compared',
  precedence: 'longest-prefix',
  numberSign: 'refused',
  asterisk: 'routed',
  requestLineOctets: 8192,
  headSeconds: HEAD_SECONDS,
  deadCookie: 'another',
  urlHashInput: 'path',
  urlHash: 'sdbm',
  // A ring: who is there keeps its points.
  cookieHashMoves: 0,
  lardTargets: LARD_TARGETS,
};

const CHOICES: BalancerProfile = {
  hops: 0,
  tunnelHops: 0,
  strays: 'reset',
  refusal: 'reset',
  departed: 'keep',
  fragments: 'drop',
  ipOptions: 'drop',
  establishedSeconds: 7440,
  halfOpenMax: 1024,
  turns: 'nginx',
  ties: 'first',
  http: HTTP,
};

/** What it declares in another way. */
export interface OtherChoices {
  readonly claims?: readonly BalancerCapability[];
  readonly choices?: Partial<BalancerProfile>;
  readonly http?: Partial<HttpProfile>;
}

/** A URL switch that says who it is. */
export function helloWith({ claims = CLAIMS, choices, http }: OtherChoices): BalancerHello {
  return balancerHello({
    name: 'url-switch-sim',
    vendor: 'prismspec',
    version: '1',
    claims,
    clock: 'virtual',
    choices: { ...CHOICES, ...choices, http: { ...HTTP, ...http } },
  });
}
