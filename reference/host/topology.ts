/**
 * A small network as plain values, and the commands that make it.
 *
 *   client eth0 ─── to-client switch to-backend ─── eth0 backend
 *
 * Each host is a network namespace, each link a veth pair.
 */

/** A rate limit on what leaves one end of a link: a token bucket, tc-tbf(8). */
export interface Bucket {
  /** As tc writes rates: `1gbit`, `100mbit`. */
  readonly rate: string;
  readonly burstOctets: number;
  /** The longest that a packet waits. */
  readonly latencyMs: number;
}

/** One end of a link. */
export interface LinkEnd {
  readonly host: string;
  /** Name of the device, at most 15 characters. */
  readonly device: string;
  readonly mac?: string;
  /** With prefix length, `192.0.2.1/24` or `2001:db8::1/64`. */
  readonly addresses?: readonly string[];
  readonly bucket?: Bucket;
}

/** Two hosts with a wire between them. */
export interface Link {
  readonly ends: readonly [LinkEnd, LinkEnd];
  /** 1500 where it is left out. */
  readonly mtu?: number;
  /** False: every frame is as on a wire, with complete checksums and no longer than the MTU. */
  readonly hasOffloads?: boolean;
}

/** One namespace. */
export interface Host {
  /** Values under /proc/sys/net, such as `ipv4.tcp_sack`; set before there are devices. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Bridges by name, with their devices. */
  readonly bridges?: Readonly<Record<string, readonly string[]>>;
  /** In the words of `ip route add`, `ip neighbour add` and `ip rule add`. */
  readonly routes?: readonly string[];
  readonly neighbours?: readonly string[];
  readonly rules?: readonly string[];
}

/** A network. */
export interface Topology {
  /** A part of the namespaces' names. */
  readonly name: string;
  readonly hosts: Readonly<Record<string, Host>>;
  readonly links: readonly Link[];
}

/** A program with its arguments, and the lines that it reads. */
export interface Command {
  readonly words: readonly string[];
  readonly lines: readonly string[];
}

/** Name of the namespace of one host. */
export type NameOf = (host: string) => string;

const NO_OFFLOADS = 'tx off rx off sg off tso off gso off gro off';

/** The commands that make the namespaces of `topology`. */
export function namespaceCommands({ hosts }: Topology, nameOf: NameOf): readonly Command[] {
  return [
    batch(
      ['ip'],
      Object.keys(hosts).map((host) => `netns add ${nameOf(host)}`),
    ),
  ];
}

/** The commands that connect the namespaces, in their order. */
export function linkCommands(topology: Topology, nameOf: NameOf): readonly Command[] {
  const { hosts, links } = topology;
  const pairs = links.map(({ ends: [a, b] }) => {
    const peer = `peer name ${b.device} netns ${nameOf(b.host)}`;
    return `link add ${a.device} netns ${nameOf(a.host)} type veth ${peer}`;
  });
  const perHost = Object.keys(hosts).flatMap((host) => hostCommands(topology, host, nameOf(host)));
  return [batch(['ip'], pairs), ...perHost].filter(({ lines }) => lines.length > 0);
}

function hostCommands({ hosts, links }: Topology, host: string, name: string): readonly Command[] {
  const { bridges = {}, routes = [], neighbours = [], rules = [] } = hosts[host] ?? {};
  const ends = links.flatMap(({ ends: both, mtu = 1500, hasOffloads = true }) =>
    both.filter((end) => end.host === host).map((end) => ({ ...end, mtu, hasOffloads })),
  );
  const lines = [
    'link set lo up',
    ...Object.keys(bridges).map((bridge) => `link add ${bridge} type bridge mcast_snooping 0`),
    ...ends.flatMap(({ device, mac, mtu, addresses = [] }) => [
      `link set ${device} ${mac === undefined ? '' : `address ${mac} `}mtu ${mtu} up`,
      ...addresses.map((address) => `address add ${address} dev ${device}${noDetection(address)}`),
    ]),
    ...Object.entries(bridges).flatMap(([bridge, devices]) => [
      ...devices.map((device) => `link set ${device} master ${bridge}`),
      `link set ${bridge} up`,
    ]),
    ...neighbours.map((words) => `neighbour add ${words}`),
    ...routes.map((words) => `route add ${words}`),
    ...rules.map((words) => `rule add ${words}`),
  ];
  const buckets = ends.flatMap(({ device, bucket }) =>
    bucket === undefined ? [] : [`qdisc add dev ${device} root tbf ${bucketWords(bucket)}`],
  );
  const wires = ends
    .filter(({ hasOffloads }) => !hasOffloads)
    .map(({ device }) => `ethtool -K ${device} ${NO_OFFLOADS}`);
  return [
    batch(['ip', '-n', name], lines),
    batch(['tc', '-n', name], buckets),
    { words: ['ip', 'netns', 'exec', name, 'sh', '-e'], lines: wires },
  ];
}

function batch(program: readonly string[], lines: readonly string[]): Command {
  return { words: [...program, '-batch', '-'], lines };
}

function bucketWords({ rate, burstOctets, latencyMs }: Bucket): string {
  return `rate ${rate} burst ${burstOctets} latency ${latencyMs}ms`;
}

/** IPv6 would not use an address for a second or two, until it knows that nobody else has it. */
function noDetection(address: string): string {
  return address.includes(':') ? ' nodad' : '';
}
