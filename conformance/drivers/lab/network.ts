/**
 * The network in which a Prism is judged on this kernel.
 *
 *   c1 10.0.0.101 ─── to-c1 ┐          ┌ to-controller ─── controller 10.0.0.1
 *   c2 10.0.0.102 ─── to-c2 ┼─ bridge ─┤
 *   c3 10.0.0.103 ─── to-c3 ┤  (BPF)   ├ to-b1 ─── b1 10.0.0.21
 *   k1 10.0.0.111 ─── to-k1 ┤          └ to-b2 ─── b2 10.0.0.22
 *   k2, k3 …                ┘
 *
 * Frames are as on a wire: no offload is on, so that taps see each segment with its checksums. The
 * kernels at c1, c2 and c3 have no address: a scripted TCP speaks there. At the others it is the
 * kernel that speaks.
 */
import { formatMac, ipv4Address, mac, type Ipv4Address, type MacAddress } from 'scapy-ts';
import type { Endpoint } from '../../../reference/rules/rule.ts';
import type { Host, Link, Topology } from '../../../reference/host/topology.ts';
import type { BackendName, Story, TappedFrame } from '../../driver/system.ts';

/** A host of the network that is not the switch. */
export interface Station {
  readonly host: string;
  /** As taps name it. */
  readonly name: string;
  readonly tap: TappedFrame['tap'];
  readonly address: Ipv4Address;
  readonly text: string;
  readonly mac: MacAddress;
}

/** Most clients of one story. */
export const CLIENTS_MAX = 3;
/** The namespace of the switch. */
export const SWITCH_HOST = 'switch';
const SERVER_PORT = 8080;

function station(host: string, name: string, tap: Station['tap'], last: number): Station {
  const text = `10.0.0.${last}`;
  const hardware = mac(`02:00:00:00:00:${last.toString(16).padStart(2, '0')}`);
  return { host, name, tap, address: ipv4Address(text), text, mac: hardware };
}

/** The controller. */
export const CONTROLLER_STATION: Station = station('controller', 'controller', 'controller', 1);

/** The backends by name. */
export const BACKEND_STATIONS: Readonly<Record<BackendName, Station>> = {
  b1: station('b1', 'b1', 'backend', 21),
  b2: station('b2', 'b2', 'backend', 22),
};

/** Whose TCP a client has: the simulator's, which does what it is told, or the kernel's. */
export type ClientTcp = 'scripted' | 'kernel';

function clients(letter: string, last: number): readonly Station[] {
  return Array.from({ length: CLIENTS_MAX }, (_, index) =>
    station(`${letter}${index + 1}`, `client ${index}`, 'client', last + index),
  );
}

/** The clients, the first one first. */
export const CLIENT_STATIONS: Readonly<Record<ClientTcp, readonly Station[]>> = {
  scripted: clients('c', 101),
  kernel: clients('k', 111),
};

/** All of them. */
export const STATIONS: readonly Station[] = [
  CONTROLLER_STATION,
  ...Object.values(BACKEND_STATIONS),
  ...CLIENT_STATIONS.scripted,
  ...CLIENT_STATIONS.kernel,
];

/** Where clients connect. */
export const VIRTUAL: Endpoint = { address: CONTROLLER_STATION.address, port: 80 };

/** The device of the switch to which a station is connected. */
export function portOf({ host }: Station): string {
  return `to-${host}`;
}

/** Where the server of a backend listens for what is passed on. */
export function ownerOf(name: BackendName): string {
  return `${BACKEND_STATIONS[name].text}:${SERVER_PORT}`;
}

/** The network as namespaces and links; a switch that holds is a bridge by itself. */
export function topologyOf(name: string, lock: Story['lock']): Topology {
  const settings = {
    'ipv6.conf.all.disable_ipv6': 1,
    'ipv6.conf.default.disable_ipv6': 1,
  };
  const isMute = (host: string): boolean =>
    CLIENT_STATIONS.scripted.some((each) => each.host === host);
  const hosts = STATIONS.map(({ host, mac: own }) => {
    const neighbours = STATIONS.filter((other) => other.mac !== own).map(
      ({ text, mac: other }) => `${text} lladdr ${formatMac(other)} dev eth0`,
    );
    return [host, isMute(host) ? { settings } : { settings, neighbours }] as const;
  });
  const links = STATIONS.map((each): Link => {
    const addresses = isMute(each.host) ? [] : [`${each.text}/24`];
    return {
      ends: [
        { host: each.host, device: 'eth0', mac: formatMac(each.mac), addresses },
        { host: SWITCH_HOST, device: portOf(each) },
      ],
      hasOffloads: false,
    };
  });
  const bridges: Host['bridges'] = lock === 'hold' ? {} : { bridge: STATIONS.map(portOf) };
  return {
    name,
    hosts: { ...Object.fromEntries(hosts), [SWITCH_HOST]: { settings, bridges } },
    links,
  };
}
