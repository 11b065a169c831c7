/** What stands around the reference server switch: sees all that goes in and out, and changes it. */
import {
  build,
  formatIpv4,
  ipv4Address,
  layer,
  parse,
  type Ether,
  type Icmpv4,
  type Ipv4,
  type Layer,
  type Tcp,
} from 'scapy-ts';
import type { Process, ProcessEffect } from '../../../../reference/sim/network/process.ts';
import { SERVER_HOSTS } from '../../virtual-bed/hosts.ts';

/** Something around the switch, made anew for each story. */
export type Wrap = () => (process: Process) => Process;

/** A frame with IPv4, read. */
export interface Read {
  readonly octets: Uint8Array;
  readonly ether: Ether;
  /** The outermost. */
  readonly ip: Ipv4;
  readonly tcp: Tcp | undefined;
  readonly icmp: Icmpv4 | undefined;
  /** It leaves for a server. */
  readonly isInbound: boolean;
  /** The client's address and port. */
  readonly caller: string;
}

const SERVERS_NETWORK = '10.2.0.';

/** Reads a frame; undefined if it has no IPv4. */
export function read(octets: Uint8Array): Read | undefined {
  const { layers } = parse(octets);
  const ether = layer(layers, 'ether');
  const ip = layer(layers, 'ipv4');
  if (ether === undefined || ip === undefined) return undefined;
  const tcp = layer(layers, 'tcp');
  const isInbound = SERVER_HOSTS.some(({ mac }) => mac === ether.dst);
  const isServers = formatIpv4(ip.src).startsWith(SERVERS_NETWORK);
  const isFromClient = isInbound || (!isServers && formatIpv4(ip.dst).startsWith('10.1.0.2'));
  const caller = isFromClient
    ? `${formatIpv4(ip.src)}:${tcp?.srcPort}`
    : `${formatIpv4(ip.dst)}:${tcp?.dstPort}`;
  return { octets, ether, ip, tcp, icmp: layer(layers, 'icmpv4'), isInbound, caller };
}

/** What of a frame is to be another. */
export interface Change {
  readonly ether?: Partial<Ether>;
  /** Of the innermost IPv4 header, which in most frames is the only one. */
  readonly ip?: Partial<Ipv4>;
  readonly tcp?: Partial<Tcp>;
}

/** The frame with other fields, and lengths and checksums that are right for them. */
export function changed(octets: Uint8Array, { ether, ip, tcp }: Change): Uint8Array {
  const { layers } = parse(octets);
  const innermost = layers.findLastIndex(({ kind }) => kind === 'ipv4');
  const isQuote = layers.some(({ kind }) => kind === 'icmpv4');
  return build(
    layers.map((each, nth): Layer => {
      if (each.kind === 'ether') return { ...each, ...ether };
      if (each.kind === 'ipv4') {
        const changes = nth === innermost ? ip : {};
        const lengths = isQuote ? {} : { totalLength: undefined };
        return { ...each, ...changes, ...lengths, checksum: undefined };
      }
      if (each.kind === 'icmpv4') return { ...each, checksum: undefined };
      if (each.kind === 'tcp') {
        return { ...each, ...tcp, dataOffset: undefined, checksum: undefined };
      }
      return each;
    }),
  );
}

/** Every IPv4 frame that leaves becomes what `edit` makes of it; undefined is nothing. */
export function leaving(
  edit: (read: Read) => Uint8Array | undefined,
  onEntry: (read: Read) => void = () => undefined,
): (process: Process) => Process {
  return (process) => ({
    nextAtNs: process.nextAtNs,
    step(event, nowNs) {
      const entered = event.kind === 'frame' ? read(event.octets) : undefined;
      if (entered !== undefined) onEntry(entered);
      return process.step(event, nowNs).flatMap((effect): readonly ProcessEffect[] => {
        const left = effect.kind === 'frame' ? read(effect.octets) : undefined;
        if (effect.kind !== 'frame' || left === undefined) return [effect];
        const octets = edit(left);
        return octets === undefined ? [] : [{ ...effect, octets }];
      });
    },
  });
}

/** Frames that leave for servers, or for clients, have other fields. */
export function changing(
  way: 'inbound' | 'outbound',
  change: (read: Read) => Change | undefined,
): Wrap {
  return () =>
    leaving((left) => {
      const isMeant = left.isInbound === (way === 'inbound');
      const wanted = isMeant ? change(left) : undefined;
      return wanted === undefined ? left.octets : changed(left.octets, wanted);
    });
}

/** Leads a frame to a server, by its place from 0. */
export function towards(place: number): Change {
  const host = SERVER_HOSTS[place % SERVER_HOSTS.length];
  if (host === undefined) throw new Error(`there is no server ${place}`);
  return { ether: { dst: host.mac }, ip: { dst: host.address } };
}

/** The virtual address that most scenarios have. */
export const VIRTUAL: Ipv4['src'] = ipv4Address('10.1.0.201');
