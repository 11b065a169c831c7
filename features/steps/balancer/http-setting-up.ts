/** Steps in which a switch that reads requests is set up. */
import { Given } from '@cucumber/cucumber';
import type {
  HealthCheck,
  Pool,
  Route,
  VirtualService,
} from '../../../conformance/driver/balancer.ts';
import { serversIn } from '../../support/balancer/servers.ts';
import type { BalancerWorld } from '../../support/balancer/world.ts';

/** How servers are probed where a scenario only says that they are. */
const CHECK: HealthCheck = { probe: 'http', intervalMs: 200, timeoutMs: 200, fall: 2, rise: 2 };

/** Room for all that is asked for where answers are stored. */
const STORE_OCTETS = 2 ** 22;

/** What a scenario says of a pool after its servers. */
type Wish = Partial<Pick<VirtualService, 'choosing' | 'session' | 'check' | 'locality' | 'cache'>>;

/** The words, each with what it says. */
const WISHES: readonly (readonly [shape: RegExp, wishOf: (words: readonly string[]) => Wish])[] = [
  [/^chosen by URL hash$/u, () => ({ choosing: 'url-hash' })],
  [
    /^chosen by hash of the cookie (\S+)$/u,
    ([cookie = '']) => ({ choosing: { kind: 'cookie-hash', cookie } }),
  ],
  [
    /^chosen by LARD of (\d+) and (\d+)$/u,
    ([low, high]) => ({ choosing: { kind: 'lard', low: Number(low), high: Number(high) } }),
  ],
  [
    /^chosen by LARD with replication of (\d+) and (\d+) for (\d+) ms$/u,
    ([low, high, ms]) => {
      const thresholds = { low: Number(low), high: Number(high) };
      return { choosing: { kind: 'lard-r', ...thresholds, replicaMs: Number(ms) } };
    },
  ],
  [/^kept by the cookie (\S+)$/u, ([name = '']) => ({ session: { kind: 'cookie', name } })],
  [/^probed$/u, () => ({ check: CHECK })],
  [/^answers stored$/u, () => ({ cache: { octets: STORE_OCTETS } })],
  [/^one pool for a connection$/u, () => ({ locality: 'connection' })],
];

function wishIn(part: string): Wish {
  for (const [shape, wishOf] of WISHES) {
    const found = shape.exec(part);
    if (found !== null) return wishOf(found.slice(1));
  }
  throw new Error(`no pool is ${part}`);
}

Given(
  /^the service (\S+):(\d+) by HTTP to (s\d(?:, s\d)*)(?:, ([a-z]{2}.*))?$/u,
  function (
    this: BalancerWorld,
    address: string,
    port: string,
    servers: string,
    words: string | null,
  ) {
    const wishes = words === null ? [] : words.split(', ').map(wishIn);
    this.services.push({
      name: `${address}:${port}`,
      address,
      port: Number(port),
      mode: 'http',
      servers: serversIn(servers),
      choosing: 'round-robin',
      ...wishes.reduce<Wish>((all, each) => ({ ...all, ...each }), {}),
    });
  },
);

function routeOf(words: string, pool: Pool): Route {
  const host = / for (?<text>\S+)/u.exec(words)?.groups?.['text'];
  const prefix = / beginning with (?<text>\S+)/u.exec(words)?.groups?.['text'];
  const suffix = / ending in (?<text>\S+)/u.exec(words)?.groups?.['text'];
  const substring = /(?<!beginning) with (?<text>\S+)/u.exec(words)?.groups?.['text'];
  return {
    pool,
    ...(host === undefined ? {} : { host }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(suffix === undefined ? {} : { suffix }),
    ...(substring === undefined ? {} : { substring }),
  };
}

Given(
  /^requests((?: (?:for|beginning with|ending in|with) \S+)+) go to (s\d(?:, s\d)*)$/u,
  function (this: BalancerWorld, words: string, servers: string) {
    const service = this.services.pop();
    if (service === undefined) throw new Error('there is no service yet');
    const pool: Pool = { servers: serversIn(servers), choosing: 'round-robin' };
    const routes = [...(service.routes ?? []), routeOf(words, pool)];
    const changed: VirtualService = { ...service, routes };
    this.services.push(changed);
  },
);
