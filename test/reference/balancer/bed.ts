/**
 * A server switch with one or more services, and the frames of clients and servers around it.
 *
 *   clients ── router ─ port 0 ┐          ┌ port 1 ─ server a
 *                              ├─ switch ─┼ port 2 ─ server b
 *                              │          └ port 3 ─ server c
 */
import type { GivenTcp, Ipv4Address, MacAddress, Packet } from 'scapy-ts';
import {
  build,
  ether,
  ipv4,
  ipv4Address,
  ipv4FromNumber,
  mac,
  parse,
  raw,
  tcp,
  udp,
} from 'scapy-ts';
import type { PolicyDeclaration } from '../../../reference/policy/declaration.ts';
import type { BalancerEvent, BalancerState } from '../../../reference/balancer/balancer.ts';
import { createBalancer, step } from '../../../reference/balancer/balancer.ts';
import type {
  BalancerOptions,
  Limits,
  Server,
  Service,
} from '../../../reference/balancer/config.ts';
import { completeConfig } from '../../../reference/balancer/config.ts';
import type { DropReason } from '../../../reference/balancer/counters.ts';
import { DROP_REASONS } from '../../../reference/balancer/counters.ts';
import type { Emission } from '../../../reference/balancer/link.ts';
import { BROADCAST } from '../../../reference/balancer/link.ts';

/** An address and a port, with the MAC address under which it is reached. */
export interface Host {
  readonly address: Ipv4Address;
  readonly port: number;
  readonly mac: MacAddress;
  /** The port of the switch that it is behind. */
  readonly at: number;
}

/** The switch's MAC address. */
export const SWITCH_MAC: MacAddress = mac('02:00:00:00:00:fe');
/** The address that servers have for a gateway. */
export const GATEWAY: Ipv4Address = ipv4Address('10.0.0.254');
const ROUTER_MAC = mac('02:00:00:00:00:01');

/** A client behind the router. */
export const CLIENT: Host = {
  address: ipv4Address('192.0.2.10'),
  port: 40000,
  mac: ROUTER_MAC,
  at: 0,
};
/** Another port of it. */
export const SECOND: Host = { ...CLIENT, port: 40001 };
/** Another client. */
export const OTHER: Host = { ...CLIENT, address: ipv4Address('192.0.2.11') };
/** The virtual endpoint of the service. */
export const VIRTUAL: Host = {
  address: ipv4Address('198.51.100.1'),
  port: 80,
  mac: SWITCH_MAC,
  at: 0,
};

function serverOf(name: string, last: number, port: number | undefined): Server {
  return {
    name,
    weight: 1,
    address: ipv4Address(`10.0.0.${last}`),
    mac: mac(`02:00:00:00:00:${last}`),
    port,
    isDrained: false,
  };
}

/** The servers, which listen at another port than the virtual one. */
export const SERVERS: readonly Server[] = [
  serverOf('a', 21, 8080),
  serverOf('b', 22, 8080),
  serverOf('c', 23, 8080),
];
/** The same servers, each at the port that the client chose. */
export const PLAIN_SERVERS: readonly Server[] = SERVERS.map((each) => ({
  ...each,
  port: undefined,
}));

/** Frames by which the hosts make themselves known. */
export const GREETINGS: number = SERVERS.length + 1;

/** A server of SERVERS as a host. */
export function hostOf(name: string): Host {
  const index = SERVERS.findIndex((each) => each.name === name);
  const server = SERVERS[index];
  if (server?.port === undefined) throw new Error(`no server ${name}`);
  return { address: server.address, mac: server.mac, port: server.port, at: index + 1 };
}

/** Turns, as the least that a policy can be. */
export const TURNS: PolicyDeclaration = { policy: 'round-robin' };
/** A policy that is the same at every switch. */
export const HASH: PolicyDeclaration = {
  policy: 'connection-hash',
  placement: { kind: 'maglev', variant: 'envoy', size: 1009 },
};

/** The service at VIRTUAL: TCP, NAT, turns. */
export const SERVICE: Service = {
  name: 'web',
  address: VIRTUAL.address,
  protocol: 'tcp',
  ports: { first: VIRTUAL.port, last: VIRTUAL.port },
  mode: 'nat',
  servers: SERVERS,
  policy: TURNS,
  departed: 'keep',
};

/** SERVICE by direct server return. */
export const DIRECT: Service = { ...SERVICE, mode: 'dsr', servers: PLAIN_SERVERS };
/** SERVICE by tunnels. */
export const TUNNEL: Service = { ...SERVICE, mode: 'ipip', servers: PLAIN_SERVERS };
/** SERVICE under UDP. */
export const DATAGRAMS: Service = { ...SERVICE, name: 'names', protocol: 'udp' };

/** The least configuration with some services. */
export function optionsOf(...services: readonly Service[]): BalancerOptions {
  return { ports: [0, 1, 2, 3], mac: SWITCH_MAC, addresses: [GATEWAY], services };
}

/** A switch at work. */
export interface Bed {
  readonly state: BalancerState;
  /** Injects a frame where `from` is; what leaves. */
  send(frame: Uint8Array, from?: Host): readonly Emission[];
  /** Injects a frame, of which one other must come; throws otherwise. */
  through(frame: Uint8Array, from?: Host): Emission;
  tell(event: Exclude<BalancerEvent, { readonly kind: 'frame' | 'tick' }>): readonly string[];
  /** Moves time on; all hosts are heard of again. */
  wait(ms: number): void;
  /** Drops by reason, those that are 0 left out. */
  drops(): Partial<Record<DropReason, number>>;
}

