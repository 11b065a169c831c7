/** ICMP messages in captures: errors with what they quote, and echo replies. RFC 792, RFC 5508. */
import { formatIpv4, layer, parse, PROTOCOL } from 'scapy-ts';
import type { CapturedPacket } from './packet.ts';

/** An ICMP error at a host; the quoted packet is as that host had sent it, if all is well. */
export interface CapturedError extends CapturedPacket {
  readonly type: number;
  readonly quotedSource: string;
  readonly quotedDestination: string;
}

/** The ICMP errors about TCP segments that hosts received. */
export function errorsIn(packets: readonly CapturedPacket[]): readonly CapturedError[] {
  return packets.flatMap((packet): readonly CapturedError[] => {
    const { layers } = parse(packet.octets, 'ipv4');
    const quoted = layers.find((each, nth) => nth > 0 && each.kind === 'ipv4');
    const icmp = layer(layers, 'icmpv4');
    const ports = layer(layers, 'tcp') ?? layer(layers, 'tcpQuote');
    if (packet.direction !== 'received' || icmp === undefined || ports === undefined) return [];
    if (quoted?.kind !== 'ipv4') return [];
    return [
      {
        ...packet,
        type: icmp.type,
        quotedSource: `${formatIpv4(quoted.src)}:${ports.srcPort}`,
        quotedDestination: `${formatIpv4(quoted.dst)}:${ports.dstPort}`,
      },
    ];
  });
}

/** The link that a client is told of by an error that says that its packet was too big. RFC 1191. */
export function tooBigFor(packets: readonly CapturedPacket[], client: string): number | undefined {
  for (const { octets, direction, destination, protocol } of packets) {
    if (direction !== 'received' || destination !== client || protocol !== PROTOCOL.icmpv4)
      continue;
    const icmp = layer(parse(octets, 'ipv4').layers, 'icmpv4');
    if (icmp?.type === 3 && icmp.code === 4) return icmp.rest & 0xffff;
  }
  return undefined;
}

const ECHO_REPLY = 0;

/** The payloads of echo replies among packets that hosts received from `address`. */
export function repliesFrom(
  packets: readonly CapturedPacket[],
  address: string,
): readonly Uint8Array[] {
  return packets.flatMap((packet) => {
    if (packet.source !== address || packet.protocol !== PROTOCOL.icmpv4) return [];
    const isReply = layer(parse(packet.octets, 'ipv4').layers, 'icmpv4')?.type === ECHO_REPLY;
    return packet.direction === 'received' && isReply
      ? [packet.octets.subarray(packet.headerOctets + 4)]
      : [];
  });
}
