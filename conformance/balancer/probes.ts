/** What the switch asks servers by itself, in captures. */
import { TCP_FLAG } from 'scapy-ts';
import type { BalancerObservation } from '../driver/balancer.ts';
import { hasFlags, serverNamed } from './connection.ts';
import { innerOf, packetsOf, type CapturedPacket, type IpPacket } from './packet.ts';

/** Clients are 10.1.0.1 to 10.1.0.100. */
const CLIENT = /^10\.1\.0\.(?:[1-9]\d?|100)$/u;

/** A SYN with which the switch itself asks a server; from a tunnel it has been taken out. */
export interface ProbeSyn extends Pick<CapturedPacket, 'host' | 'atMs'> {
  readonly packet: IpPacket;
}

/** The SYNs at servers that no client has sent. */
export function probesIn(seen: Pick<BalancerObservation, 'frames'>): readonly ProbeSyn[] {
  return packetsOf(seen).flatMap((each): readonly ProbeSyn[] => {
    const packet = innerOf(each) ?? each;
    const isSyn = hasFlags(packet, TCP_FLAG.SYN) && !hasFlags(packet, TCP_FLAG.ACK);
    const isAtServer = serverNamed(each.host) !== undefined && each.direction === 'received';
    if (!isAtServer || !isSyn || CLIENT.test(packet.source)) return [];
    return [{ host: each.host, atMs: each.atMs, packet }];
  });
}
