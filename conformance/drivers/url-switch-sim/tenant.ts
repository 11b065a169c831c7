/**
 * A service as a Prism of its own: a controller at its virtual endpoint, and an agent at each
 * server. All share the switch.
 *
 *   10.1.0.201:80   place 0   asks servers from 10.2.0.254
 *   10.1.0.202:80   place 1   asks servers from 10.2.0.253
 */
import { ipv4Address, type Ipv4Address } from 'scapy-ts';
import type { Endpoint } from '../../../reference/rules/rule.ts';
import { connectionId, type HostState } from '../../../reference/sim/tcp/host.ts';
import { readFrame, type Ends } from '../../../reference/sim/tcp/segment.ts';
import type { Setup, VirtualService } from '../../driver/balancer.ts';

/** The most services of all setups of a story. */
const TENANTS_MAX = 50;
/** The first asks from the gateway's own address, and the others from those below it. */
const LAST_SOURCE = 254;
const FIRST_OWNED_PORT = 20_000;

/** A service, whatever its pool is. */
export interface Tenant {
  readonly place: number;
  readonly virtual: Endpoint & { readonly address: Ipv4Address };
  /** Where its servers listen. */
  readonly serverPort: number;
  /** Where servers own its connections: so those of one client port to two services never meet. */
  readonly ownedPort: number;
  /** Where its connections to servers come from. */
  readonly source: Ipv4Address;
}

/** Whether a virtual endpoint is that of a service. */
export function isAt(
  { virtual }: Tenant,
  { address, port }: Pick<VirtualService, 'address' | 'port'>,
): boolean {
  return virtual.address === ipv4Address(address) && virtual.port === port;
}

/** Whether a service of a setup is this one. */
export function isTenant(tenant: Tenant, service: VirtualService): boolean {
  const { port, serverPort = port } = service;
  return isAt(tenant, service) && tenant.serverPort === serverPort;
}

/** All services that there are at some time, each once. */
export function tenantsOf(setups: readonly Setup[]): readonly Tenant[] {
  const tenants: Tenant[] = [];
  for (const service of setups.flatMap(({ services }) => services)) {
    if (tenants.some((each) => isTenant(each, service))) continue;
    const place = tenants.length;
    if (place === TENANTS_MAX) throw new RangeError(`more than ${TENANTS_MAX} services`);
    const { address, port, serverPort = port } = service;
    const virtual = { address: ipv4Address(address), port };
    const source = ipv4Address(`10.2.0.${LAST_SOURCE - place}`);
    const ownedPort = FIRST_OWNED_PORT + place;
    tenants.push({ place, virtual, serverPort, ownedPort, source });
  }
  return tenants;
}

/** The ends of a segment as its receiver sees them; undefined of a frame that has none. */
export type FrameEnds = Ends | undefined;

/** Reads the ends of a frame. */
export function endsOf(frame: Uint8Array): FrameEnds {
  const incoming = readFrame(frame);
  return incoming.kind === 'segment' ? incoming.ends : undefined;
}

/** Whether a host has the connection between these ends. */
export function hasConnection({ connections }: HostState, ends: Ends): boolean {
  return connections.has(connectionId(ends));
}
