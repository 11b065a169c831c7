/** Who is in a laboratory, at which addresses, and the plan of its Prism. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SwitchKind } from '../prism/plan.ts';
import type { Bucket, Host, Link, Topology } from '../topology.ts';

/** Where the server of each backend listens. */
export const SERVER_PORT = 8080;

/** A switch that is none of the reference's: a program that does for a plan what theirs does. */
export interface OwnSwitch {
  readonly name: string;
  /** The file of the program, which is given the plan's, and a folder for what it writes. */
  readonly main: string;
  /** Whether it knows frames that are longer than on a wire, and whose checksums are left to do. */
  readonly hasOffloads: boolean;
}

/** What may differ. */
export interface LaboratoryOptions {
  /** A part of the namespaces' names. */
  readonly name: string;
  /** `bpf` where it is left out. */
  readonly switch?: SwitchKind | OwnSwitch | undefined;
  /** The IP version of all: 4 where it is left out. */
  readonly family?: 4 | 6 | undefined;
  /** How many; 1 and 2 where they are left out, 26 at most. */
  readonly clients?: number;
  readonly backends?: number;
  /** Rate of each link, both ways, as tc writes it: `1gbit`. Not limited where it is left out. */
  readonly rate?: string | undefined;
  /** Limits what the switch sends to each client otherwise. */
  readonly clientBucket?: Bucket | undefined;
  /** Values under /proc/sys/net by host. */
  readonly settings?: Readonly<Record<string, Host['settings']>>;
  /** Names of backends without an agent, to whose plain servers connections are spliced. */
  readonly plain?: readonly string[];
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

/** An address with a port, as a URL and the plan have it. */
function hostText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Where clients connect, and where the server of each backend can be reached without the Prism. */
export function hostsOf(options: LaboratoryOptions): {
  readonly virtual: string;
  readonly servers: readonly string[];
} {
  const { controller, backends } = stations(options);
  return {
    virtual: hostText(controller.address, 80),
    servers: backends.map(({ address }) => hostText(address, SERVER_PORT)),
  };
}

/** Where the server of each plain backend listens, by the backend's name. */
export function plainServers(options: LaboratoryOptions): ReadonlyMap<string, string> {
  const { plain = [] } = options;
  const { servers } = hostsOf(options);
  const all = stations(options).backends.map(({ host }, at) => [host, servers[at] ?? ''] as const);
  return new Map(all.filter(([host]) => plain.includes(host)));
}

/** The name of the switch. */
export function switchName({ switch: kind = 'bpf' }: Pick<LaboratoryOptions, 'switch'>): string {
  return typeof kind === 'string' ? kind : kind.name;
}

/** All of them. */
export function stations({ clients = 1, backends = 2, family = 4 }: LaboratoryOptions): {
  readonly controller: Station;
  readonly clients: readonly Station[];
  readonly backends: readonly (Station & { readonly prefix: string })[];
} {
  const station = (host: string, last: number): Station => {
    const mac = `02:00:00:00:00:${last.toString(16).padStart(2, '0')}`;
    // The digits of 10.0.0.21 are those of 2001:db8::21, for those who read captures.
    return { host, address: family === 4 ? `10.0.0.${last}` : `2001:db8::${last}`, mac };
  };
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);
  return {
    controller: station('controller', 1),
    clients: numbers(clients).map((number) => station(`c${number}`, 100 + number)),
    backends: numbers(backends).map((number) => {
      return { ...station(`b${number}`, 20 + number), prefix: prefixOf(number) };
    }),
  };
}

/** The network: everybody at one switch, which is a bridge, or is to be one by itself. */
export function topologyOf(options: LaboratoryOptions): Topology {
  const { name, rate, family = 4, clientBucket, switch: kind = 'bpf' } = options;
  const { controller, clients, backends } = stations(options);
  const all = [controller, ...clients, ...backends];
  const bucket =
    rate === undefined ? {} : { bucket: { rate, burstOctets: 100_000, latencyMs: 20 } };
  const links = all.map((station): Link => {
    const { host, address, mac } = station;
    const own = clientBucket && clients.includes(station) ? { bucket: clientBucket } : bucket;
    return {
      ends: [
        {
          host,
          device: 'eth0',
          mac,
          addresses: [`${address}/${family === 4 ? 24 : 64}`],
          ...bucket,
        },
        { host: 'switch', device: `to-${host}`, ...own },
      ],
      hasOffloads: typeof kind === 'string' || kind.hasOffloads,
    };
  });
  const isBridge = kind === 'bpf';
  const bridges = isBridge ? { bridge: all.map(({ host }) => `to-${host}`) } : {};
  // The kernel below another bridge is not to speak at its devices.
  const settings = isBridge ? {} : { 'ipv6.conf.default.disable_ipv6': 1 };
  const hosts = Object.fromEntries(
    all.map(({ host }) => [host, { settings: options.settings?.[host] ?? {} }]),
  );
  return { name, hosts: { ...hosts, switch: { bridges, settings } }, links };
}

/** Writes the plan that all parts read, and their key, into a folder; answers the plan's path. */
export function writePlan(folder: string, options: LaboratoryOptions): string {
  const { controller, clients, backends } = stations(options);
  const { plain = [] } = options;
  const { virtual, servers } = hostsOf(options);
  const plan = {
    keyFile: 'key',
    virtual,
    controller: {
      mac: controller.mac,
      settings: { handOffFromOctets: 0, lingerMs: 1000, ...options.controller },
    },
    agent: options.agent ?? {},
    switch: {
      channel: join(folder, 'switch'),
      ...(typeof options.switch === 'string' ? { kind: options.switch } : {}),
      devices: Object.fromEntries(
        [controller, ...clients, ...backends].map(({ host, mac }) => [`to-${host}`, [mac]]),
      ),
    },
    backends: backends.map(({ host, mac }, at) => {
      const door = plain.includes(host) ? { splice: true } : { channel: join(folder, host) };
      return { name: host, owner: servers[at], mac, ...door };
    }),
    policy: backends.map(({ host, prefix }) => ({ pathPrefix: prefix, backends: [host] })),
  };
  writeFileSync(join(folder, 'key'), randomBytes(32), { mode: 0o600 });
  const file = join(folder, 'plan.json');
  writeFileSync(file, JSON.stringify(plan, undefined, 2));
  return file;
}
