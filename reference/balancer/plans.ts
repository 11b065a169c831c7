/**
 * What becomes of packets between a virtual endpoint and a server, both ways.
 *
 * No client is in it: all connections of an endpoint to a server share one, for there may be a
 * million of them.
 */
import type { Ipv4Address } from 'scapy-ts';
import type { Plan } from '../rules/plan.ts';
import { planClient, planOwner } from '../rules/plan.ts';
import type { Endpoint } from '../rules/rule.ts';
import { NO_DELTAS } from '../rules/rule.ts';
import type { Server } from './config.ts';

/** An address and a port of IPv4. */
export interface End extends Endpoint {
  readonly address: Ipv4Address;
}

/** Both directions, and the endpoint that they are for. */
export interface Plans {
  readonly virtual: End;
  readonly toServer: Plan;
  readonly toClient: Plan;
}

/** The plans of one server for the endpoints of one address, by port and hops. */
export type PlanCache = Map<number, Plans>;

/** Where a server has the connections of an endpoint. */
export function endOf({ address, port }: Server, virtual: End): End {
  return { address, port: port ?? virtual.port };
}

/** The plans for an endpoint; `cache` is the server's own. */
export function plansFor(cache: PlanCache, server: Server, virtual: End, hops: 0 | 1): Plans {
  const key = virtual.port * 2 + hops;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const owner = { ...endOf(server, virtual), mac: server.mac };
  // A plan is of a rule, but takes nothing of its client.
  const rule = { key: { client: virtual, virtual }, owner, deltas: NO_DELTAS, locked: false };
  const plans = { virtual, toServer: planClient(rule, hops), toClient: planOwner(rule, hops) };
  cache.set(key, plans);
  return plans;
}
