/**
 * A server of the test bed: a model host at its own address, and another at the virtual ones.
 *
 *   10.2.0.n      answers through its gateway, the server switch                        nat
 *   10.1.0.2xx    on its loopback: answers its clients itself, and does not ask for it  dsr, ipip
 */
import { formatIpv4, ipv4Address, layer, parse, PROTOCOL, type MacAddress } from 'scapy-ts';
import { createHostProcess, type HostProcess } from '../../../reference/sim/host-process.ts';
import type { Process, ProcessEffect } from '../../../reference/sim/network/process.ts';
import { createHost, type HostEvent, type HostState } from '../../../reference/sim/tcp/host.ts';
import type { Served, ServerName, ServerState, VirtualService } from '../../driver/balancer.ts';
import { BALANCER_ADDRESSES, BALANCER_MAC, type BedHost } from '../virtual-bed/hosts.ts';
import { createProgram, type Program } from '../virtual-bed/program.ts';

const ETHERNET_OCTETS = 14;

/** Who else is in the world of a server. */
export interface ServerPlace {
  readonly self: BedHost;
  readonly server: ServerName;
  readonly clients: readonly BedHost[];
  /** All that it may be asked to serve in the story. */
  readonly services: readonly VirtualService[];
  readonly random: () => number;
  readonly onServed: (served: Served) => void;
}

/** A server, whose program may change. */
export interface ServerProcess extends Process {
  readonly become: (state: ServerState, nowNs: number) => readonly ProcessEffect[];
}

interface Serving extends HostProcess {
  readonly program: Program;
  readonly endpoints: readonly Endpoint[];
  /** Connections whose clients have finished, and whose program does not see it yet. */
  readonly finished: Set<string>;
}

type Endpoint = Extract<HostEvent, { readonly kind: 'listen' }>['local'];

function eventsOf(program: Program, nowNs: number): readonly HostEvent[] {
  return program.say(nowNs).flatMap(({ id, octets, isLast }): readonly HostEvent[] => {
    const write: HostEvent = { kind: 'write', id, octets };
    return isLast ? [write, { kind: 'close', id }] : [write];
  });
}

/** A host that serves the site at each of `endpoints`. */
function serve(
  { server, onServed }: ServerPlace,
  host: HostState,
  services: readonly Pick<VirtualService, 'address' | 'port'>[],
): Serving {
  const program = createProgram(server, onServed);
  const endpoints = services.map(({ address, port }) => ({ address: ipv4Address(address), port }));
  const finished = new Set<string>();
  const process = createHostProcess(host, (notice, nowNs) => {
    const { id } = notice;
    switch (notice.kind) {
      case 'received':
        program.take(id, notice.octets, nowNs);
        return [];
      case 'peer-finished':
        if (program.state() === 'hung') {
          finished.add(id);
          return [];
        }
        program.close(id);
        return [{ kind: 'close', id }];
      case 'closed':
      case 'reset':
        program.close(id);
        return [];
      case 'opened':
      case 'sent-all':
        return [];
      default:
        return notice satisfies never;
    }
  });
  process.perform(endpoints.map(listenAt), 0);
  return { ...process, program, endpoints, finished };
}

function listenAt(local: Endpoint): HostEvent {
  return { kind: 'listen', local };
}

/** What the kernel does as the program of a host becomes another. */
function become(serving: Serving, state: ServerState, nowNs: number): readonly ProcessEffect[] {
  const { host, program, endpoints, finished } = serving;
  const wasDead = program.state() === 'dead';
  program.become(state, nowNs);
  if (state === 'hung') return [];
  const ended = [...finished];
  finished.clear();
  if (state === 'dead') {
    const ids = [...host.connections.keys()];
    const events = ids.map((id): HostEvent => ({ kind: 'abort', id }));
    const deaf = endpoints.map((local): HostEvent => ({ kind: 'unlisten', local }));
    return serving.perform([...events, ...deaf], nowNs);
  }
  for (const id of ended) program.close(id);
  const closes = ended.map((id): HostEvent => ({ kind: 'close', id }));
  return serving.perform([...(wasDead ? endpoints.map(listenAt) : []), ...closes], nowNs);
}

/** What is in a tunnel that ends here, as a frame; any other frame as it is. */
function unwrapped(octets: Uint8Array, { address }: BedHost): Uint8Array {
  const outer = layer(parse(octets).layers, 'ipv4');
  if (outer?.protocol !== PROTOCOL.ipv4 || outer.dst !== address) return octets;
  const from = ETHERNET_OCTETS + outer.ihl * 4;
  const frame = new Uint8Array(ETHERNET_OCTETS + octets.length - from);
  frame.set(octets.subarray(0, ETHERNET_OCTETS));
  frame.set(octets.subarray(from), ETHERNET_OCTETS);
  return frame;
}

function virtualHost({ self, clients, services, random }: ServerPlace): HostState {
  const neighbours = clients.map(({ address, mac }): [typeof address, MacAddress] => [
    address,
    mac,
  ]);
  // A probe of a virtual address comes from the switch itself.
  for (const address of BALANCER_ADDRESSES) neighbours.push([address, BALANCER_MAC]);
  const hidden = services.map(({ address }) => ipv4Address(address));
  return createHost({ mac: self.mac, addresses: [], hidden, neighbours, random });
}

/** The process of a server. */
export function createServerProcess(place: ServerPlace): ServerProcess {
  const { self, services, random } = place;
  const own = createHost({
    mac: self.mac,
    addresses: [self.address],
    gateway: BALANCER_MAC,
    random,
  });
  const address = formatIpv4(self.address);
  const ports = [...new Set(services.map(({ port, serverPort }) => serverPort ?? port))];
  const direct = services.filter(({ mode }) => mode !== 'nat');
  const hosts = [
    serve(
      place,
      own,
      ports.map((port) => ({ address, port })),
    ),
    serve(place, virtualHost({ ...place, services: direct }), direct),
  ];
  const isFor = ({ host }: Serving, octets: Uint8Array): boolean => {
    const { layers } = parse(octets);
    const ip = layer(layers, 'ipv4');
    if (ip === undefined) return host === own && layer(layers, 'arp') !== undefined;
    return host.addresses.has(ip.dst) || host.hidden.has(ip.dst);
  };
  return {
    become: (state, nowNs) => hosts.flatMap((each) => become(each, state, nowNs)),
    nextAtNs() {
      const times = hosts.flatMap((each) => [each.nextAtNs(), each.program.nextAtNs()]);
      const set = times.filter((time) => time !== undefined);
      return set.length === 0 ? undefined : Math.min(...set);
    },
    step(event, nowNs) {
      const octets = event.kind === 'frame' ? unwrapped(event.octets, self) : undefined;
      return hosts.flatMap((each): readonly ProcessEffect[] => {
        const isHeard = octets !== undefined && isFor(each, octets);
        const frame: readonly HostEvent[] = isHeard ? [{ kind: 'frame', octets }] : [];
        const heard = each.perform(frame, nowNs);
        return [...heard, ...each.perform(eventsOf(each.program, nowNs), nowNs)];
      });
    },
  };
}
