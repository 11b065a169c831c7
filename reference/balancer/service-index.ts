/** Which service is meant by an address, a protocol and a port, among any number of them. */
import type { Ipv4Address } from 'scapy-ts';
import type { DrawBelow } from '../policy/scheduler.ts';
import type { Protocol, Service } from './config.ts';
import type { Pool } from './pool.ts';
import { createPool, dismiss, updatePool } from './pool.ts';

/** All services at work. */
export interface ServiceIndex {
  /** Those of one address and protocol, by their first port; their ports do not overlap. */
  readonly pools: ReadonlyMap<string, readonly Pool[]>;
  readonly byName: ReadonlyMap<string, Pool>;
  /** The virtual addresses. */
  readonly virtuals: ReadonlySet<Ipv4Address>;
}

/** The services of a configuration; pools of the `former` index go on where the service does. */
export function indexServices(
  services: readonly Service[],
  draw: DrawBelow,
  former?: ServiceIndex,
): ServiceIndex {
  const byName = new Map<string, Pool>();
  for (const service of services) {
    const known = former?.byName.get(service.name);
    const isKnown = known !== undefined && isSamePlace(known.service, service);
    if (isKnown) updatePool(known, service, draw);
    byName.set(service.name, isKnown ? known : createPool(service, draw));
  }
  for (const [name, pool] of former?.byName ?? []) {
    if (byName.get(name) !== pool) dismiss(pool.members);
  }
  const virtuals = new Set(services.map(({ address }) => address));
  return { pools: groupByHost(byName.values()), byName, virtuals };
}

/** The service at a port; undefined if there is none. */
export function findPool(
  index: ServiceIndex,
  host: { readonly address: Ipv4Address; readonly protocol: Protocol },
  port: number,
): Pool | undefined {
  const group = index.pools.get(hostKey(host)) ?? [];
  let low = 0;
  let high = group.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const pool = group[middle];
    if (pool === undefined) return undefined;
    const { first, last } = pool.service.ports;
    if (port < first) high = middle;
    else if (port > last) low = middle + 1;
    else return pool;
  }
  return undefined;
}

function groupByHost(all: Iterable<Pool>): ReadonlyMap<string, readonly Pool[]> {
  const groups = new Map<string, Pool[]>();
  for (const pool of all) {
    const key = hostKey(pool.service);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [pool]);
    else group.push(pool);
  }
  for (const group of groups.values()) {
    group.sort((a, b) => a.service.ports.first - b.service.ports.first);
  }
  return groups;
}

/** Connections name the virtual endpoint and are translated for it: another place is another one. */
function isSamePlace(a: Service, b: Service): boolean {
  return (
    hostKey(a) === hostKey(b) &&
    a.mode === b.mode &&
    a.ports.first === b.ports.first &&
    a.ports.last === b.ports.last
  );
}

function hostKey(host: { readonly address: Ipv4Address; readonly protocol: Protocol }): string {
  return `${host.protocol} ${host.address}`;
}
