/** A story of a server switch as one pcapng, with an interface for each host. */
import { pcapngInterface, pcapngPacket, pcapngSection } from 'scapy-ts';
import type { BalancerObservation } from '../driver/balancer.ts';
import { concat } from '../traffic/octets.ts';

/** Most frames of one capture. */
const FRAMES_MAX = 20_000;

/** The frames at the hosts, in time. */
export function captureOf({ frames }: Pick<BalancerObservation, 'frames'>): Uint8Array {
  const hosts = [...new Set(frames.map(({ host }) => host))];
  const packets = frames.slice(0, FRAMES_MAX).map(({ host, direction, atMs, octets }) =>
    pcapngPacket({
      interfaceId: hosts.indexOf(host),
      seconds: Math.floor(atMs / 1000),
      nanoseconds: Math.floor((atMs % 1000) * 1e6),
      octets,
      direction: direction === 'received' ? 'inbound' : 'outbound',
    }),
  );
  const interfaces = hosts.map((name) => pcapngInterface({ name }));
  return concat(pcapngSection({}), ...interfaces, ...packets);
}
