/** A P4 switch that runs `prism.p4`, whatever carries the calls to it. */
import type { Update } from '../../../hardware/entry.ts';
import type { WriteStatus } from '../../../hardware/p4runtime/write-status.ts';
import type { TableSwitch } from '../agent/switch.ts';

/** Multicast groups by number: where copies go, and what tells them apart in the program. */
export type Groups = Readonly<
  Record<number, readonly { readonly port: number; readonly rid: number }[]>
>;

/** What `prism.p4` needs: group 1 is all bridged ports. */
export const FLOOD: Groups = { 1: [0, 1, 2, 3, 4].map((port) => ({ port, rid: 1 })) };

/** What the door needs of a P4 switch; every call may reject with `DriverFault`. */
export interface P4Switch extends Omit<TableSwitch, 'write' | 'fits'> {
  /** Each update's status, in order; within the batch the switch may take any order. */
  write(updates: readonly Update[]): Promise<readonly WriteStatus[]>;
}