/** An active switch on which all hosts are known. */
export function createBed(options: BalancerOptions = optionsOf(SERVICE)): Bed {
  const state = createBalancer(options, (limit) => limit - 1);
  const greet = (): void => {
    for (const { mac: src, at } of [CLIENT, ...SERVERS.map(({ name }) => hostOf(name))]) {
      step(state, { kind: 'frame', port: at, octets: build([ether({ src, dst: BROADCAST })]) });
    }
  };
  greet();
  step(state, { kind: 'role', isActive: true });
  const send = (octets: Uint8Array, from: Host = CLIENT): readonly Emission[] =>
    step(state, { kind: 'frame', port: from.at, octets }).flatMap((effect) =>
      effect.kind === 'emit' ? [effect] : [],
    );
  return {
    state,
    send,
    through: (frame, from): Emission => {
      const [first, ...more] = send(frame, from);
      if (first === undefined || more.length > 0) throw new Error('need one frame');
      return first;
    },
    tell: (event): readonly string[] =>
      step(state, event).map((effect) => (effect.kind === 'refused' ? effect.fault : effect.kind)),
    wait: (ms): void => {
      step(state, { kind: 'tick', nowNs: state.nowNs + BigInt(ms) * 1_000_000n });
      greet();
    },
    drops: (): Partial<Record<DropReason, number>> =>
      Object.fromEntries(
        DROP_REASONS.map((reason) => [reason, state.counters.dropped[reason]] as const).filter(
          ([, count]) => count > 0,
        ),
      ),
  };
}

/** A segment of `from` to `to`, at the switch's MAC address. */
export function segment(
  from: Host,
  to: Host,
  fields: GivenTcp = {},
  payload: string = '',
): Uint8Array {
  return build(segmentLayers(from, to, fields, payload));
}

/** The same in layers, for those who change one. */
export function segmentLayers(
  from: Host,
  to: Host,
  fields: GivenTcp = {},
  payload: string = '',
): Packet {
  return [
    ether({ src: from.mac, dst: SWITCH_MAC }),
    ipv4({ src: from.address, dst: to.address, df: 1, dscp: 10, ecn: 2, ttl: 60, id: 7 }),
    tcp({ flags: 'A', ...fields, srcPort: from.port, dstPort: to.port }),
    raw(payload),
  ];
}

/** A datagram of `from` to `to`, at the switch's MAC address. */
export function datagram(from: Host, to: Host, payload: string = 'question'): Uint8Array {
  return build([
    ether({ src: from.mac, dst: SWITCH_MAC }),
    ipv4({ src: from.address, dst: to.address, ttl: 60 }),
    udp({ srcPort: from.port, dstPort: to.port }),
    raw(payload),
  ]);
}

/** A client's SYN. */
export function syn(from: Host = CLIENT, seq: number = 1000, to: Host = VIRTUAL): Uint8Array {
  return segment(from, to, { flags: 'S', seq });
}

/** The name of the server at the port where a frame left. */
export function serverAt({ port }: Emission): string {
  const server = SERVERS[port - 1];
  if (server === undefined) throw new Error(`no server behind port ${port}`);
  return server.name;
}

/** The flags of the segment in a frame, its numbers, and where it leads. */
export function tcpOf(
  frame: Uint8Array,
): Extract<ReturnType<typeof parse>['layers'][number], { readonly kind: 'tcp' }> {
  const found = parse(frame).layers.find((each) => each.kind === 'tcp');
  if (found?.kind !== 'tcp') throw new Error('no TCP');
  return found;
}

/** Opens a connection by a whole handshake; the server that has it, and at which port. */
export function handshake(bed: Bed, client: Host = CLIENT, virtual: Host = VIRTUAL): Host {
  const asked = bed.through(syn(client, 1000, virtual), client);
  const server: Host = { ...hostOf(serverAt(asked)), port: tcpOf(asked.octets).dstPort };
  bed.through(segment(server, client, { flags: 'SA', seq: 5000, ack: 1001 }), server);
  bed.through(segment(client, virtual, { seq: 1001, ack: 5001 }), client);
  return server;
}

/** Gives a switch the least configuration with some services; throws if it refuses. */
export function configure(bed: Bed, ...services: readonly Service[]): void {
  const options: BalancerOptions = optionsOf(...services);
  if (bed.tell({ kind: 'configure', options })[0] !== 'configured') throw new Error('refused');
}

/** A client port that has not been used yet. */
export function fresh(index: number): Host {
  return { ...CLIENT, port: 42_000 + index };
}

/** The servers of so many new connections, of client ports from `from` on. */
export function nextServers(bed: Bed, count: number, from: number = 0): readonly string[] {
  return Array.from({ length: count }, (_, index) =>
    serverAt(bed.through(syn(fresh(from + index)))),
  );
}

/** The least configuration with other limits. */
export function limited(
  limits: Partial<Limits>,
  more: Partial<BalancerOptions> = {},
): BalancerOptions {
  const options = optionsOf(SERVICE);
  return { ...options, limits: { ...completeConfig(options).limits, ...limits }, ...more };
}

/** A client of a flood: another address for each number. */
export function stranger(index: number): Host {
  return { ...CLIENT, address: ipv4FromNumber(0x0b00_0000 + index), port: 1024 + (index % 60_000) };
}
