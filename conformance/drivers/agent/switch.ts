/** A switch with tables that an agent writes, whatever carries the calls to it. */
import type { RemoteTables } from '../../../hardware/agent/remote.ts';
import type { TableEntry } from '../../../hardware/entry.ts';
import type { Hello, PortFrame } from '../../driver/device.ts';

/** What the door needs of such a switch; every call may reject with `DriverFault`. */
export interface TableSwitch extends RemoteTables {
  readonly name: string;
  readonly vendor: string;
  readonly clock: Hello['clock'];
  /** Asked first: a switch that has to be started is started then. */
  version(): Promise<string>;
  /** All anew: empty tables, counters and registers. */
  reset(): Promise<void>;
  /** Whether there is room for entries that are not there; left out, for those of every rule. */
  readonly fits?: (added: readonly TableEntry[]) => boolean;
  /** Resolves when all that leaves because of them has come out. */
  inject(frames: readonly PortFrame[]): Promise<void>;
  /** The frames that came out since the last call. */
  collect(): Promise<readonly PortFrame[]>;
  /** Only with a virtual clock. */
  advance(seconds: number): Promise<void>;
  close(): Promise<void>;
}
