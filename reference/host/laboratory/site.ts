/** Who is in a laboratory, at which addresses, and the plan of its Prism. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ipv4Address } from 'scapy-ts';
import type { Endpoint } from '../../rules/rule.ts';
import type { Link, Topology } from '../topology.ts';

const CONTROLLER_ADDRESS = '10.0.0.1';
const SERVER_PORT = 8080;

/** Where clients connect. */
export const VIRTUAL: Endpoint = { address: ipv4Address(CONTROLLER_ADDRESS), port: 80 };
/** The same as a URL. */
export const SITE: string = `http://${CONTROLLER_ADDRESS}`;

/** What may differ. */
export interface LaboratoryOptions {
  /** A part of the namespaces' names. */
  readonly name: string;
  /** How many; 1 and 2 where they are left out, 26 at most. */
  readonly clients?: number;
  readonly backends?: number;
  /** Rate of each link, both ways, as tc writes it: `1gbit`. Not limited where it is left out. */
  readonly rate?: string | undefined;
  /** Numbers of the controller's and of the agents' configuration, by their names in the code. */
  readonly controller?: Readonly<Record<string, number>>;
  readonly agent?: Readonly<Record<string, number>>;
  /**
   * The words that start a server of its own for a backend, to whom its agent gives the connections
   * through the socket at `path`; it writes a line when it listens there.
   */
  readonly serverOf?: (backend: string, path: string) => readonly string[] | undefined;
  /** File that gets the timelines of all connections, as lines of JSON. */
  readonly timeline?: string | undefined;
}

/** A host of the network that is not the switch. */
export interface Station {
  readonly host: string;
  readonly address: string;
  readonly mac: string;
}

/** What a backend answers begins with this. */
export function prefixOf(backend: number): string {
  return `/${String.fromCodePoint(96 + backend)}`;
}

/** Where the server of a backend can be reached without the Prism. */
export function serverOf(backend: number): string {
  return `http://10.0.0.${20 + backend}:${SERVER_PORT}`;
}

function station(host: string, last: number): Station {
  const mac = `02:00:00:00:00:${last.toString(16).padStart(2, '0')}`;
  return { host, address: `10.0.0.${last}`, mac };
}

/** All of them. */
export function stations({ clients = 1, backends = 2 }: LaboratoryOptions): {
  readonly controller: Station;
  readonly clients: readonly Station[];
  readonly backends: readonly (Station & { readonly prefix: string })[];
} {
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);
  return {
    controller: station('controller', 1),
    clients: numbers(clients).map((number) => station(`c${number}`, 100 + number)),
    backends: numbers(backends).map((number) => {
      return { ...station(`b${number}`, 20 + number), prefix: prefixOf(number) };
    }),
  };
}

/** The network: everybody at one bridge. */
export function topologyOf(options: LaboratoryOptions): Topology {
  const { name, rate } = options;
  const { controller, clients, backends } = stations(options);
  const all = [controller, ...clients, ...backends];
  const bucket =
    rate === undefined ? {} : { bucket: { rate, burstOctets: 100_000, latencyMs: 20 } };
  const links = all.map(({ host, address, mac }): Link => {
    return {
      ends: [
        { host, device: 'eth0', mac, addresses: [`${address}/24`], ...bucket },
        { host: 'switch', device: `to-${host}`, ...bucket },
      ],
    };
  });
  const bridges = { bridge: all.map(({ host }) => `to-${host}`) };
  const hosts = Object.fromEntries(all.map(({ host }) => [host, {}]));
  return { name, hosts: { ...hosts, switch: { bridges } }, links };
}

/** Writes the plan that all parts read, and their key, into a folder; answers the plan's path. */
export function writePlan(folder: string, options: LaboratoryOptions): string {
  const { controller, clients, backends } = stations(options);
  const plan = {
    keyFile: 'key',
    virtual: `${controller.address}:80`,
    controller: {
      mac: controller.mac,
      settings: { handOffFromOctets: 0, lingerMs: 1000, ...options.controller },
    },
    agent: options.agent ?? {},
    switch: {
      channel: join(folder, 'switch'),
      devices: Object.fromEntries(
        [controller, ...clients, ...backends].map(({ host, mac }) => [`to-${host}`, [mac]]),
      ),
    },
    backends: backends.map(({ host, address, mac }) => {
      return { name: host, owner: `${address}:${SERVER_PORT}`, mac, channel: join(folder, host) };
    }),
    policy: backends.map(({ host, prefix }) => ({ pathPrefix: prefix, backends: [host] })),
  };
  writeFileSync(join(folder, 'key'), randomBytes(32), { mode: 0o600 });
  const file = join(folder, 'plan.json');
  writeFileSync(file, JSON.stringify(plan, undefined, 2));
  return file;
}
