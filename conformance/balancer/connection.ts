/** A connection in the captures of a story: its packets at its client and at its server. */
import { PROTOCOL, TCP_FLAG } from 'scapy-ts';
import {
  SERVERS,
  type BalancerObservation,
  type ServerName,
  type VirtualService,
  type Visitor,
} from '../driver/balancer.ts';
import { innerOf, packetsOf, type CapturedPacket } from './packet.ts';
import type { Fault } from './unchanged.ts';

/** Who connects to what: a visitor, or who sends packets of which no stack knows. */
export type Caller = Pick<Visitor, 'client' | 'port' | 'service'>;

/** The address of `client n`. */
export function clientAddress(number: number): string {
  return `10.1.0.${number}`;
}

/** The address of a server. */
export function serverAddress(name: ServerName): string {
  return `10.2.0.${SERVERS.indexOf(name) + 1}`;
}

/** The server of this name; undefined for a client. */
export function serverNamed(host: string): ServerName | undefined {
  return SERVERS.find((name) => name === host);
}

/** TCP segments of a caller in time, where they are seen. */
export interface Traffic {
  readonly client: {
    readonly sent: readonly CapturedPacket[];
    readonly received: readonly CapturedPacket[];
  };
  /** At all servers; a tunnelled segment is in its outer packet. */
  readonly server: {
    readonly sent: readonly CapturedPacket[];
    readonly received: readonly CapturedPacket[];
  };
}

/** All that the captures have of a caller's segments, whatever addresses they have at a server. */
export function trafficOf(seen: BalancerObservation, { client, port, service }: Caller): Traffic {
  const own = clientAddress(client);
  const all = packetsOf(seen);
  const isTo = ({ destination, destinationPort }: CapturedPacket): boolean =>
    destination === own && destinationPort === port;
  const isFrom = (packet: CapturedPacket): boolean => {
    const isTunnelled = packet.protocol === PROTOCOL.ipv4;
    const { source, sourcePort } = (isTunnelled ? innerOf(packet) : undefined) ?? packet;
    return source === own && sourcePort === port;
  };
  const atClient = all.filter(({ host }) => host === `client ${client}`);
  const atServers = all.filter(({ host }) => serverNamed(host) !== undefined);
  return {
    client: {
      sent: atClient.filter(
        (each) =>
          each.direction === 'sent' &&
          isFrom(each) &&
          each.destination === service.address &&
          each.destinationPort === service.port,
      ),
      received: atClient.filter((each) => each.direction === 'received' && isTo(each)),
    },
    server: {
      sent: atServers.filter((each) => each.direction === 'sent' && isTo(each)),
      received: atServers.filter((each) => each.direction === 'received' && isFrom(each)),
    },
  };
}

/** The servers that packets reached, each once, in the order in which they first did. */
export function serversOf(packets: readonly CapturedPacket[]): readonly ServerName[] {
  return [...new Set(packets.flatMap(({ host }) => serverNamed(host) ?? []))];
}

/** Whether a packet has all of these TCP flags. */
export function hasFlags({ flags }: Pick<CapturedPacket, 'flags'>, wanted: number): boolean {
  return flags !== undefined && (flags & wanted) === wanted;
}

/** One server has all of a connection's segments, and the SYN was the first of them. */
export function serverFault(seen: BalancerObservation, caller: Caller): Fault {
  const { received } = trafficOf(seen, caller).server;
  const who = `client ${caller.client}:${caller.port}`;
  const servers = serversOf(received);
  if (servers.length !== 1) {
    const observed = servers.length === 0 ? 'none' : servers.join(' and ');
    return { expected: `one server of ${who}`, observed };
  }
  const [first] = received;
  if (first === undefined || hasFlags(first, TCP_FLAG.SYN)) return undefined;
  return { expected: `the SYN of ${who} first`, observed: `flags ${first.flags}` };
}

/** Every segment that a client received comes from the virtual endpoint, and none from elsewhere. */
export function sourceFault(seen: BalancerObservation, { client, service }: Caller): Fault {
  const host = `client ${client}`;
  const stray = packetsOf(seen).find(
    ({ source, sourcePort, ...each }) =>
      each.host === host &&
      each.direction === 'received' &&
      (source !== service.address || sourcePort !== service.port),
  );
  if (stray === undefined) return undefined;
  return {
    expected: `packets from ${service.address}:${service.port}`,
    observed: `one from ${stray.source}:${stray.sourcePort}`,
  };
}

/** Every segment at a server is for that server, at the port where it listens. */
export function destinationFault(
  seen: BalancerObservation,
  caller: Caller,
  { port, serverPort = port }: VirtualService,
): Fault {
  const { received } = trafficOf(seen, caller).server;
  for (const { host, destination, destinationPort } of received) {
    const name = serverNamed(host);
    const address = name === undefined ? undefined : serverAddress(name);
    if (destination !== address || destinationPort !== serverPort) {
      const observed = `${destination}:${destinationPort}`;
      return { expected: `${address}:${serverPort} at ${host}`, observed };
    }
  }
  return undefined;
}
