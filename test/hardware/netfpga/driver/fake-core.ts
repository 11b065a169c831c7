/**
 * The registers and tables of a core, as the description has them; it passes no frames.
 *
 * Numbers stand here as they stand there, for the driver is judged by them.
 */
import type { Registers, RegisterWrite } from '../../../../hardware/netfpga/driver/bus.ts';
import type { FlowKey } from '../../../../hardware/netfpga/driver/hash.ts';
import { slowRows } from './flow-keys.ts';

const RESET = 0x08;
const ERROR = 0x3c;
const SECONDS = 0x50;
const ADDRESS = 0x60;
const COMMAND = 0x64;
const EPOCH = 0x68;
const FENCE = 0x6c;
const FIRST_WORD = 0x80;

const [FLOWS, RULES, USAGE] = [0, 1, 2];
/** Bits of ERROR. */
const REFUSED = { epoch: 1 << 6, address: 1 << 7, busy: 1 << 8 } as const;

/** What a flow leads to. */
export interface Found {
  readonly action: number;
  /** The row of its rule, if that is valid. */
  readonly rule: readonly number[] | undefined;
  readonly index: number;
}

/** A core, and what a test may look at and change. */
export interface FakeCore extends Registers {
  /** By the table's number and the row. */
  readonly rows: Map<string, readonly number[]>;
  /** What other registers hold. */
  readonly registers: Map<number, number>;
  /** How many reads of TABLE_COMMAND see a command that still runs. */
  busyReads: number;
  /** Called after each row that is written. */
  onWrite: () => void;
  /** What the core finds for a key, in all four ways. */
  find(key: FlowKey): readonly Found[];
}

/** A core with 2^`rulesLog2` rules and 2^`flowsLog2` flows. */
export function fakeCore(rulesLog2: number, flowsLog2: number): FakeCore {
  const rows = new Map<string, readonly number[]>();
  const registers = new Map([
    [0x00, 0x5052_534d],
    [0x04, 0x0001_0000],
    [0x54, (12 << 16) | (flowsLog2 << 8) | rulesLog2],
  ]);
  const counts = new Map([
    [FLOWS, 2 ** flowsLog2],
    [RULES, 2 ** rulesLog2],
    [USAGE, 2 ** (rulesLog2 + 1)],
  ]);
  const of = (address: number): number => registers.get(address) ?? 0;
  let [busy, isRefused] = [0, false];

  function refuse(bit: number): void {
    registers.set(ERROR, of(ERROR) | bit);
    isRefused = bit !== REFUSED.busy || isRefused;
  }

  function command(value: number): void {
    if (value !== 1 && value !== 2) return;
    if (busy > 0) return refuse(REFUSED.busy);
    const table = of(ADDRESS) >>> 28;
    const row = of(ADDRESS) & 0xfff_ffff;
    if (row >= (counts.get(table) ?? 0)) return refuse(REFUSED.address);
    const name = `${table} ${row}`;
    if (value === 1 && of(EPOCH) < of(FENCE)) return refuse(REFUSED.epoch);
    isRefused = false;
    busy = core.busyReads;
    if (value === 2) {
      (rows.get(name) ?? []).forEach((word, at) => registers.set(FIRST_WORD + 4 * at, word));
      return;
    }
    registers.set(FENCE, of(EPOCH));
    rows.set(
      name,
      Array.from({ length: 16 }, (_, at) => of(FIRST_WORD + 4 * at)),
    );
    core.onWrite();
  }

  function take({ address, value }: RegisterWrite): void {
    if (address === COMMAND) command(value);
    else if (address === RESET) {
      if ((value & 2) === 2) rows.clear();
      busy = core.busyReads;
    } else registers.set(address, value);
  }

  const core: FakeCore = {
    rows,
    registers,
    busyReads: 0,
    onWrite: () => undefined,
    read: async (address) => {
      if (address === COMMAND) {
        const status = (busy > 0 ? 1 : 0) | (isRefused ? 2 : 0);
        busy = Math.max(0, busy - 1);
        return status;
      }
      const value = of(address);
      if (address === ERROR) registers.set(ERROR, 0);
      return address === SECONDS ? value & 0xffff : value;
    },
    write: async (writes) => {
      for (const each of writes) take(each);
    },
    find: (key) =>
      slowRows(key, flowsLog2).flatMap((row): readonly Found[] => {
        const [src, dst, ports = 0, last = 0] = rows.get(`${FLOWS} ${row}`) ?? [];
        const isIt =
          src === key.src &&
          dst === key.dst &&
          ports === key.srcPort * 0x1_0000 + key.dstPort &&
          (last & 3) === (key.hosts ? 3 : 1);
        if (!isIt) return [];
        const rule = rows.get(`${RULES} ${last >>> 8}`);
        const isValid = ((rule?.[0] ?? 0) & 1) === 1;
        return [{ action: (last >>> 2) & 3, rule: isValid ? rule : undefined, index: last >>> 8 }];
      }),
  };
  return core;
}
