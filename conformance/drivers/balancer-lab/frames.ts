/** Frames at the ends of cables, as the captures of hosts have them. */
import { formatMac, layer, parse, type MacAddress } from 'scapy-ts';
import type { CapturedFrame, HostName } from '../../driver/balancer.ts';
import type { SeenFrame } from '../lab/capture.ts';
import type { BedHost } from '../virtual-bed/hosts.ts';
import type { Place } from './bed.ts';
import { CLIENTS } from './network.ts';

/** Whether everybody, or a group of hosts, is spoken to. */
function isForMany(destination: MacAddress): boolean {
  return (Number.parseInt(formatMac(destination).slice(0, 2), 16) & 1) === 1;
}

/** Whether it is of IP and for one host: all else is only said to find each other. */
export function isIp({ octets }: Pick<SeenFrame<Place>, 'octets'>): boolean {
  const { layers } = parse(octets);
  const ethernet = layer(layers, 'ether');
  const isForOne = ethernet !== undefined && !isForMany(ethernet.dst);
  return isForOne && layer(layers, 'ipv4') !== undefined;
}

/**
 * The frame in the captures of those of `hosts` that are at the end of the cable: of who has sent it,
 * or of whom it is for.
 */
export function capturedOf(
  { place, direction, atMs, octets }: SeenFrame<Place>,
  hosts: readonly BedHost[],
): readonly CapturedFrame[] {
  const ethernet = layer(parse(octets).layers, 'ether');
  if (ethernet === undefined) return [];
  const isAt = (name: HostName): boolean =>
    place === CLIENTS ? !name.startsWith('s') : name === place;
  const there = hosts.filter(({ name }) => isAt(name));
  // Into the bridge is out of the host.
  if (direction === 'in') {
    const sender = there.find(({ mac }) => mac === ethernet.src);
    return sender === undefined ? [] : [{ host: sender.name, direction: 'sent', atMs, octets }];
  }
  return there
    .filter(({ mac }) => mac === ethernet.dst || isForMany(ethernet.dst))
    .map(({ name }) => ({ host: name, direction: 'received', atMs, octets }));
}
