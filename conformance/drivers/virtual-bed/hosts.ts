/** The hosts of the test bed in virtual time. */
import { ipv4Address, mac, type Ipv4Address, type MacAddress } from 'scapy-ts';
import { SERVERS, type HostName, type ServerName } from '../../driver/balancer.ts';

/** The most clients. */
export const CLIENTS_MAX = 100;
/** What the server switch is sent packets at. */
export const BALANCER_MAC: MacAddress = mac('02:00:00:00:00:01');
/** Its own addresses in the clients' network and in the servers': the gateway of each. */
export const BALANCER_ADDRESSES: readonly [Ipv4Address, Ipv4Address] = [
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

function hostAt<Name extends HostName>(
  name: Name,
  network: number,
  number: number,
): BedHost & { readonly name: Name } {
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

/** A server as a host. */
export interface ServerHost extends BedHost {
  readonly name: ServerName;
}

/** The servers, in their order. */
export const SERVER_HOSTS: readonly ServerHost[] = SERVERS.map((name, index) =>
  hostAt(name, 2, index + 1),
);
