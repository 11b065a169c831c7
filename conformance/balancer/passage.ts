/**
 * What any correct server switch that does not read requests does to segments on their way: what
 * arrives was sent, once, and only what the mode changes is changed.
 *
 * Nothing is said here of what does not arrive.
 */
import { TCP_FLAG } from 'scapy-ts';
import type { BalancerProfile } from '../driver/balancer.ts';
import { hasFlags, serverAddress, serversOf } from './connection.ts';
import type { CapturedPacket, IpPacket } from './packet.ts';
import { firstFault, type Arrival, type Talk, type Told } from './talk.ts';
import { identityFault, translationFault, tunnelFault, type Fault } from './unchanged.ts';

/** What differs between a packet on one side of the switch and the same on the other. */
type Compare = (sent: IpPacket, arrived: IpPacket) => Fault;

/** What is left of `sent` after the packet that `arrived` is; a fault if it is none of them. */
function following<T extends IpPacket>(
  sent: readonly T[],
  arrived: IpPacket,
  compare: Compare,
): readonly T[] | NonNullable<Fault> {
  const nth = sent.findIndex((each) => compare(each, arrived) === undefined);
  if (nth >= 0) return sent.slice(nth + 1);
  const alike = sent.find(({ seq, flags }) => seq === arrived.seq && flags === arrived.flags);
  const fault = alike === undefined ? undefined : compare(alike, arrived);
  const { seq, flags } = arrived;
  return fault ?? { expected: 'what was sent', observed: `seq ${seq}, flags ${flags}, once more` };
}

function isFault(rest: readonly IpPacket[] | NonNullable<Fault>): rest is NonNullable<Fault> {
  return 'expected' in rest;
}

function towardsServer(
  { service: { mode } }: Talk,
  { hops, tunnelHops }: BalancerProfile,
): Compare {
  if (mode === 'dsr') return (sent, arrived) => identityFault([sent], [arrived]);
  if (mode === 'ipip') return (sent, arrived) => tunnelFault([sent], [arrived], tunnelHops);
  return (sent, arrived) => translationFault([sent], [arrived], 'destination', hops);
}

/** A segment is addressed to the server where it is, at the port where that listens. */
function addressFault(talk: Talk, { server, outer }: Arrival): Fault {
  const { mode, port, serverPort = port } = talk.service;
  const { address } = talk.caller.service;
  const isDirect = mode === 'dsr';
  const wanted = isDirect ? address : serverAddress(server);
  const wantedPort = mode === 'ipip' ? undefined : isDirect ? port : serverPort;
  const { destination, destinationPort } = outer;
  if (destination === wanted && destinationPort === wantedPort) return undefined;
  const observed = `${destination}:${destinationPort}`;
  return { expected: `${wanted}:${wantedPort} at ${server}`, observed };
}

/** Where a datagram is put together again on the way, its parts are not what was sent. */
function hasFragments({ traffic }: Talk): boolean {
  return traffic.client.sent.some(
    ({ octets, fragmentOffset }) => fragmentOffset > 0 || ((octets[6] ?? 0) & 0x20) !== 0,
  );
}

/**
 * Whatever reaches a server is what its client has sent, in order, each segment at most once, and
 * nothing of it changed but what the mode changes.
 */
export function towardsServersFault(told: Told): Fault {
  const { choices } = told;
  return firstFault(told, (talk) => {
    if (hasFragments(talk)) return undefined;
    const compare = towardsServer(talk, choices);
    let left = talk.traffic.client.sent;
    for (const arrival of talk.arrivals) {
      const { segment } = arrival;
      const rest = following(left, segment, compare);
      const isOwn = hasFlags(segment, TCP_FLAG.RST) && choices.departed === 'reset';
      if (isFault(rest) && !isOwn) return rest;
      if (!isFault(rest)) left = rest;
      const fault = addressFault(talk, arrival);
      if (fault !== undefined) return fault;
    }
    return undefined;
  });
}

function speaksItself({ strays, refusal, departed }: BalancerProfile): boolean {
  return [strays, refusal, departed].includes('reset');
}

/** What each server has sent and has not been received yet, in order. */
type Unheard = Map<string, readonly CapturedPacket[]>;

/** Takes what a client received from what servers have sent; a fault if it is nothing of that. */
function take(unheard: Unheard, packet: CapturedPacket, compare: Compare): Fault {
  let fault: Fault = { expected: 'what a server has sent', observed: `flags ${packet.flags}` };
  for (const [name, sent] of unheard) {
    const rest = following(sent, packet, compare);
    if (!isFault(rest)) {
      unheard.set(name, rest);
      return undefined;
    }
    fault = rest;
  }
  return fault;
}

/**
 * Whatever a client receives comes from the virtual endpoint, and is what a server has sent, in that
 * server's order, each segment at most once; or a RST where the switch declares that it sends any.
 */
export function towardsClientsFault(told: Told): Fault {
  const { choices } = told;
  return firstFault(told, ({ traffic, caller, service }) => {
    const { address, port } = caller.service;
    const compare: Compare = (sent, arrived) =>
      service.mode === 'nat'
        ? translationFault([sent], [arrived], 'source', choices.hops)
        : identityFault([sent], [arrived]);
    const { sent } = traffic.server;
    const unheard: Unheard = new Map(
      serversOf(sent).map((name) => [name, sent.filter(({ host }) => host === name)]),
    );
    for (const packet of traffic.client.received) {
      const { source, sourcePort } = packet;
      if (source !== address || sourcePort !== port) {
        return { expected: `packets from ${address}:${port}`, observed: `${source}:${sourcePort}` };
      }
      const fault = take(unheard, packet, compare);
      const isOwn = hasFlags(packet, TCP_FLAG.RST) && speaksItself(choices);
      if (fault !== undefined && !isOwn) return fault;
    }
    return undefined;
  });
}
