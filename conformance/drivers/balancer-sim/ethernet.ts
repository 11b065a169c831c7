/** The Ethernet that the server switch and all hosts of the test bed are on. */
import type { Process } from '../../../reference/sim/network/process.ts';
import { BALANCER_MAC, type BedHost } from '../virtual-bed/hosts.ts';

/** The port of the Ethernet that the server switch is at. */
export const BALANCER_PORT = 0;
/** The port of the second one of a pair. */
export const SECOND_PORT = 1;

const MAC_OCTETS = 6;
const SOURCE_AT = 6;

function macAt(frame: Uint8Array, at: number): number {
  const octets = frame.subarray(at, at + MAC_OCTETS);
  return octets.reduce((address, octet) => address * 256 + octet, 0);
}

/**
 * An Ethernet that knows where everybody is, or has last spoken from: a frame reaches who it is for,
 * or everybody else where it is for a group.
 *
 * Frames for nobody are lost, so that no host hears what is not its own.
 */
export function createEthernet(hosts: readonly BedHost[]): Process {
  const everybody = [BALANCER_PORT, SECOND_PORT, ...hosts.map(({ port }) => port)];
  const ports = new Map<number, number>([
    [BALANCER_MAC, BALANCER_PORT],
    ...hosts.map(({ mac: address, port }): [number, number] => [address, port]),
  ]);
  return {
    nextAtNs: () => undefined,
    step(event) {
      if (event.kind !== 'frame') return [];
      const { octets, port: from } = event;
      ports.set(macAt(octets, SOURCE_AT), from);
      const isForGroup = ((octets[0] ?? 0) & 1) === 1;
      const to = isForGroup ? everybody : [ports.get(macAt(octets, 0))];
      return to.flatMap((port) =>
        port === undefined || port === from ? [] : [{ kind: 'frame', port, octets }],
      );
    },
  };
}
