/** Caching proxies between the clients and the cluster: what they know does not reach it. */
import { createRandom, drawBelow } from '../sim/network/random.ts';
import { createCache } from './cache.ts';
import type { Trace } from './trace.ts';

/** Proxies that share the clients among them. */
export const PROXIES = 4;

/** The requests that pass proxies with LRU caches of `octets` each; a request is any client's. */
export function behindProxies({ requests, sizes }: Trace, octets: number): Trace {
  if (octets === 0) return { requests, sizes };
  const caches = Array.from({ length: PROXIES }, () => createCache('lru', octets, sizes));
  const random = createRandom(0, 'proxies');
  const missed = requests.filter((file, tick) => {
    const cache = caches[drawBelow(random, PROXIES)];
    if (cache === undefined || cache.use(file, tick)) return false;
    cache.add(file, tick);
    return true;
  });
  return { requests: missed, sizes };
}
