/** IP packets in captures, as the judge of server switches reads them. */
import { formatIpv4, formatMac, layer, parse } from 'scapy-ts';
import type { BalancerObservation, CapturedFrame } from '../driver/balancer.ts';

/** An IPv4 packet; ports and flags are undefined where they are not in it, or not understood. */
export interface IpPacket {
  /** Without what follows its end. */
  readonly octets: Uint8Array;
  readonly headerOctets: number;
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly ttl: number;
  /** DSCP and ECN. */
  readonly service: number;
  /** 0 … 8191, in units of 8 octets. */
  readonly fragmentOffset: number;
  readonly sourcePort: number | undefined;
  readonly destinationPort: number | undefined;
  /** Bits of TCP_FLAG. */
  readonly flags: number | undefined;
  readonly seq: number | undefined;
}

/** A packet in the capture at a host. */
export interface CapturedPacket extends IpPacket, Omit<CapturedFrame, 'octets'> {
  readonly sourceMac: string;
  readonly destinationMac: string;
}

/** The IPv4 packet among what was parsed; undefined if there is none. */
function packetIn(
  octets: Uint8Array,
  { layers, spans }: ReturnType<typeof parse>,
): IpPacket | undefined {
  const ip = layer(layers, 'ipv4');
  const span = spans[layers.findIndex(({ kind }) => kind === 'ipv4')];
  if (ip === undefined || span === undefined) return undefined;
  const transport = layers[layers.indexOf(ip) + 1];
  const tcp = transport?.kind === 'tcp' ? transport : undefined;
  const { src, dst, protocol, ttl, dscp, ecn, fragmentOffset, totalLength } = ip;
  return {
    octets: octets.subarray(span.at, span.at + totalLength),
    headerOctets: span.length,
    source: formatIpv4(src),
    destination: formatIpv4(dst),
    protocol,
    ttl,
    service: dscp * 4 + ecn,
    fragmentOffset,
    sourcePort: tcp?.srcPort,
    destinationPort: tcp?.dstPort,
    flags: tcp?.flags,
    seq: tcp?.seq,
  };
}

/** Reads the IPv4 packet that `octets` are; undefined if there is none. */
export function readPacket(octets: Uint8Array): IpPacket | undefined {
  return packetIn(octets, parse(octets, 'ipv4'));
}

/** The packet in the tunnel that another one is. */
export function innerOf({ octets, headerOctets }: IpPacket): IpPacket | undefined {
  return readPacket(octets.subarray(headerOctets));
}

/** What was read of captures, for as long as somebody has them: all judges look at the same. */
const known = new WeakMap<readonly CapturedFrame[], readonly CapturedPacket[]>();

/** All packets of a story, in time. */
export function packetsOf({
  frames,
}: Pick<BalancerObservation, 'frames'>): readonly CapturedPacket[] {
  const packets = known.get(frames) ?? readAll(frames);
  known.set(frames, packets);
  return packets;
}

function readAll(frames: readonly CapturedFrame[]): readonly CapturedPacket[] {
  return frames.flatMap(({ octets, ...place }): readonly CapturedPacket[] => {
    const parsed = parse(octets);
    const ethernet = layer(parsed.layers, 'ether');
    const packet = packetIn(octets, parsed);
    if (ethernet === undefined || packet === undefined) return [];
    const macs = {
      sourceMac: formatMac(ethernet.src),
      destinationMac: formatMac(ethernet.dst),
    };
    return [{ ...place, ...packet, ...macs }];
  });
}
