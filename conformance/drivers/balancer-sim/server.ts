/**
 * A server of the test bed: a model host at its own address, and another at the virtual ones.
 *
 *   10.2.0.n      answers through its gateway, the server switch                        nat
 *   10.1.0.2xx    on its loopback: answers its clients itself, and does not ask for it  dsr, ipip
 */
import { formatIpv4, ipv4Address, layer, parse, PROTOCOL, type MacAddress } from 'scapy-ts';
import { createHostProcess, type HostProcess } from '../../../reference/sim/host-process.ts';
import type { Process, ProcessEffect } from '../../../reference/sim/network/process.ts';
import type { Origin } from '../../../reference/sim/prism/origin.ts';
import { createHost, type HostEvent, type HostState } from '../../../reference/sim/tcp/host.ts';
import type { Served, ServerName, VirtualService } from '../../driver/balancer.ts';
import { createServer } from '../sim/server.ts';
import { BALANCER_MAC, type BedHost } from './bed.ts';

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

interface Serving extends HostProcess {
  readonly origin: Origin;
}

function eventsOf(origin: Origin, nowNs: number): readonly HostEvent[] {
  return origin.say(nowNs).flatMap(({ id, octets, isLast }): readonly HostEvent[] => {
    const write: HostEvent = { kind: 'write', id, octets };
    return isLast ? [write, { kind: 'close', id }] : [write];
  });
}

/** A host that serves the site at each of `endpoints`. */
function serve(
  { server, onServed }: ServerPlace,
  host: HostState,
  endpoints: readonly Pick<VirtualService, 'address' | 'port'>[],
): Serving {
  const origin = createServer(server, ({ atMs }, head) => onServed({ server, atMs, head }));
  const process = createHostProcess(host, (notice, nowNs) => {
    switch (notice.kind) {
      case 'received':
        origin.take(notice.id, notice.octets, nowNs);
        return [];
      case 'peer-finished':
        origin.close(notice.id);
        return [{ kind: 'close', id: notice.id }];
      case 'closed':
      case 'reset':
        origin.close(notice.id);
        return [];
      case 'opened':
      case 'sent-all':
        return [];
      default:
        return notice satisfies never;
    }
  });
  const listening = endpoints.map(({ address, port }): HostEvent => {
    return { kind: 'listen', local: { address: ipv4Address(address), port } };
  });
  process.perform(listening, 0);
  return { ...process, origin };
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
  const hidden = services.map(({ address }) => ipv4Address(address));
  return createHost({ mac: self.mac, addresses: [], hidden, neighbours, random });
}

/** The process of a server. */
export function createServerProcess(place: ServerPlace): Process {
  const { self, services, random } = place;
  const own = createHost({
    mac: self.mac,
    addresses: [self.address],
    gateway: BALANCER_MAC,
    random,
  });
  const address = formatIpv4(self.address);
  const translated = services.filter(({ mode }) => mode === 'nat');
  const ports = [...new Set(translated.map(({ port, serverPort }) => serverPort ?? port))];
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
    nextAtNs() {
      const times = hosts.flatMap((each) => [each.nextAtNs(), each.origin.nextAtNs()]);
      const set = times.filter((time) => time !== undefined);
      return set.length === 0 ? undefined : Math.min(...set);
    },
    step(event, nowNs) {
      const octets = event.kind === 'frame' ? unwrapped(event.octets, self) : undefined;
      return hosts.flatMap((each): readonly ProcessEffect[] => {
        const isHeard = octets !== undefined && isFor(each, octets);
        const frame: readonly HostEvent[] = isHeard ? [{ kind: 'frame', octets }] : [];
        const heard = each.perform(frame, nowNs);
        return [...heard, ...each.perform(eventsOf(each.origin, nowNs), nowNs)];
      });
    },
  };
}
