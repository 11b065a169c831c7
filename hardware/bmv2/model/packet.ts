/**
 * A packet on its way: what BMv2 calls the packet header vector, and what goes with it.
 *
 * Every field has a slot of its own, which is found when the program is loaded. What is up to 53
 * bits wide is a number, what is wider a bigint.
 */
import type { Resources } from './resources.ts';

/** The data of an action call; each parameter is in one of the two, at its index. */
export interface ActionData {
  readonly numbers: readonly number[];
  readonly bigs: readonly bigint[];
}

/** One packet between its reception and the end of its last copy; every step changes it. */
export interface Packet {
  /** Fields, the validity of headers (0, 1), and how full stacks are. */
  numbers: Float64Array;
  bigs: bigint[];
  varbits: Uint8Array[];
  /** Of the action that runs. */
  args: ActionData;
  /** As received. */
  octets: Uint8Array;
  /** How many octets the parser has consumed: the payload begins here. */
  at: number;
  /** What is sent is cut to so many octets. */
  limit: number;
  /** Whether `exit` was met in this pipeline. */
  exits: boolean;
  nowUs: number;
  /** What outlives the packet. */
  resources: Resources;
}

/** What one thing of a program does with a packet. */
export type Step = (packet: Packet) => void;

/** No data. */
export const NO_ARGS: ActionData = { numbers: [], bigs: [] };

/** A packet that goes its own way from here on. */
export function copyOf(packet: Packet): Packet {
  return {
    ...packet,
    numbers: packet.numbers.slice(),
    bigs: packet.bigs.slice(),
    varbits: packet.varbits.slice(),
  };
}

/** Ends a run where BMv2's process would end: the switch is gone. */
export function abort(why: string): never {
  throw new Error(`BMv2 would abort: ${why}`);
}
