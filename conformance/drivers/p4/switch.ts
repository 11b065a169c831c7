/** A P4 switch that runs `prism.p4`, whatever carries the calls to it. */
import type { CounterReading, Update, WriteStatus } from '../../../hardware/p4runtime/entity.ts';
import type { Hello, PortFrame } from '../../driver/device.ts';

/** Multicast groups by number: where copies go, and what tells them apart in the program. */
export type Groups = Readonly<
  Record<number, readonly { readonly port: number; readonly rid: number }[]>
>;

/** What `prism.p4` needs: group 1 is all bridged ports. */
export const FLOOD: Groups = { 1: [0, 1, 2, 3, 4].map((port) => ({ port, rid: 1 })) };

/** What the door needs of a P4 switch; every call may reject with `DriverFault`. */
export interface P4Switch {
  readonly name: string;
  readonly vendor: string;
  readonly clock: Hello['clock'];
  /** Asked first: a switch that has to be started is started then. */
  version(): Promise<string>;
  /** The program anew: empty tables, counters and registers. */
  reset(): Promise<void>;
  /** Each update's status, in order; within the batch the switch may take any order. */
  write(updates: readonly Update[]): Promise<readonly WriteStatus[]>;
  readCounter(counter: string, index: number): Promise<CounterReading>;
  /** Milliseconds since a frame last used each rule, by the rule's index. */
  readIdleMs(): Promise<ReadonlyMap<number, number>>;
  /** Resolves when all that leaves because of them has come out. */
  inject(frames: readonly PortFrame[]): Promise<void>;
  /** The frames that came out since the last call. */
  collect(): Promise<readonly PortFrame[]>;
  /** Only with a virtual clock. */
  advance(seconds: number): Promise<void>;
  close(): Promise<void>;
}
