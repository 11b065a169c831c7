/** The hosts of the test bed, and the Ethernet that they are on. */
import { ipv4Address, mac, type Ipv4Address, type MacAddress } from 'scapy-ts';
import type { Process } from '../../../reference/sim/network/process.ts';
import { SERVERS, type HostName } from '../../driver/balancer.ts';

/** The most clients. */
export const CLIENTS_MAX = 100;
/** The port of the Ethernet that the server switch is at. */
export const BALANCER_PORT = 0;
/** What the server switch is sent packets at. */
export const BALANCER_MAC: MacAddress = mac('02:00:00:00:00:01');
/** Its own addresses in both networks: the gateway of each. */
export const BALANCER_ADDRESSES: readonly Ipv4Address[] = [
  ipv4Address('10.1.0.254'),
  ipv4Address('10.2.0.254'),
];

/** A host, and the port of the Ethernet that it is at. */
export interface BedHost {
  readonly name: HostName;
  readonly port: number;
  readonly address: Ipv4Address;
  readonly mac: MacAddress;
}

function hostAt(name: HostName, network: number, number: number): BedHost {
  const octet = number.toString(16).padStart(2, '0');
  return {
    name,
    port: network * 1000 + number,
    address: ipv4Address(`10.${network}.0.${number}`),
    mac: mac(`02:00:00:00:${network.toString(16).padStart(2, '0')}:${octet}`),
  };
}

/** Client `number`, 1 … 100. */
export function clientHost(number: number): BedHost {
  if (!(Number.isInteger(number) && number >= 1 && number <= CLIENTS_MAX)) {
    throw new RangeError(`there is no client ${number}`);
  }
  return hostAt(`client ${number}`, 1, number);
}

/** The servers, in their order. */
export const SERVER_HOSTS: readonly BedHost[] = SERVERS.map((name, index) =>
  hostAt(name, 2, index + 1),
);

const BROADCAST = 2 ** 48 - 1;

function destinationOf(frame: Uint8Array): number {
  return frame.subarray(0, 6).reduce((address, octet) => address * 256 + octet, 0);
}

/**
 * An Ethernet that knows where everybody is: a frame reaches who it is for, or everybody else.
 *
 * Frames for nobody are lost, so that no host hears what is not its own.
 */
export function createEthernet(hosts: readonly BedHost[]): Process {
  const ports = new Map<number, number>([
    [BALANCER_MAC, BALANCER_PORT],
    ...hosts.map(({ mac: address, port }): [number, number] => [address, port]),
  ]);
  return {
    nextAtNs: () => undefined,
    step(event) {
      if (event.kind !== 'frame') return [];
      const { octets, port: from } = event;
      const destination = destinationOf(octets);
      const to = destination === BROADCAST ? [...ports.values()] : [ports.get(destination)];
      return to.flatMap((port) =>
        port === undefined || port === from ? [] : [{ kind: 'frame', port, octets }],
      );
    },
  };
}
