/**
 * The test bed of server switches on this kernel, as namespaces and links.
 *
 *   clients ── to-clients ┐          ┌ to-s1 ── eth0 10.2.0.1  s1
 *    no kernel speaks     ├ ethernet ┤ …
 *   switch ─── to-switch  ┘ (bridge) └ to-s4 ── eth0 10.2.0.4  s4
 *    eth0 10.1.0.254, 10.2.0.254
 *
 * All are on one Ethernet, so that a server can answer a client past the switch: what comes from an
 * address of the clients' network goes there directly, all else by way of the switch. Frames are as on a
 * wire: no offload is on, so that captures see each segment with its checksums. The namespace of the
 * switch is made anew for each story, and with it all that a program has left there.
 *
 * Of two that stand for one, each has addresses of its own (.252 and .253), and those of the switch are
 * for them to share.
 */
import { formatIpv4, formatMac, mac } from 'scapy-ts';
import type { Link, Topology } from '../../../reference/host/topology.ts';
import { SERVERS, type ServerName } from '../../driver/balancer.ts';
import {
  BALANCER_ADDRESSES,
  BALANCER_MAC,
  clientHost,
  SERVER_HOSTS,
} from '../virtual-bed/hosts.ts';

/** The namespace of the bridge. */
export const ETHERNET = 'ethernet';
/** The namespace of all clients. */
export const CLIENTS = 'clients';
/** The namespace of the switch. */
export const SWITCH = 'switch';
/** The one device of each host. */
export const DEVICE = 'eth0';
/** A switch: alone, or one of two. */
export interface SwitchSeat {
  /** Of its namespace. */
  readonly host: string;
  readonly mac: string;
  /** Its own, with prefix length. */
  readonly addresses: readonly string[];
}

/** Of a switch that is alone, with prefix length; two have them in common. */
export const SHARED_ADDRESSES: readonly string[] = BALANCER_ADDRESSES.map(
  (each) => `${formatIpv4(each)}/24`,
);
/** The one that is alone. */
export const ONE_SEAT: SwitchSeat = {
  host: SWITCH,
  mac: formatMac(BALANCER_MAC),
  addresses: SHARED_ADDRESSES,
};
/** Two, in their order. */
export const PAIR_SEATS: readonly [SwitchSeat, SwitchSeat] = [
  { ...ONE_SEAT, addresses: ['10.1.0.252/24', '10.2.0.252/24'] },
  {
    host: 'switch-2',
    mac: formatMac(mac('02:00:00:00:00:02')),
    addresses: ['10.1.0.253/24', '10.2.0.253/24'],
  },
];

/** Who answers for clients of other networks. */
const ROUTER = formatIpv4(clientHost(99).address);
const CLIENT_NETWORK = '10.1.0.0/24';
const SERVER_NETWORK = '10.2.0.0/24';
/** Where servers look for the way of what comes from a virtual address. */
const DIRECT_TABLE = 100;

/** The device at the bridge that leads to a host. */
export function portOf(host: string): string {
  return `to-${host}`;
}

const QUIET = {
  'ipv6.conf.all.disable_ipv6': 1,
  'ipv6.conf.default.disable_ipv6': 1,
  'ipv4.conf.all.rp_filter': 0,
  'ipv4.conf.default.rp_filter': 0,
};

/** Nothing that a story has left is known in the next one, and a virtual address is not told. */
const SERVER_SETTINGS = {
  ...QUIET,
  'ipv4.conf.all.arp_ignore': 1,
  'ipv4.conf.all.arp_announce': 2,
  'ipv4.tcp_max_tw_buckets': 0,
  'ipv4.tcp_no_metrics_save': 1,
};

/** It forwards, and tells nobody of a shorter way: all are on one Ethernet. */
const SWITCH_SETTINGS = {
  'ipv4.ip_forward': 1,
  ...QUIET,
  'ipv4.conf.all.send_redirects': 0,
  'ipv4.conf.default.send_redirects': 0,
};

function serverLink(name: ServerName, number: number): Link {
  const host = SERVER_HOSTS[number];
  if (host === undefined) throw new Error(`there is no ${name}`);
  const addresses = [`${formatIpv4(host.address)}/24`];
  return {
    ends: [
      { host: name, device: DEVICE, mac: formatMac(host.mac), addresses },
      { host: ETHERNET, device: portOf(name) },
    ],
    hasOffloads: false,
  };
}

/** All but the switch; `name` is of this bed alone. */
export function bedTopology(name: string): Topology {
  const gateway = formatIpv4(BALANCER_ADDRESSES[1]);
  const server = {
    settings: SERVER_SETTINGS,
    routes: [
      `default via ${gateway} dev ${DEVICE}`,
      `${CLIENT_NETWORK} dev ${DEVICE} table ${DIRECT_TABLE}`,
      // The switch itself asks at a virtual address, from its own in this network.
      `${SERVER_NETWORK} dev ${DEVICE} table ${DIRECT_TABLE}`,
      `default via ${ROUTER} dev ${DEVICE} onlink table ${DIRECT_TABLE}`,
    ],
    rules: [`from ${CLIENT_NETWORK} lookup ${DIRECT_TABLE}`],
  };
  const clients: Link = {
    ends: [
      { host: CLIENTS, device: DEVICE },
      { host: ETHERNET, device: portOf(CLIENTS) },
    ],
    hasOffloads: false,
  };
  return {
    name,
    hosts: {
      [ETHERNET]: {
        settings: QUIET,
        bridges: { bridge: [portOf(CLIENTS), ...SERVERS.map(portOf)] },
      },
      [CLIENTS]: { settings: QUIET },
      ...Object.fromEntries(SERVERS.map((each) => [each, server])),
    },
    links: [clients, ...SERVERS.map(serverLink)],
  };
}

/** A switch of a bed, without a link yet. */
export function switchTopology(name: string, { host }: SwitchSeat = ONE_SEAT): Topology {
  return { name, hosts: { [host]: { settings: SWITCH_SETTINGS } }, links: [] };
}

/** Lines of `ip` in the bridge's namespace that plug a switch in. */
export function plugLines({ host }: SwitchSeat, namespace: string): readonly string[] {
  return [
    `link add ${portOf(host)} type veth peer name ${DEVICE} netns ${namespace}`,
    `link set ${portOf(host)} master bridge up`,
  ];
}

/** Lines of `ip` in the namespace of a switch that give it its device and addresses. */
export function switchLines({ mac: own, addresses }: SwitchSeat): readonly string[] {
  return [
    'link set lo up',
    `link set ${DEVICE} address ${own} up`,
    ...addresses.map((each) => `address add ${each} dev ${DEVICE}`),
    `route add default via ${ROUTER} dev ${DEVICE}`,
  ];
}
