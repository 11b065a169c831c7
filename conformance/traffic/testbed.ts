/**
 * The test bed: who is attached where, and under which names scenarios speak of them.
 *
 *   client ───────┐                  ┌─────── controller   (answers for the virtual addresses)
 *   other client ─┤      device      ├─────── backend 1
 *                 └──── (punt) ──────┴─────── backend 2
 *
 * Addresses are from the documentation ranges (RFC 5737, RFC 3849) and from 10/8; MAC addresses
 * are locally administered.
 */
import type { ConnectionKey, Endpoint, Owner, PortRole } from '../driver/device.ts';

/** A host of the test bed. */
export interface Host {
  readonly name: HostName;
  readonly role: PortRole;
  readonly mac: string;
  readonly ipv4: string;
  readonly ipv6: string;
  /** The TCP port that the host uses in a ruled connection. */
  readonly port: number;
}

/** The names that scenarios use. */
export type HostName = 'client' | 'other client' | 'controller' | 'backend 1' | 'backend 2';

/** Internet protocol version of a flow. */
export type Family = 4 | 6;

/** All hosts, by name. */
export const HOSTS: Readonly<Record<HostName, Host>> = {
  client: {
    name: 'client',
    role: 'client0',
    mac: '02:00:00:00:00:c1',
    ipv4: '192.0.2.10',
    ipv6: '2001:db8:1::10',
    port: 40000,
  },
  'other client': {
    name: 'other client',
    role: 'client1',
    mac: '02:00:00:00:00:c2',
    ipv4: '192.0.2.11',
    ipv6: '2001:db8:1::11',
    port: 40000,
  },
  controller: {
    name: 'controller',
    role: 'controller',
    mac: '02:00:00:00:00:0c',
    ipv4: '198.51.100.1',
    ipv6: '2001:db8:2::1',
    port: 80,
  },
  'backend 1': {
    name: 'backend 1',
    role: 'backend0',
    mac: '02:00:00:00:00:b1',
    ipv4: '10.0.0.21',
    ipv6: '2001:db8:3::21',
    port: 8080,
  },
  'backend 2': {
    name: 'backend 2',
    role: 'backend1',
    mac: '02:00:00:00:00:b2',
    ipv4: '10.0.0.22',
    ipv6: '2001:db8:3::22',
    port: 8080,
  },
};

/** The first virtual address; the controller's own. */
export const VIRTUAL: Endpoint = { address: HOSTS.controller.ipv4, port: 80 };
/** A second virtual address, also the controller's. */
export const OTHER_VIRTUAL: Endpoint = { address: '198.51.100.2', port: 80 };

/** A host's address in one family. */
export function addressOf(host: Host, family: Family): string {
  return family === 4 ? host.ipv4 : host.ipv6;
}

/** A host as one end of a connection. */
function endpointOf(host: Host, family: Family = 4): Endpoint {
  return { address: addressOf(host, family), port: host.port };
}

/** A host as the owner of a connection. */
export function ownerOf(host: Host, family: Family = 4): Owner {
  return { ...endpointOf(host, family), mac: host.mac };
}

/** The key of a client's connection to the virtual address, which is the controller's own. */
export function keyOf(client: Host, family: Family = 4): ConnectionKey {
  return { client: endpointOf(client, family), virtual: endpointOf(HOSTS.controller, family) };
}

/** The host at a port role, if one is attached there. */
export function hostAt(role: PortRole): Host | undefined {
  return Object.values(HOSTS).find((host) => host.role === role);
}

/** The host whose MAC address is `mac`, written as in `HOSTS`. */
export function hostWithMac(mac: string): Host | undefined {
  return Object.values(HOSTS).find((host) => host.mac === mac);
}
