/**
 * What the reference server switch is told, from a setup of the suite.
 *
 * Two that stand for one are elected by VRRP (RFC 9568), and have its MAC address in common. Each has an
 * address of its own too, which nobody but the other hears of.
 */
import { ipv4Address, mac, type Ipv4Address, type MacAddress } from 'scapy-ts';
import type { Prefix } from '../../../reference/balancer/access.ts';
import type { BalancerOptions, Server, Service } from '../../../reference/balancer/config.ts';
import type { CheckOptions } from '../../../reference/health/check.ts';
import type { Checks } from '../../../reference/health/target.ts';
import type { ServerName, Setup, VirtualService } from '../../driver/balancer.ts';
import { NotSupported } from '../../driver/device.ts';
import { BALANCER_ADDRESSES, BALANCER_MAC, SERVER_HOSTS } from '../virtual-bed/hosts.ts';
import { checkOf, policyOf } from '../virtual-bed/policy.ts';

const PORT = 0;
/** More than any story has. */
const CONNECTIONS_MAX = 16_384;
const GROUP = 1;
/** Of the group. RFC 9568 section 7.3. */
const GROUP_MAC: MacAddress = mac('00:00:5e:00:01:01');

/** Which of two. */
export type Place = 1 | 2;

const RANKS: Readonly<Record<Place, { readonly priority: number; readonly source: Ipv4Address }>> =
  {
    1: { priority: 200, source: ipv4Address('10.1.0.252') },
    2: { priority: 100, source: ipv4Address('10.1.0.253') },
  };

function serverOf(name: ServerName, port: number, weight: number): Server {
  const host = SERVER_HOSTS.find((each) => each.name === name);
  if (host === undefined) throw new Error(`there is no server ${name}`);
  const { address, mac: own } = host;
  return { name, address, mac: own, port, weight, isDrained: false };
}

function serviceOf(service: VirtualService): Service {
  const { name, address, port, mode, servers, weights = {}, serverPort = port } = service;
  if (mode === 'http') throw new NotSupported('HTTP');
  return {
    name,
    address: ipv4Address(address),
    protocol: 'tcp',
    ports: { first: port, last: port },
    mode,
    servers: servers.map((each) => serverOf(each, serverPort, weights[each] ?? 1)),
    policy: policyOf(service),
    departed: 'reset',
  };
}

/** The checks of a setup, by the names of its services. */
export function checksOf({ services }: Setup): Checks {
  return new Map(
    services.flatMap(({ name, check }): [string, CheckOptions][] =>
      check === undefined ? [] : [[name, checkOf(check)]],
    ),
  );
}

function prefixOf(text: string): Prefix {
  const [address = '', length = ''] = text.split('/');
  return { address: ipv4Address(address), length: Number(length) };
}

function redundancyOf({ pair }: Setup, place: Place): Pick<BalancerOptions, 'mac' | 'redundancy'> {
  if (pair === undefined) return { mac: BALANCER_MAC };
  const { intervalMs } = pair;
  const redundancy = { group: GROUP, ...RANKS[place], intervalMs, preempts: true };
  return { mac: GROUP_MAC, redundancy };
}

/**
 * How the reference is told what a setup says: it has room for `halfOpen` half-open connections, and
 * `place` is which of two it is, where there are two.
 */
export function optionsOf(setup: Setup, halfOpen: number, place: Place = 1): BalancerOptions {
  const { services, access } = setup;
  return {
    ports: [PORT],
    ...redundancyOf(setup, place),
    addresses: BALANCER_ADDRESSES,
    services: services.map(serviceOf),
    access: {
      rules: access.map(({ action, source }) => ({ action, source: prefixOf(source) })),
      otherwise: 'permit',
      established: 'keep',
    },
    limits: {
      connections: CONNECTIONS_MAX,
      halfOpen,
      stations: 1024,
      datagrams: 1024,
      answersPerSecond: 1000,
      frameOctets: 1514,
    },
  };
}
