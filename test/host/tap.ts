/** What passes the client's end of the wire. */
import type { Tcp } from 'scapy-ts';
import { layer, mac, parse, verifyChecksums } from 'scapy-ts';
import type { Lab } from '../../reference/host/lab.ts';
import { MSG_DONTWAIT, openSocket, receive } from '../../reference/host/socket.ts';
import { SyscallError } from '../../reference/host/syscall.ts';

const AF_PACKET = 17;
const SOCK_RAW = 3;
/** All protocols, in network order. */
const ETH_P_ALL = 0x0300;

const OWNER_MAC = mac('02:00:00:00:00:0c');

/** One TCP segment of the wire. */
export interface Segment {
  readonly isFromOwner: boolean;
  readonly source: number | bigint;
  readonly tcp: Tcp;
  readonly payloadOctets: number;
  readonly hasGoodChecksums: boolean;
}

/** Listens at the client's device; the caller closes the descriptor. */
export function openTap(lab: Lab): number {
  return lab.inside('client', () => openSocket(AF_PACKET, SOCK_RAW, ETH_P_ALL));
}

/** The segments since the tap was opened or last asked. */
export function segments(tap: number): readonly Segment[] {
  const found: Segment[] = [];
  for (;;) {
    const octets = Buffer.alloc(2048);
    let length = 0;
    try {
      length = receive(tap, octets, MSG_DONTWAIT);
    } catch (error) {
      if (error instanceof SyscallError && error.errno === 'EAGAIN') return found;
      throw error;
    }
    const segment = segmentOf(octets.subarray(0, length));
    if (segment !== undefined) found.push(segment);
  }
}

function segmentOf(octets: Uint8Array): Segment | undefined {
  const { layers } = parse(octets);
  const tcp = layer(layers, 'tcp');
  const source = layer(layers, 'ipv4')?.src ?? layer(layers, 'ipv6')?.src;
  if (tcp === undefined || source === undefined) return undefined;
  return {
    isFromOwner: layer(layers, 'ether')?.src === OWNER_MAC,
    source,
    tcp,
    payloadOctets: layer(layers, 'raw')?.octets.length ?? 0,
    hasGoodChecksums: verifyChecksums(octets).every(({ valid }) => valid),
  };
}
