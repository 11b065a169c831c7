/** Which servers are probed, and by which way. */
import type { Ipv4Address, MacAddress } from 'scapy-ts';
import type { Server, Service } from '../balancer/config.ts';
import { completeCheck, type Check, type CheckOptions } from './check.ts';

/** Where a probe goes. */
export interface Way {
  readonly address: Ipv4Address;
  readonly port: number;
  /** Of the server, or of the next hop to it; the virtual address alone leads to no one server. */
  readonly mac: MacAddress;
  /** The other end of the tunnel that it goes through (RFC 2003); undefined without one. */
  readonly tunnel: Ipv4Address | undefined;
}

/** A server of a service or a pool, and how it is checked. */
export interface Target<Where = Way> {
  readonly service: string;
  readonly server: string;
  /** For whoever carries probes out. */
  readonly way: Where;
  readonly check: Check;
}

/** Checks by the names of their services; a service without one is not checked. */
export type Checks = ReadonlyMap<string, CheckOptions>;

/** All servers that are checked, those drained or of weight 0 too. */
export function targetsOf(services: readonly Service[], checks: Checks): readonly Target[] {
  return services.flatMap((service): readonly Target[] => {
    const options = checks.get(service.name);
    if (options === undefined) return [];
    const check = completeCheck(options, service.mode);
    return service.servers.map((server) => ({
      service: service.name,
      server: server.name,
      way: wayTo(service, server, check),
      check,
    }));
  });
}

function wayTo(service: Service, server: Server, check: Check): Way {
  const isVirtual = check.at === 'virtual';
  return {
    address: isVirtual ? service.address : server.address,
    port: check.port ?? server.port ?? service.ports.first,
    mac: server.mac,
    tunnel: isVirtual && service.mode === 'ipip' ? server.address : undefined,
  };
}
