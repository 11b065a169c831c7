/** All frames at the ports of a switch, in and out, with the kernel's time. */
import type { Lab } from '../../../reference/host/lab.ts';
import type { TappedFrame } from '../../driver/system.ts';
import { openCapture } from './capture.ts';
import { portOf, STATIONS, SWITCH_HOST } from './network.ts';

/** The taps of a switch. */
export interface Tap {
  /**
   * The frames since the last call, in time; `zeroNs` is the time of day that counts as 0.
   *
   * Throws `DriverFault` where the kernel could not keep all.
   */
  readonly take: (zeroNs: bigint) => readonly TappedFrame[];
  readonly close: () => void;
}

/** Opens the taps at all ports. Throws SyscallError. */
export function openTap(lab: Lab): Tap {
  const ports = new Map(STATIONS.map((each) => [portOf(each), each]));
  const { take, close } = openCapture(lab, SWITCH_HOST, ports);
  return {
    take: (zeroNs) =>
      take(zeroNs).map(({ place, ...frame }) => ({ tap: place.tap, host: place.name, ...frame })),
    close,
  };
}
