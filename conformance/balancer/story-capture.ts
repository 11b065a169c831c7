/** A story of a server switch as one pcapng, with an interface for each host. */
import type { BalancerObservation } from '../driver/balancer.ts';
import { captureAt } from '../traffic/capture.ts';

/** The frames at the hosts, in time; `comments` are put at the head of the file. */
export function captureOf(
  { frames }: Pick<BalancerObservation, 'frames'>,
  comments: readonly string[] = [],
): Uint8Array {
  const hosts = [...new Set(frames.map(({ host }) => host))];
  return captureAt(
    hosts,
    frames.map(({ host, direction, atMs, octets }) => ({
      place: host,
      direction: direction === 'received' ? 'inbound' : 'outbound',
      atMs,
      octets,
    })),
    comments,
  );
}
